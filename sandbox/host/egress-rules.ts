import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseAddress } from './special-addresses.ts';

type Address = ReturnType<typeof parseAddress>;

/** One entry of the allow list. Without a port it holds for every port. */
export interface EgressRule {
  port: number | undefined;
  matchesName(name: string): boolean;
  matchesAddress(address: Address): boolean;
}

const label = '[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?';
const hostName = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`, 'i');
const never = () => false;

/**
 * Reads `host`, `host:port`, `*.host`, `CIDR`, `CIDR:port`, an address with or without a port, IPv6 in brackets where
 * a port follows. Throws an Error that names the entry.
 */
export function parseEgressRule(entry: string): EgressRule {
  const { subject, port } = splitPort(entry);
  const slash = subject.indexOf('/');
  const base = slash < 0 ? subject : subject.slice(0, slash);
  if (isIP(base) !== 0) {
    const bits = slash < 0 ? undefined : subject.slice(slash + 1);
    return { port, matchesName: never, matchesAddress: addressMatcher(entry, base, bits) };
  }
  // A last label of digits alone is an address that was mistyped (WHATWG URL, "ends in a number").
  if (!hostName.test(subject) || /(?:^|\.)\d+$/.test(subject)) throw wrong(entry);
  return { port, matchesName: nameMatcher(normalName(subject)), matchesAddress: never };
}

/** As names are compared: lower case, without the root's dot. */
export function normalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

function splitPort(entry: string): { subject: string; port: number | undefined } {
  const text = entry.trim();
  const parts =
    /^\[(?<subject>[^\]]+)\](?::(?<port>\d+))?$/.exec(text) ??
    /^(?<subject>[^/]+\/\d+)(?::(?<port>\d+))?$/.exec(text) ??
    /^(?<subject>[^:]+)(?::(?<port>\d+))?$/.exec(text);
  if (!parts?.groups) {
    if (isIP(text) === 6) return { subject: text, port: undefined };
    throw wrong(entry);
  }
  const port = parts.groups.port === undefined ? undefined : Number(parts.groups.port);
  if (port !== undefined && (port < 1 || port > 65535)) throw wrong(entry);
  return { subject: parts.groups.subject ?? '', port };
}

function addressMatcher(entry: string, base: string, bits: string | undefined) {
  // A range is compared in its own family, so it is not reduced to IPv4 as a single address is.
  const network = bits === undefined ? parseAddress(base) : ipaddr.parse(base);
  const length = bits === undefined ? network.toByteArray().length * 8 : Number(bits);
  if (!(length <= network.toByteArray().length * 8)) throw wrong(entry);
  return (address: Address) => {
    if (address.kind() === network.kind()) return address.match(network, length);
    // ::ffff:10.0.0.0/104 and the like
    return (
      address instanceof ipaddr.IPv4 && address.toIPv4MappedAddress().match(network as ipaddr.IPv6, length)
    );
  };
}

function nameMatcher(pattern: string): (name: string) => boolean {
  if (!pattern.startsWith('*.')) return (name) => name === pattern;
  const ending = pattern.slice(1);
  return (name) => name.endsWith(ending) && name.length > ending.length;
}

function wrong(entry: string): Error {
  return new Error(`"${entry}" is neither host, host:port, CIDR nor CIDR:port`);
}
