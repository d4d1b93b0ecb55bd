import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** One entry of a list of places that scripts may reach, or may not. Without a port it holds for every port. */
export type EgressEntry = { port: number | undefined } & (
  | { kind: 'addresses'; network: IpAddress; bits: number }
  /** In lower case, without the root's dot; one that begins with `*.` stands for all names below. */
  | { kind: 'name'; name: string }
);

export const egressEntryForms = 'host, host:port, *.host, CIDR or CIDR:port, IPv6 with a port in brackets';

const label = '[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?';
const hostName = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*\\.?$`, 'i');

/** `acme=10.0.0.5:5432` holds for the connection `acme` alone. */
export function splitScope(text: string): { connection: string | undefined; entry: string } {
  const sign = text.indexOf('=');
  if (sign < 0) return { connection: undefined, entry: text.trim() };
  return { connection: text.slice(0, sign).trim(), entry: text.slice(sign + 1).trim() };
}

/** Reads an entry, undefined where it is none. Addresses are in their usual spelling alone: `127.1` is refused. */
export function readEgressEntry(text: string): EgressEntry | undefined {
  const parts = splitPort(text.trim());
  if (!parts) return undefined;
  const { subject, port } = parts;
  const slash = subject.indexOf('/');
  const base = slash < 0 ? subject : subject.slice(0, slash);
  if (isAddress(base)) {
    // A range is compared in its own family, so it is not reduced to IPv4 as a single address is.
    const network = slash < 0 ? ipaddr.process(base) : ipaddr.parse(base);
    const most = network.toByteArray().length * 8;
    const bits = slash < 0 ? most : Number(subject.slice(slash + 1));
    return bits <= most ? { kind: 'addresses', network, bits, port } : undefined;
  }
  // A last label of digits alone is an address that was mistyped (WHATWG URL, "ends in a number").
  if (subject.length > 253 || !hostName.test(subject) || /(?:^|\.)\d+\.?$/.test(subject)) return undefined;
  return { kind: 'name', name: subject.toLowerCase().replace(/\.$/, ''), port };
}

function isAddress(text: string): boolean {
  if (text.includes('%')) return false;
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text));
}

function splitPort(text: string): { subject: string; port: number | undefined } | undefined {
  if (isAddress(text)) return { subject: text, port: undefined };
  const parts =
    /^\[(?<subject>[^[\]]*:[^[\]]*)\](?::(?<port>\d{1,5}))?$/.exec(text) ??
    /^(?<subject>[^/[\]]+\/\d{1,3})(?::(?<port>\d{1,5}))?$/.exec(text) ??
    /^(?<subject>[^:/[\]]+)(?::(?<port>\d{1,5}))?$/.exec(text);
  const { subject, port } = parts?.groups ?? {};
  if (subject === undefined) return undefined;
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65_535)) return undefined;
  return { subject, port: number };
}
