import { notImplemented } from '../not-implemented.ts';
import { coded } from './http-headers.ts';

export type Order = 'verbatim' | 'ipv4first' | 'ipv6first';

export interface LookupOptions {
  family: 0 | 4 | 6;
  all: boolean;
  order: Order;
}

export type Callback = (error: Error | null, ...results: unknown[]) => void;

const orders = ['verbatim', 'ipv4first', 'ipv6first'];
const families = new Map<unknown, 0 | 4 | 6>([
  [0, 0],
  [4, 4],
  [6, 6],
  ['IPv4', 4],
  ['IPv6', 6],
]);

/** The record types there are, and those of node:dns that scripts must do without. */
export const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'];
const absentTypes = ['ANY', 'CAA', 'NAPTR', 'PTR', 'SOA', 'TLSA'];

/** A number is the family. Throws Node's errors. */
export function readLookupOptions(given: unknown, defaultOrder: Order): LookupOptions {
  if (typeof given === 'number') return readLookupOptions({ family: given }, defaultOrder);
  if (given !== undefined && typeof given !== 'object')
    throw wrongType('options', 'integer or object', given);
  const { family, all, verbatim, order } = (given ?? {}) as Record<string, unknown>;
  if (all !== undefined && all !== null && typeof all !== 'boolean') {
    throw wrongType('options.all', 'boolean', all);
  }
  const version = families.get(family ?? 0);
  if (version === undefined) throw wrongValue('options.family', family);
  const fromVerbatim = typeof verbatim === 'boolean' ? (verbatim ? 'verbatim' : 'ipv4first') : defaultOrder;
  return { family: version, all: all === true, order: readOrder(order ?? fromVerbatim) };
}

export function readOrder(order: unknown): Order {
  if (orders.includes(order as string)) return order as Order;
  throw wrongValue('options.order', order);
}

export function readName(hostname: unknown): string {
  if (typeof hostname !== 'string') throw wrongType('hostname', 'string', hostname);
  if (hostname.includes('\0')) throw wrongValue('hostname', hostname);
  return hostname;
}

/** Throws by name for the types that are not to be had, and Node's errors for what is none. */
export function readRecordType(type: unknown): string {
  if (typeof type !== 'string') throw wrongType('rrtype', 'string', type);
  if (recordTypes.includes(type)) return type;
  if (absentTypes.includes(type)) throw notImplemented(`dns.resolve for records of the type ${type}`);
  throw wrongValue('rrtype', type);
}

/** Takes the last of the arguments off, which must be a function. */
export function takeCallback(rest: unknown[]): Callback {
  const callback = rest.pop();
  if (typeof callback === 'function') return callback as Callback;
  throw wrongType('callback', 'function', callback);
}

function wrongType(name: string, type: string, value: unknown): Error {
  const received = value === null ? 'null' : `type ${typeof value}`;
  return coded(
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" argument must be of type ${type}. Received ${received}`,
  );
}

function wrongValue(name: string, value: unknown): Error {
  return coded('ERR_INVALID_ARG_VALUE', `The argument '${name}' is invalid. Received ${String(value)}`);
}
