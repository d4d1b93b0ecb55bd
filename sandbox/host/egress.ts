import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { constants } from 'node:os';
import { type EgressRule, normalName, parseEgressRule } from './egress-rules.ts';
import type { Resolve } from './name-lookups.ts';
import { parseAddress, specialPurpose } from './special-addresses.ts';

/** Which addresses scripts may reach. Asked for every new socket, whatever protocol runs over it. */
export interface EgressPolicy {
  /**
   * What to hand to net.connect or tls.connect. An address is judged at once, and throws when it is refused; a name is
   * judged by `lookup`, on all the addresses that the one look-up found, and the socket goes to one of these.
   */
  socketOptions(host: string, port: number): { host: string; port: number; lookup?: LookupFunction };
  /**
   * The addresses of a name, for scripts whose driver looks names up itself. A name that stands for an address out of
   * bounds is not found. An address that an allowed name was found to have may then be reached as the name may.
   */
  lookup(name: string, family: number): Promise<LookupAddress[]>;
  /**
   * Which of the addresses that DNS has for a name a script may know, remembered as by `lookup`; `refused` says why it
   * may not know another.
   */
  known(name: string, addresses: readonly string[]): { addresses: string[]; refused: string | undefined };
}

/** Why the policy refused, for the log: kept beside the error, where a script cannot see it. */
const reasons = new WeakMap<object, string>();

/** The reason an error is a refusal of the policy, or undefined when it is something else. */
export function egressBlockReason(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? reasons.get(error) : undefined;
}

/** `allow`: see parseEgressRule. Throws an Error that names the first entry that cannot be read. */
export function createEgressPolicy(options: {
  allow: readonly string[];
  /** Public addresses are out of bounds, too: for tests, which touch no network unless they say so. */
  onlyAllowed?: boolean;
  /** The system's resolver, unless a test brings its own. */
  resolve?: Resolve;
}): EgressPolicy {
  const rules = options.allow.map(parseEgressRule);
  const resolve = options.resolve ?? (systemLookup as Resolve);
  /** Addresses in the order in which they were found, each with the allowed names that it belongs to. */
  const namesOf = new Map<string, Set<string>>();

  /** Without a port: whether it is out of bounds at every port. */
  function reasonAgainst(address: string, port?: number): string | undefined {
    const parsed = parseAddress(address);
    const special = specialPurpose(parsed) ?? (options.onlyAllowed ? 'not allowed' : undefined);
    if (special === undefined) return;
    const names = [...(namesOf.get(address) ?? [])];
    const isAllowed = rules.some(
      (rule) => holds(rule, port) && (rule.matchesAddress(parsed) || names.some(rule.matchesName)),
    );
    if (isAllowed) return;
    if (options.onlyAllowed) return `${address} ${notInTests}`;
    return `${address} is ${special}${port === undefined ? '' : advice(address, port, special)}`;
  }

  function remember(address: string, name: string): void {
    const names = namesOf.get(address) ?? new Set();
    if (names.size < MAX_NAMES_OF_ADDRESS) names.add(name);
    namesOf.delete(address);
    namesOf.set(address, names);
    if (namesOf.size > MAX_ADDRESSES) namesOf.delete(namesOf.keys().next().value!);
  }

  function known(name: string, addresses: readonly string[]) {
    const normal = normalName(name);
    if (rules.some((rule) => rule.matchesName(normal))) {
      for (const address of addresses) remember(address, normal);
      return { addresses: [...addresses], refused: undefined };
    }
    const reasons = addresses.map((address) => reasonAgainst(address));
    return {
      addresses: addresses.filter((_address, index) => reasons[index] === undefined),
      refused: reasons.find((reason) => reason !== undefined),
    };
  }

  function lookupFor(port: number, judge: (address: string) => string | undefined): LookupFunction {
    return (name, { all, family }, callback) => {
      resolve(name, { all: true, order: 'verbatim', family: familyNumber(family) }, (error, addresses) => {
        if (error) return callback(error, '');
        const reason = addresses.map(({ address }) => judge(address)).find(Boolean);
        if (reason) return callback(refusal(name, port, reason), '');
        if (all) return callback(null, addresses);
        callback(null, addresses[0]!.address, addresses[0]!.family);
      });
    };
  }

  return {
    socketOptions(host, port) {
      if (isIP(host) !== 0) {
        const reason = reasonAgainst(host, port);
        if (reason) throw refusal(host, port, reason);
        return { host, port };
      }
      const name = normalName(host);
      if (rules.some((rule) => holds(rule, port) && rule.matchesName(name)))
        return { host, port, lookup: lookupFor(port, () => undefined) };
      return { host, port, lookup: lookupFor(port, (address) => reasonAgainst(address, port)) };
    },
    lookup: (name, family) =>
      new Promise((done, fail) => {
        resolve(name, { all: true, order: 'verbatim', family }, (error, addresses) => {
          if (error) return fail(error);
          const { refused } = known(
            name,
            addresses.map(({ address }) => address),
          );
          if (refused === undefined) done(addresses);
          else fail(notFound(name, refused));
        });
      }),
    known,
  };
}

const MAX_ADDRESSES = 1_000;
const MAX_NAMES_OF_ADDRESS = 20;

const notInTests = 'is not in egressAllow: sockets of a script under test reach nothing else';

/** For the operator whose user store is near by; nobody is advised to open a metadata service. */
function advice(address: string, port: number, special: string): string {
  if (!['loopback', 'private', 'uniqueLocal'].includes(special)) return '';
  const entry = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return `; if scripts may reach it, add ${entry} to DRAWBRIDGE_EGRESS_ALLOW`;
}

function holds(rule: EgressRule, port: number | undefined): boolean {
  return port === undefined || rule.port === undefined || rule.port === port;
}

function familyNumber(family: number | 'IPv4' | 'IPv6' | undefined): number {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : (family ?? 0);
}

function notFound(name: string, reason: string): Error {
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
    code: 'ENOTFOUND',
    errno: -3008,
    syscall: 'getaddrinfo',
    hostname: name,
  });
  reasons.set(error, reason);
  return error;
}

/** Looks like a port that nobody listens on, so that a script learns nothing about the network around the service. */
function refusal(host: string, port: number, reason: string): Error {
  const hint = reason.endsWith(notInTests) ? ` (${reason})` : '';
  const error = Object.assign(new Error(`connect ECONNREFUSED ${host}:${port}${hint}`), {
    code: 'ECONNREFUSED',
    errno: -constants.errno.ECONNREFUSED,
    syscall: 'connect',
    address: host,
    port,
  });
  reasons.set(error, reason);
  return error;
}
