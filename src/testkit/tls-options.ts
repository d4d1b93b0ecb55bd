import type { RequestOptions } from 'node:https';
import { getCACertificates } from 'node:tls';
import type { UpstreamTls } from '../../sandbox/contract/upstream-tls.ts';

/** The TLS settings of a script's request as `https.request` takes them. */
export function tlsOptions(settings: UpstreamTls | undefined): RequestOptions {
  if (!settings) return {};
  const { checkServerIdentity, ca, extraCa, ...rest } = settings;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const authorities = extraCa ? [...(ca ?? getCACertificates()), ...extraCa] : ca;
  return {
    ...given,
    ...(authorities ? { ca: authorities } : {}),
    ...(checkServerIdentity === false ? { checkServerIdentity: () => undefined } : {}),
  };
}
