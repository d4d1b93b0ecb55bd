import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { EgressLists as OwnLists } from '../contract/definition.ts';
import { notFound, refusal } from './egress-errors.ts';
import { createEgressJudge } from './egress-judge.ts';
import { normalName, parseEgressRule } from './egress-rules.ts';
import type { Resolve } from './name-lookups.ts';
import { parseAddress } from './special-addresses.ts';

/** Which addresses the scripts of one connection may reach. Asked for every new socket, whatever protocol runs over it. */
export interface EgressPolicy {
  /**
   * What to hand to net.connect or tls.connect. An address is judged at once, and throws when it is refused; a name is
   * judged by `lookup`, on all the addresses that the one look-up found, and the socket goes to one of these.
   */
  socketOptions(host: string, port: number): { host: string; port: number; lookup?: LookupFunction };
  /** Throws where the connection's own lists rule the place out, as far as that shows without a look-up. */
  checkOwn(host: string, port: number): void;
  /**
   * The addresses of a name, for scripts whose driver looks names up itself. A name that stands for an address out of
   * bounds is not found. An address that an allowed name was found to have may then be reached as the name may.
   */
  lookup(name: string, family: number): Promise<LookupAddress[]>;
  /** Throws where DNS is not to be asked for these records of a name. */
  checkQuestion(name: string, type: string): void;
  /**
   * Which of the addresses that DNS has for a name a script may know, remembered as by `lookup`; `refused` says why it
   * may not know another.
   */
  known(name: string, addresses: readonly string[]): { addresses: string[]; refused: string | undefined };
}

/** Throws an Error that names the first entry that cannot be read. */
export function createEgressPolicy(options: {
  /** The operator's entries. */
  allow: readonly string[];
  /** The connection's own lists. */
  own?: OwnLists | undefined;
  /** Public addresses are out of bounds, too: for tests, which touch no network unless they say so. */
  onlyAllowed?: boolean;
  /** The system's resolver, unless a test brings its own. */
  resolve?: Resolve;
}): EgressPolicy {
  const { own, onlyAllowed = false, resolve = systemLookup as Resolve } = options;
  const judge = createEgressJudge({
    operator: options.allow.map(parseEgressRule),
    allow: own?.allow?.map(parseEgressRule),
    deny: (own?.deny ?? []).map(parseEgressRule),
    onlyOperator: onlyAllowed,
  });
  const named = createNamedAddresses();

  function check(host: string, port: number, reason: string | undefined): void {
    if (reason) throw refusal(host, port, reason, onlyAllowed);
  }

  function known(name: string, addresses: readonly string[]) {
    const normal = normalName(name);
    const isNamed = judge.isNamed(normal);
    const within: string[] = [];
    let refused: string | undefined;
    for (const address of addresses) {
      const reason = judge.againstAddress(parseAddress(address), [normal]);
      refused ??= reason;
      if (reason) continue;
      within.push(address);
      if (isNamed) named.remember(address, normal);
    }
    return { addresses: within, refused };
  }

  function lookupFor(name: string, port: number): LookupFunction {
    return (host, { all, family }, callback) => {
      resolve(host, { all: true, order: 'verbatim', family: familyNumber(family) }, (error, addresses) => {
        if (error) return callback(error, '');
        const reason = addresses
          .map(({ address }) => judge.againstAddress(parseAddress(address), [name], port))
          .find(Boolean);
        if (reason) return callback(refusal(host, port, reason, onlyAllowed), '');
        if (all) return callback(null, addresses);
        callback(null, addresses[0]!.address, addresses[0]!.family);
      });
    };
  }

  return {
    socketOptions(host, port) {
      if (isIP(host) !== 0) {
        check(host, port, judge.againstAddress(parseAddress(host), named.namesOf(host), port));
        return { host, port };
      }
      const name = normalName(host);
      check(host, port, judge.againstLookup(name, port));
      return { host, port, lookup: lookupFor(name, port) };
    },
    checkOwn(host, port) {
      const reason =
        isIP(host) === 0
          ? judge.againstName(normalName(host), port)
          : judge.againstAddressByOwn(parseAddress(host), [], port);
      check(host, port, reason);
    },
    async lookup(name, family) {
      const reason = judge.againstLookup(normalName(name));
      if (reason) throw notFound(name, 'getaddrinfo', reason);
      const addresses = await new Promise<LookupAddress[]>((done, fail) => {
        const how = { all: true, order: 'verbatim', family } as const;
        resolve(name, how, (error, found) => (error ? fail(error) : done(found)));
      });
      const { refused } = known(
        name,
        addresses.map(({ address }) => address),
      );
      if (refused !== undefined) throw notFound(name, 'getaddrinfo', refused);
      return addresses;
    },
    checkQuestion(name, type) {
      const normal = normalName(name);
      const isForAddresses = type === 'A' || type === 'AAAA';
      const reason = isForAddresses ? judge.againstLookup(normal) : judge.againstQuestion(normal);
      if (reason) throw notFound(name, `query${type[0]}${type.slice(1).toLowerCase()}`, reason);
    },
    known,
  };
}

const MAX_ADDRESSES = 1_000;
const MAX_NAMES_OF_ADDRESS = 20;

/** Addresses in the order in which they were found, each with the names that a list has and that it belongs to. */
function createNamedAddresses() {
  const names = new Map<string, Set<string>>();
  return {
    namesOf: (address: string): readonly string[] => [...(names.get(address) ?? [])],
    remember(address: string, name: string): void {
      const known = names.get(address) ?? new Set();
      if (known.size < MAX_NAMES_OF_ADDRESS) known.add(name);
      names.delete(address);
      names.set(address, known);
      if (names.size > MAX_ADDRESSES) names.delete(names.keys().next().value!);
    },
  };
}

function familyNumber(family: number | 'IPv4' | 'IPv6' | undefined): number {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : (family ?? 0);
}
