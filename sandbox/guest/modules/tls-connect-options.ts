import { callHost } from '../bridge.ts';
import type { Options } from './net-options.ts';
import { tlsOptionsOf } from './tls-options.ts';
import { SecureContext } from './tls-secure-context.ts';

export type NameCheck = (host: string, certificate: object) => Error | undefined;

/** What node:tls keeps as properties of the module that scripts may set. */
export const tlsDefaults: { minVersion?: string; maxVersion?: string } = {};

/** What a context is made of, inherited options too, as tedious hands them over; with one, `tls.connect` goes by it alone. */
const contextOptions = [
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'minVersion',
  'maxVersion',
  'ciphers',
  'secureProtocol',
  'secureOptions',
  'sigalgs',
  'ecdhCurve',
];

/** Throws OpenSSL's error for what is no certificate or key, as node:tls does. */
export function createSecureContext(options: Options = {}): SecureContext {
  const given = contextOptions.filter((name) => options[name] !== undefined);
  const ofContext = { ...tlsDefaults, ...Object.fromEntries(given.map((name) => [name, options[name]])) };
  const tls = tlsOptionsOf({ ...ofContext, rejectUnauthorized: true });
  if (tls) callHost('tls.checkContext', { tls });
  return new SecureContext(ofContext);
}

/** As node:tls: undefined when the certificate is the host's, else the error that says why not. */
export function checkServerIdentity(host: string, certificate: Record<string, unknown>): Error | undefined {
  const { subject, subjectaltname } = certificate;
  const { value } = callHost('tls.checkServerIdentity', {
    host: String(host),
    certificate: { subject, subjectaltname },
  });
  if (value === null) return undefined;
  const { message, ...fields } = value as { message: string };
  return Object.assign(new Error(message), fields, { cert: certificate });
}

/**
 * The options of `tls.connect` in the form in which they cross. `socketHost`: the name that the socket under it was
 * connected to. `reportOnly`: for `new TLSSocket`.
 */
export function crossingOptions(
  options: Options,
  socketHost: string | null | undefined,
  reportOnly: boolean,
): Options {
  const { ALPNProtocols: alpn, checkServerIdentity: _checkedHere, ...others } = options;
  return {
    ...tlsOptionsOf(tlsDefaults, withContext(others)),
    host: expectedName(options, socketHost),
    ...(Array.isArray(alpn) ? { alpn: alpn.map(String) } : {}),
    ...(ownNameCheck(options) ? { skipNameCheck: true } : {}),
    ...(reportOnly ? { reportOnly: true } : {}),
  };
}

function withContext(options: Options): Options {
  const { secureContext, ...given } = options;
  if (!(secureContext instanceof SecureContext)) return given;
  const others = Object.entries(given).filter(([name]) => !contextOptions.includes(name));
  return { ...Object.fromEntries(others), ...secureContext.options };
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
