import { isIP } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { isMetadataService, parseAddress, specialPurpose } from '../../../sandbox/host/special-addresses.ts';

/** IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890), and what has long had a use of its own. */
const registry = [
  ...['0.0.0.0/8', '0.0.0.0/32', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.0.0/29', '192.0.0.8/32', '192.0.0.9/32', '192.0.0.10/32'],
  ...['192.0.0.170/32', '192.0.0.171/32', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24'],
  ...['192.88.99.0/24', '192.88.99.2/32', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '255.255.255.255/32'],
  ...['::1/128', '::/128', '64:ff9b:1::/48', '100::/64', '100:0:0:1::/64', '2001::/23', '2001::/32'],
  ...['2001:1::1/128', '2001:1::2/128', '2001:1::3/128', '2001:2::/48', '2001:3::/32', '2001:4:112::/48'],
  ...['2001:10::/28', '2001:20::/28', '2001:30::/28', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8', '::ffff:0:0:0/96', '::/96'],
  // Not given to anybody (RFC 4291, section 2.4): outside of 2000::/3
  ...[
    '200::/7',
    '400::/6',
    '800::/5',
    '1000::/4',
    '4000::/3',
    '6000::/3',
    '8000::/3',
    'a000::/3',
    'c000::/3',
  ],
];

/** The first and the last address of a block and one between. */
function samplesOf(block: string): string[] {
  const [network, bits] = ipaddr.parseCIDR(block);
  const at = (fill: (index: number) => number) => {
    const bytes = network.toByteArray().map((byte, index) => {
      const kept = Math.min(8, Math.max(0, bits - index * 8));
      return (byte & (0xff << (8 - kept))) | (fill(index) & (0xff >> kept));
    });
    return ipaddr.fromByteArray(bytes).toString();
  };
  return [...new Set([at(() => 0), at(() => 0xff), at((index) => 17 + 31 * index)])];
}

it.each(registry)('no address of %s is public', (block) => {
  const open = samplesOf(block).filter((address) => specialPurpose(parseAddress(address)) === undefined);
  expect(open).toEqual([]);
});

it.each([
  ...[
    '1.0.0.0',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
  ],
  ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0'],
  ...['192.0.3.0', '192.31.195.255', '192.88.98.255', '192.167.255.255', '192.169.0.0', '198.17.255.255'],
  ...['198.20.0.0', '198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
  ...['2000::1', '2001:200::1', '2003::1', '2620:4f:8001::1', '2a00:1450::1', '3ffe::1', '2001:db9::1'],
])('%s, a neighbour of these, is public', (address) => {
  expect(specialPurpose(parseAddress(address))).toBeUndefined();
});

describe('an IPv4 address within an IPv6 one', () => {
  it.each([
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:a00:1%lo', 'private'],
    ['64:ff9b::10.0.0.1', 'nat64 of private'],
    ['64:ff9b::7f00:1', 'nat64 of loopback'],
    ['2a00:1450::5efe:10.0.0.1', 'isatap of private'],
    ['2a00:1450::200:5efe:192.168.0.1', 'isatap of private'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['64:ff9b:1::169.254.169.254', 'metadata'],
    ['2002:a9fe:a9fe::1', 'metadata'],
    ['2001:0:a9fe:a9fe::1', 'metadata'],
    ['2001::5601:5601', 'metadata'],
    ['::169.254.169.254', 'metadata'],
    ['2a00:1450::5efe:a83f:8110', 'metadata'],
  ])('makes %s special: %s', (address, reason) => {
    expect(specialPurpose(parseAddress(address))).toBe(reason);
  });

  it.each(['64:ff9b::808:808', '::ffff:8.8.8.8', '2a00:1450::5efe:8.8.8.8'])(
    'leaves %s public',
    (address) => {
      expect(specialPurpose(parseAddress(address))).toBeUndefined();
    },
  );
});

it.each([
  ...['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', 'FD00:0EC2:0::254', 'fd20:ce::254'],
  ...['168.63.129.16', '100.100.100.200', '192.0.0.192', '::ffff:168.63.129.16', '64:ff9b::a83f:8110'],
])('%s is a metadata service', (address) => {
  expect(isMetadataService(parseAddress(address))).toBe(true);
  expect(specialPurpose(parseAddress(address))).toBe('metadata');
});

it('has a word on whatever Node takes for an address', () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.tuple(fc.ipV6(), fc.stringMatching(/^[a-z0-9]{1,8}$/)).map((it) => it.join('%')),
  );
  fc.assert(
    fc.property(address, (text) => {
      if (isIP(text) === 0) return;
      specialPurpose(parseAddress(text));
    }),
    { numRuns: 2_000 },
  );
});

it('judges an IPv4 address and its mapped form alike', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(specialPurpose(parseAddress(`::ffff:${text}`))).toBe(specialPurpose(parseAddress(text)));
    }),
  );
});
