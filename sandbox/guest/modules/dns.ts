import { hostPromise } from '../bridge.ts';
import { nextTick } from '../next-tick.ts';
import { notImplemented, stubs } from '../not-implemented.ts';
import {
  type LookupOptions,
  type Order,
  readLookupOptions,
  readName,
  readOrder,
  readRecordType,
  takeCallback,
} from './dns-options.ts';
import { isIP } from './net-address.ts';
import { markSystemLookup } from './net-lookup.ts';

interface Found {
  address: string;
  family: number;
}

let defaultOrder: Order = 'verbatim';

async function find(hostname: string, { family, order }: LookupOptions): Promise<Found[]> {
  const version = isIP(hostname);
  if (version !== 0) return [{ address: hostname, family: version }];
  const found: Found[] = (await hostPromise('dns.lookup', { hostname, family })).value;
  if (order === 'verbatim') return found;
  const first = order === 'ipv4first' ? 4 : 6;
  return found.toSorted((a, b) => Number(b.family === first) - Number(a.family === first));
}

/** `lookup(hostname, [options | family], callback)` */
function lookup(hostname: unknown, ...rest: unknown[]): object {
  const callback = takeCallback(rest);
  const options = readLookupOptions(rest[0], defaultOrder);
  if (!hostname) {
    if (options.all) nextTick(callback as () => void, null, []);
    else nextTick(callback as () => void, null, null, options.family === 6 ? 6 : 4);
    return {};
  }
  find(readName(hostname), options).then((found) => {
    if (options.all) callback(null, found);
    else callback(null, found[0]?.address, found[0]?.family);
  }, callback);
  return {};
}
markSystemLookup(lookup);

async function lookupPromised(hostname: unknown, given?: unknown): Promise<unknown> {
  const options = readLookupOptions(given, defaultOrder);
  if (!hostname) return options.all ? [] : { address: null, family: options.family === 6 ? 6 : 4 };
  const found = await find(readName(hostname), options);
  return options.all ? found : found[0];
}

// As in Node, an object of both results.
Object.defineProperty(lookup, Symbol.for('nodejs.util.promisify.custom'), { value: lookupPromised });

/** Throws at once for what is no question; `options` are those of `resolve4` and `resolve6`. */
function ask(hostname: unknown, type: unknown, options?: unknown): Promise<unknown> {
  const question = { hostname: readName(hostname), type: readRecordType(type) };
  if ((options as { ttl?: unknown } | undefined)?.ttl)
    throw notImplemented('dns.resolve with the option ttl');
  return hostPromise('dns.resolve', question).then(({ value }) => value);
}

const typesByFunction = {
  resolve4: 'A',
  resolve6: 'AAAA',
  resolveCname: 'CNAME',
  resolveMx: 'MX',
  resolveNs: 'NS',
  resolveSrv: 'SRV',
  resolveTxt: 'TXT',
} as const;

const promised = {
  resolve: async (hostname: unknown, type: unknown = 'A') => ask(hostname, type),
  ...Object.fromEntries(
    Object.entries(typesByFunction).map(([name, type]) => [
      name,
      async (hostname: unknown, options?: unknown) => ask(hostname, type, options),
    ]),
  ),
};

const withCallbacks = {
  resolve(hostname: unknown, ...rest: unknown[]): void {
    const callback = takeCallback(rest);
    ask(hostname, rest.length > 0 ? rest[0] : 'A').then((records) => callback(null, records), callback);
  },
  ...Object.fromEntries(
    Object.entries(typesByFunction).map(([name, type]) => [
      name,
      (hostname: unknown, ...rest: unknown[]): void => {
        const callback = takeCallback(rest);
        ask(hostname, type, rest[0]).then((records) => callback(null, records), callback);
      },
    ]),
  ),
};

/** The name servers are the host's; a resolver of one's own asks the same ones. */
class PromisedResolver {
  setServers(): void {}
  setLocalAddress(): void {}
  getServers(): string[] {
    return [];
  }
  cancel(): void {}
}
class Resolver extends PromisedResolver {}
Object.assign(PromisedResolver.prototype, promised);
Object.assign(Resolver.prototype, withCallbacks);

const absent = 'lookupService resolveAny resolveCaa resolveNaptr resolvePtr resolveSoa resolveTlsa reverse';
const settings = {
  getServers: (): string[] => [],
  setServers(): void {},
  getDefaultResultOrder: () => defaultOrder,
  setDefaultResultOrder(order: unknown): void {
    defaultOrder = readOrder(order);
  },
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
    lookup: lookupPromised,
    ...promised,
    Resolver: PromisedResolver,
    ...stubs('dns.promises', absent),
  },
};
