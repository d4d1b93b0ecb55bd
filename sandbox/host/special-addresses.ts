import ipaddr from 'ipaddr.js';
import type { IpAddress } from '../contract/egress-entry.ts';

/**
 * Where machines of the large clouds get credentials, user data and the like. Some lie in ranges that are public, some
 * in ranges that an operator opens for other reasons.
 */
const metadataServices = new Set(
  [
    // AWS, Google Cloud, Azure, Oracle, DigitalOcean, OpenStack and most others
    '169.254.169.254',
    // AWS: containers, pods, its own IPv6 addresses
    ...['169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23'],
    // Google Cloud over IPv6; Azure's host agent; Alibaba; Oracle's earlier one; Tencent; Scaleway
    ...['fd20:ce::254', '168.63.129.16', '100.100.100.200', '192.0.0.192', '169.254.0.23'],
    ...['169.254.42.42', 'fd00:42::42'],
  ].map((text) => ipaddr.parse(text).toNormalizedString()),
);

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** RFC 6052, section 2.1. The other translation prefix, 64:ff9b:1::/48 (RFC 8215), is for local use. */
const wellKnownNat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Prefixes whose addresses carry an IPv4 address in their last four bytes. */
const endsInIPv4 = [
  wellKnownNat64,
  ipaddr.IPv6.parseCIDR('64:ff9b:1::/48'),
  // IPv4-compatible (RFC 4291, section 2.5.5.1) and IPv4-translated (RFC 2765)
  ipaddr.IPv6.parseCIDR('::/96'),
  ipaddr.IPv6.parseCIDR('::ffff:0:0:0/96'),
];

/** The address that packets go to: an IPv4-mapped IPv6 address is its IPv4 address, a zone id is dropped. */
export function parseAddress(text: string): IpAddress {
  return ipaddr.process(text.replace(/%.*$/, ''));
}

/** The address, and the IPv4 addresses that a translator or a tunnel on its way may take it for. */
export function formsOf(address: IpAddress): IpAddress[] {
  if (!(address instanceof ipaddr.IPv6)) return [address];
  const bytes = address.toByteArray();
  const at = (offset: number) => new ipaddr.IPv4(bytes.slice(offset, offset + 4));
  const forms: IpAddress[] = [address];
  if (endsInIPv4.some((prefix) => address.match(prefix)) || isIsatap(bytes)) forms.push(at(12));
  switch (address.range()) {
    case '6to4':
      forms.push(at(2));
      break;
    case 'teredo':
      // RFC 4380, section 4: the server as it is, the client with its bits turned.
      forms.push(at(4), new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff)));
      break;
    default:
  }
  return forms;
}

/** RFC 5214, section 6.1: an interface id of 0000:5efe or 0200:5efe and an IPv4 address. */
function isIsatap(bytes: readonly number[]): boolean {
  return (bytes[8] === 0 || bytes[8] === 2) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

/** Whether it is a metadata service of a cloud, in whatever form. */
export function isMetadataService(address: IpAddress): boolean {
  return formsOf(address).some((form) => metadataServices.has(form.toNormalizedString()));
}

/**
 * Why an address must not be reached by a script, as a word for the log (`loopback`, `private`, `metadata`, …), or
 * undefined for an address of the public internet. After the IANA special-purpose address registries (RFC 6890): all
 * that is in them is special, also what is reachable from everywhere, since no user store lives there; and so is what
 * is not known to be public.
 */
export function specialPurpose(address: IpAddress): string | undefined {
  if (isMetadataService(address)) return 'metadata';
  const range = address.range();
  if (!(address instanceof ipaddr.IPv6)) return range === 'unicast' ? undefined : range;
  if (address.match(wellKnownNat64)) return embedded(address, 'nat64');
  // ipaddr.js calls all it has no name for unicast, ::127.0.0.1 among it (RFC 4291, section 2.5.5.1).
  if (range !== 'unicast') return range;
  return address.match(globalUnicast) ? embedded(address, 'isatap') : 'reserved';
}

function embedded(address: IpAddress, kind: string): string | undefined {
  for (const form of formsOf(address).slice(1)) {
    const special = specialPurpose(form);
    if (special) return `${kind} of ${special}`;
  }
  return undefined;
}
