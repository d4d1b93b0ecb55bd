import { callHost } from '../bridge.ts';
import { tlsOptionsOf } from './http-agent.ts';
import type { Options } from './net-options.ts';

export type NameCheck = (host: string, certificate: object) => Error | undefined;

/** What `tls.createSecureContext` makes: its options, which cross with each connection. */
export class SecureContext {
  readonly options: Options;
  /** Libraries look whether it is there. */
  readonly context = {};

  constructor(options: Options) {
    this.options = options;
  }
}

/** Throws OpenSSL's error for what is no certificate or key, as node:tls does. */
export function createSecureContext(options: Options = {}): SecureContext {
  const tls = tlsOptionsOf(options);
  if (tls && (tls.ca ?? tls.cert ?? tls.key) !== undefined) callHost('tls.checkContext', { tls });
  return new SecureContext(options);
}

/** As node:tls: undefined when the certificate is the host's, else the error that says why not. */
export function checkServerIdentity(host: string, certificate: Record<string, unknown>): Error | undefined {
  const { subject, subjectaltname } = certificate;
  const { value } = callHost('tls.checkServerIdentity', { host, certificate: { subject, subjectaltname } });
  if (value === null) return undefined;
  const { message, code } = value as { message: string; code?: string };
  return Object.assign(new Error(message), { code, host, cert: certificate });
}

/** The options of `tls.connect` in the form in which they cross. `reportOnly`: for `new TLSSocket`. */
export function crossingOptions(options: Options, reportOnly: boolean): Options {
  const context = options.secureContext instanceof SecureContext ? options.secureContext.options : undefined;
  const { ALPNProtocols: alpn, host } = options;
  return {
    ...tlsOptionsOf(context, options),
    ...(typeof host === 'string' && host !== '' ? { host } : {}),
    ...(Array.isArray(alpn) && alpn.every((name) => typeof name === 'string') ? { alpn } : {}),
    ...(ownNameCheck(options) ? { skipNameCheck: true } : {}),
    ...(reportOnly ? { reportOnly: true } : {}),
  };
}

/** The script's own check of the peer's name, which is run here when the handshake is done. */
export function ownNameCheck({ checkServerIdentity: given }: Options): NameCheck | undefined {
  return typeof given === 'function' && given !== checkServerIdentity ? (given as NameCheck) : undefined;
}

/** What a certificate's name is compared with, in node:tls's order. */
export function expectedName({ servername, host }: Options, socketHost: string | null | undefined): string {
  if (typeof servername === 'string' && servername !== '') return servername;
  if (typeof host === 'string' && host !== '') return host;
  return socketHost ?? 'localhost';
}
