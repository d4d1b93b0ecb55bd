import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Reachable from inside a cloud machine only, though the range around it is public. */
const metadataOutsidePrivateRanges = new Set([
  // Azure's host agent: DHCP, DNS and instance credentials.
  '168.63.129.16',
]);

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** RFC 6052, section 2.1. The other translation prefix, 64:ff9b:1::/48 (RFC 8215), is for local use. */
const wellKnownNat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** The address that packets go to: an IPv4-mapped IPv6 address is its IPv4 address, a zone id is dropped. */
export function parseAddress(text: string): Address {
  return ipaddr.process(text.replace(/%.*$/, ''));
}

/**
 * Why an address must not be reached by a script, as a word for the log (`loopback`, `private`, `metadata`, …), or
 * undefined for an address of the public internet. After the IANA special-purpose address registries (RFC 6890):
 * what is not known to be public is special.
 */
export function specialPurpose(address: Address): string | undefined {
  if (address instanceof ipaddr.IPv6) {
    if (address.match(wellKnownNat64)) {
      const embedded = specialPurpose(new ipaddr.IPv4(address.toByteArray().slice(12)));
      return embedded && `nat64 of ${embedded}`;
    }
    const range = address.range();
    // ipaddr.js calls all it has no name for unicast, ::127.0.0.1 among it (RFC 4291, section 2.5.5.1).
    if (range === 'unicast') return address.match(globalUnicast) ? undefined : 'reserved';
    return range;
  }
  if (metadataOutsidePrivateRanges.has(address.toString())) return 'metadata';
  const range = address.range();
  return range === 'unicast' ? undefined : range;
}
