import type { UpstreamTls } from '../../contract/upstream-tls.ts';
import { notImplemented } from '../not-implemented.ts';
import { rejectUnauthorizedByDefault } from '../tls-defaults.ts';
import { nodeError } from './crypto-errors.ts';
import { keyTexts, openPfx, pemTexts } from './tls-key-material.ts';
import { SecureContext } from './tls-secure-context.ts';

export type TlsOptions = UpstreamTls;

type Options = Record<string, unknown>;

/** Cross as they are. */
const plainNames = [
  'servername',
  'minVersion',
  'maxVersion',
  'secureProtocol',
  'secureOptions',
  'ciphers',
  'sigalgs',
  'ecdhCurve',
] as const;
const otherNames = ['rejectUnauthorized', 'checkServerIdentity', 'ca', 'cert', 'key', 'pfx', 'passphrase'];
/** What the bridge does not carry. */
const notAvailable = ['crl', 'pskCallback', 'dhparam', 'ticketKeys'];

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** Whether there is any, the defaults apart. */
export function hasTlsOptions(options: Options): boolean {
  return [...plainNames, ...otherNames, ...notAvailable, 'secureContext'].some(
    (name) => options[name] !== undefined,
  );
}

/**
 * The TLS settings among the options of a request and of its agent, in the form in which they cross; later sources
 * count. Throws what node:tls throws, and by name what cannot be honoured.
 */
export function tlsOptionsOf(...sources: (Options | undefined)[]): TlsOptions | undefined {
  const merged: Options = Object.assign({}, ...sources.map(given));
  for (const name of notAvailable) if (merged[name]) throw notImplemented(`the TLS option ${name}`);
  const tls: Options = {};
  const { rejectUnauthorized = rejectUnauthorizedByDefault(), ca, cert, key, pfx, passphrase } = merged;
  if (rejectUnauthorized === false) tls.rejectUnauthorized = false;
  if (skipsIdentity(merged.checkServerIdentity)) tls.checkServerIdentity = false;
  if (ca) tls.ca = pemTexts(ca, 'ca');
  if (cert) tls.cert = pemTexts(cert, 'cert');
  if (key) tls.key = keyTexts(key, passphrase);
  if (pfx) addPfx(tls, pfx, passphrase);
  for (const name of plainNames) if (merged[name]) tls[name] = merged[name];
  checkVersion('minimum', tls.minVersion);
  checkVersion('maximum', tls.maxVersion);
  return Object.keys(tls).length > 0 ? (tls as TlsOptions) : undefined;
}

/** An option that is there and undefined does not hide another's; those of a secure context come first. */
function given(options: Options | undefined): Options {
  const context = options?.secureContext instanceof SecureContext ? options.secureContext.options : {};
  const own = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return { ...context, ...Object.fromEntries(own) };
}

function addPfx(tls: Options, pfx: unknown, passphrase: unknown): void {
  const { key, cert, extraCa } = openPfx(pfx, passphrase);
  tls.key = [...((tls.key as string[] | undefined) ?? []), ...key];
  tls.cert = [...((tls.cert as string[] | undefined) ?? []), ...cert];
  if (extraCa.length > 0) tls.extraCa = extraCa;
}

function checkVersion(which: string, version: unknown): void {
  if (version === undefined || versions.includes(version as string)) return;
  const message = `${JSON.stringify(version)} is not a valid ${which} TLS protocol version`;
  throw nodeError(TypeError, 'ERR_TLS_INVALID_PROTOCOL_VERSION', message);
}

/**
 * A function cannot cross to where the certificate is. One that finds nothing wrong without a look at the certificate
 * finds nothing wrong with any, and is honoured as that. Throws by name for all others: to leave a check of the
 * script's own out in silence would be wrong.
 */
function skipsIdentity(check: unknown): boolean {
  if (typeof check !== 'function') return false;
  let looked = false;
  const trap = () => {
    looked = true;
    return undefined;
  };
  const certificate = new Proxy(
    {},
    { get: trap, has: () => Boolean(trap()), ownKeys: () => [trap()].slice(1) as [] },
  );
  let problem: unknown;
  try {
    problem = check('upstream.invalid', certificate);
  } catch (error) {
    problem = error;
  }
  if (!problem && !looked) return true;
  throw notImplemented('a checkServerIdentity that looks at the certificate');
}
