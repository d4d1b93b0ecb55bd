import { hostPromise } from '../bridge.ts';
import { stubs } from '../not-implemented.ts';
import { coded } from './http-headers.ts';
import { isIP } from './net-address.ts';
import { markSystemLookup } from './net-lookup.ts';

interface Found {
  address: string;
  family: number;
}
interface LookupOptions {
  family?: number | 'IPv4' | 'IPv6';
  all?: boolean;
}
type Callback = (error: Error | null, ...results: unknown[]) => void;

async function find(hostname: string, { family }: LookupOptions): Promise<Found[]> {
  // As node:dns: nothing stands for this machine.
  if (!hostname) return [{ address: '127.0.0.1', family: 4 }];
  const version = family === 4 || family === 'IPv4' ? 4 : family === 6 || family === 'IPv6' ? 6 : 0;
  return (await hostPromise('dns.lookup', { hostname, family: version })).value;
}

/** `lookup(hostname, [options | family], callback)` */
function lookup(hostname: string, ...rest: unknown[]): object {
  const callback = callbackOf(rest);
  const options = (typeof rest[0] === 'number' ? { family: rest[0] } : (rest[0] ?? {})) as LookupOptions;
  find(hostname, options).then((found) => {
    if (options.all) callback(null, found);
    else callback(null, found[0]?.address, found[0]?.family);
  }, callback);
  return {};
}
markSystemLookup(lookup);

const records = (hostname: string, type: string) =>
  hostPromise('dns.resolve', { hostname, type }).then(({ value }) => value as unknown);

const functionsByType = {
  resolve4: 'A',
  resolve6: 'AAAA',
  resolveCname: 'CNAME',
  resolveMx: 'MX',
  resolveNs: 'NS',
  resolveSrv: 'SRV',
  resolveTxt: 'TXT',
} as const;

const promised = {
  resolve: (hostname: string, type = 'A') => records(hostname, type),
  ...Object.fromEntries(
    Object.entries(functionsByType).map(([name, type]) => [
      name,
      (hostname: string) => records(hostname, type),
    ]),
  ),
};

const withCallbacks = Object.fromEntries(
  Object.entries(promised).map(([name, ask]) => [
    name,
    (hostname: string, ...rest: unknown[]) => {
      const callback = callbackOf(rest);
      const type = name === 'resolve' && typeof rest[0] === 'string' ? rest[0] : undefined;
      ask(hostname, type).then((value) => callback(null, value), callback);
    },
  ]),
);

function callbackOf(rest: unknown[]): Callback {
  const callback = rest.pop();
  if (typeof callback === 'function') return callback as Callback;
  throw coded('ERR_INVALID_ARG_TYPE', 'The "callback" argument must be of type function');
}

/** The name servers are the host's; a resolver of one's own asks the same ones. */
class PromisedResolver {
  setServers(): void {}
  getServers(): string[] {
    return [];
  }
  cancel(): void {}
}
class Resolver extends PromisedResolver {}
Object.assign(PromisedResolver.prototype, promised);
Object.assign(Resolver.prototype, withCallbacks);

const absent = 'lookupService resolveAny resolveCaa resolveNaptr resolvePtr resolveSoa reverse';
const settings = {
  getServers: (): string[] => [],
  setServers(): void {},
  getDefaultResultOrder: () => 'verbatim',
  setDefaultResultOrder(): void {},
  ADDRCONFIG: 1024,
  V4MAPPED: 2048,
  ALL: 256,
  NODATA: 'ENODATA',
  NOTFOUND: 'ENOTFOUND',
  SERVFAIL: 'ESERVFAIL',
  TIMEOUT: 'ETIMEOUT',
  CANCELLED: 'ECANCELLED',
};

/** node:dns. Addresses that a script may not reach are not found. */
export const dns = {
  ...settings,
  lookup,
  ...withCallbacks,
  Resolver,
  ...stubs('dns', absent),
  promises: {
    ...settings,
    async lookup(hostname: string, options: LookupOptions | number = {}): Promise<unknown> {
      const given = typeof options === 'number' ? ({ family: options } as LookupOptions) : options;
      const found = await find(hostname, given);
      return given.all ? found : (found[0] ?? { address: hostname, family: isIP(hostname) });
    },
    ...promised,
    Resolver: PromisedResolver,
    ...stubs('dns.promises', absent),
  },
};
