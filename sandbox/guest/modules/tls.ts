import type { Duplex } from 'readable-stream';
import { callHost } from '../bridge.ts';
import { stubs } from '../not-implemented.ts';
import { type Options, readConnectArguments } from './net-options.ts';
import { checkServerIdentity, createSecureContext, tlsDefaults } from './tls-connect-options.ts';
import { TLSSocket } from './tls-socket.ts';

/** `(options)`, `(port, host, options)`, each with a listener for `secureConnect` after it. */
function connect(...args: unknown[]): TLSSocket {
  const { options: given, listener } = readConnectArguments(args);
  const more = args.find((arg, index) => index > 0 && typeof arg === 'object' && arg !== null);
  const options: Options = { ...given, ...(more as Options | undefined) };
  const under = options.socket as Duplex | undefined;
  const socket = new TLSSocket(under, options, true);
  if (listener) socket.once('secureConnect', listener);
  if (!under) socket.connect(options);
  else if (typeof options.timeout === 'number') socket.setTimeout(options.timeout);
  return socket;
}

const hostList = (op: string) => callHost(op, null).value as string[];

/** node:tls, the client's half, by the host's OpenSSL. */
export const tls = {
  TLSSocket,
  connect,
  checkServerIdentity,
  createSecureContext,
  SecureContext: createSecureContext,
  get DEFAULT_MIN_VERSION(): string {
    return tlsDefaults.minVersion ?? 'TLSv1.2';
  },
  set DEFAULT_MIN_VERSION(version: string) {
    tlsDefaults.minVersion = version;
  },
  get DEFAULT_MAX_VERSION(): string {
    return tlsDefaults.maxVersion ?? 'TLSv1.3';
  },
  set DEFAULT_MAX_VERSION(version: string) {
    tlsDefaults.maxVersion = version;
  },
  DEFAULT_ECDH_CURVE: 'auto',
  get rootCertificates(): string[] {
    return hostList('tls.rootCertificates');
  },
  getCACertificates: () => hostList('tls.rootCertificates'),
  ...stubs('tls', 'createServer createSecurePair getCiphers Server'),
};
