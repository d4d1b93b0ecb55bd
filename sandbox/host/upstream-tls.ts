import * as tls from 'node:tls';
import type { UpstreamTls } from '../contract/upstream-tls.ts';

/**
 * The settings of a script as `tls.connect` takes them. The context is made once for all sockets of one set. Throws
 * what OpenSSL says of a certificate, a key or a list of ciphers that it cannot use.
 */
export function connectOptions(settings: UpstreamTls): tls.ConnectionOptions {
  const { rejectUnauthorized, checkServerIdentity, servername, ca, extraCa, ...context } = settings;
  const authorities = extraCa ? [...(ca ?? tls.getCACertificates()), ...extraCa] : ca;
  return {
    secureContext: tls.createSecureContext({
      ...given(context),
      ...(authorities ? { ca: authorities } : {}),
    }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(checkServerIdentity === false ? { checkServerIdentity: () => undefined } : {}),
    ...(servername === undefined ? {} : { servername }),
  };
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
}
