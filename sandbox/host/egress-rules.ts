import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import {
  type EgressEntry,
  egressEntryForms,
  type IpAddress,
  readEgressEntry,
  splitScope,
} from '../contract/egress-entry.ts';

/** An entry that can be asked. */
export interface EgressRule {
  entry: string;
  kind: EgressEntry['kind'];
  port: number | undefined;
  /** It stands for one address. */
  isSingle: boolean;
  matchesName(name: string): boolean;
  matchesAddress(address: IpAddress): boolean;
}

const never = () => false;

/** Throws an Error that names an entry which cannot be read. */
export function parseEgressRule(entry: string): EgressRule {
  const read = readEgressEntry(entry);
  if (!read) throw new Error(`"${entry}" is not ${egressEntryForms}`);
  const { kind, port } = read;
  if (kind === 'name') {
    return { entry, kind, port, isSingle: false, matchesName: nameMatcher(read.name), matchesAddress: never };
  }
  const isSingle = read.bits === read.network.toByteArray().length * 8;
  return { entry, kind, port, isSingle, matchesName: never, matchesAddress: addressMatcher(read) };
}

/** What of the operator's list holds for a connection: entries without a scope, and those of its own. */
export function entriesFor(connection: string, entries: readonly string[]): string[] {
  return entries
    .map(splitScope)
    .filter((scoped) => scoped.connection === undefined || scoped.connection === connection)
    .map(({ entry }) => entry);
}

/** As names are compared: as they are asked for (IDNA), in lower case, without the root's dot. */
export function normalName(name: string): string {
  const ascii = domainToASCII(name) || name.toLowerCase();
  return ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
}

function addressMatcher({ network, bits }: Extract<EgressEntry, { kind: 'addresses' }>) {
  return (address: IpAddress) => {
    if (address.kind() === network.kind()) return address.match(network, bits);
    // ::ffff:10.0.0.0/104 and the like
    return (
      address instanceof ipaddr.IPv4 && address.toIPv4MappedAddress().match(network as ipaddr.IPv6, bits)
    );
  };
}

function nameMatcher(pattern: string): (name: string) => boolean {
  if (!pattern.startsWith('*.')) return (name) => name === pattern;
  const ending = pattern.slice(1);
  return (name) => name.endsWith(ending) && name.length > ending.length;
}
