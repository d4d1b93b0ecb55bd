import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { egressBlockReason } from '../../../sandbox/host/egress-errors.ts';
import { normalName, parseEgressRule } from '../../../sandbox/host/egress-rules.ts';

const names: Record<string, string[]> = {
  'public.test': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'mixed.test': ['93.184.215.14', '127.0.0.1'],
  'inside.test': ['10.1.2.3'],
  'db.inside.test': ['10.1.2.4'],
  localhost: ['::1', '127.0.0.1'],
};

function policy(...allow: string[]) {
  let lookups = 0;
  const made = createEgressPolicy({
    allow,
    resolve(name, _options, callback) {
      lookups++;
      const addresses = names[normalName(name)];
      if (!addresses)
        return callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), []);
      callback(
        null,
        addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
  });
  /** The addresses that a socket may use, or the error. */
  async function reach(host: string, port = 443): Promise<unknown> {
    const options = made.socketOptions(host, port);
    if (!options.lookup) return 'as it is';
    return new Promise((resolve, reject) => {
      options.lookup!(host, { all: true }, (error, addresses) => {
        if (error) reject(error);
        else resolve((addresses as LookupAddress[]).map(({ address }) => address));
      });
    });
  }
  return { made, reach, lookups: () => lookups };
}

async function refusalOf(
  host: string,
  port = 443,
  ...allow: string[]
): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await policy(...allow).reach(host, port);
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

describe('the egress policy', () => {
  const special = [
    ...[
      '127.0.0.1',
      '127.255.255.254',
      '0.0.0.0',
      '0.1.2.3',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
    ],
    ...[
      '169.254.169.254',
      '100.64.0.1',
      '100.100.100.200',
      '192.0.0.192',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.7',
    ],
    ...[
      '203.0.113.9',
      '224.0.0.1',
      '239.1.1.1',
      '240.0.0.1',
      '255.255.255.255',
      '168.63.129.16',
      '192.88.99.1',
    ],
    ...[
      '::',
      '::1',
      '::127.0.0.1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '::ffff:0:127.0.0.1',
      'fe80::1',
      'fe80::1%eth0',
    ],
    ...[
      'fc00::1',
      'fd00:ec2::254',
      'fec0::1',
      'ff02::1',
      '64:ff9b::7f00:1',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::1',
    ],
    ...[
      '2002:7f00:1::',
      '2001:0:4136:e378:8000:63bf:3fff:fdd2',
      '2001:db8::1',
      '3fff::1',
      '2001:2::1',
      '100::1',
      '4000::1',
    ],
  ];
  it.each(special)('refuses %s', async (address) => {
    const error = await refusalOf(address);
    expect(error?.code).toBe('ECONNREFUSED');
    expect(egressBlockReason(error)).toContain(' is ');
  });

  it.each(['93.184.215.14', '8.8.8.8', '2606:4700::6810:84e5', '64:ff9b::808:808', '::ffff:8.8.8.8'])(
    'lets %s through',
    async (address) => {
      await expect(policy().reach(address)).resolves.toBe('as it is');
    },
  );

  it('resolves a public name once and hands on just what it found', async () => {
    const { reach, lookups } = policy();
    await expect(reach('public.test')).resolves.toEqual(names['public.test']);
    expect(lookups()).toBe(1);
  });

  it('refuses a name as soon as one of its addresses is special', async () => {
    expect((await refusalOf('mixed.test'))?.code).toBe('ECONNREFUSED');
  });

  it('reads to the script like a port that nobody listens on', async () => {
    const error = await refusalOf('inside.test', 8080);
    expect(error).toMatchObject({
      message: 'connect ECONNREFUSED inside.test:8080',
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
      address: 'inside.test',
      port: 8080,
    });
    expect(JSON.stringify(error)).not.toContain('10.1.2.3');
    expect(egressBlockReason(error)).toMatch(/^10\.1\.2\.3 is private; /);
  });

  it.each(['127.0.0.1', '10.1.2.3', '::1', '::ffff:127.0.0.1', 'fd00::1', 'inside.test'])(
    'names the entry that would let %s through',
    async (host) => {
      const reason = egressBlockReason(await refusalOf(host, 8080));
      const entry = /add (\S+) to DRAWBRIDGE_EGRESS_ALLOW$/.exec(reason ?? '')?.[1];
      expect(await refusalOf(host, 8080, entry ?? 'none')).toBeUndefined();
      expect(await refusalOf(host, 8081, entry ?? 'none')).toBeDefined();
    },
  );

  it.each(['169.254.169.254', 'fe80::1', '168.63.129.16', '0.0.0.0'])(
    'advises nobody to let scripts reach %s',
    async (host) => {
      expect(egressBlockReason(await refusalOf(host))).not.toContain('DRAWBRIDGE_EGRESS_ALLOW');
    },
  );

  it('hands on the error of a look-up that fails', async () => {
    const error = await refusalOf('unknown.test');
    expect(error?.code).toBe('ENOTFOUND');
    expect(egressBlockReason(error)).toBeUndefined();
  });

  it.each([
    ['inside.test', 443, 'inside.test'],
    ['INSIDE.test.', 443, 'inside.test'],
    ['inside.test', 8080, 'inside.test:8080'],
    ['inside.test', 443, '10.0.0.0/8'],
    ['inside.test', 443, '10.1.2.3:443'],
    ['db.inside.test', 443, '*.inside.test'],
    ['localhost', 4000, 'localhost:4000'],
    ['127.0.0.1', 443, '127.0.0.0/8:443'],
    ['::ffff:127.0.0.1', 443, '127.0.0.1'],
    ['::1', 5432, '[::1]:5432'],
    ['::1', 5432, '::1'],
    ['fd00::7', 443, 'fd00::/8'],
    ['fd00::7', 443, 'fd00::/8:443'],
    ['fd00::7', 443, '[fd00::/8]:443'],
  ])('lets %s port %i through when %s is allowed', async (host, port, entry) => {
    expect(await refusalOf(host, port, entry)).toBeUndefined();
  });

  it.each([
    ['inside.test', 443, 'inside.test:8080'],
    ['inside.test', 443, '*.inside.test'],
    ['notinside.test', 443, '*.inside.test'],
    ['inside.test', 443, '10.0.0.0/8:5432'],
    ['127.0.0.1', 4000, 'localhost:4000'],
    ['localhost', 443, '127.0.0.1'],
    ['10.1.2.3', 443, 'inside.test'],
  ])('refuses %s port %i when only %s is allowed', async (host, port, entry) => {
    expect(await refusalOf(host, port, entry)).toBeDefined();
  });

  it('lets through the addresses of an allowed name once it has been looked up, at its port', async () => {
    const { made } = policy('inside.test:5432', '*.inside.test:3306');
    const isRefused = (port: number) => {
      try {
        made.socketOptions('10.1.2.3', port);
        return false;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      }
    };
    expect(isRefused(5432)).toBe(true);
    await expect(made.lookup('inside.test', 0)).resolves.toEqual([{ address: '10.1.2.3', family: 4 }]);
    expect([isRefused(5432), isRefused(3306)]).toEqual([false, true]);
    // Two names of one address: each with its own port.
    expect(made.known('other.inside.test', ['10.1.2.3'])).toEqual({
      addresses: ['10.1.2.3'],
      refused: undefined,
    });
    expect([isRefused(5432), isRefused(3306), isRefused(22)]).toEqual([false, false, true]);
  });

  it('remembers a thousand addresses, the last used ones', () => {
    const { made } = policy('*.inside.test');
    const address = (index: number) => `10.0.${Math.floor(index / 256)}.${index % 256}`;
    for (let index = 0; index <= 1_000; index++) made.known('a.inside.test', [address(index)]);
    expect(() => made.socketOptions(address(0), 443)).toThrow('ECONNREFUSED');
    expect(made.socketOptions(address(1_000), 443)).toEqual({ host: address(1_000), port: 443 });
  });

  it.each(['inside.test', 'mixed.test', 'localhost'])(
    'does not find %s for who looks it up, when an address of it is out of bounds',
    async (name) => {
      const error = await policy()
        .made.lookup(name, 0)
        .catch((refused: Error) => refused);
      expect(error).toMatchObject({
        message: `getaddrinfo ENOTFOUND ${name}`,
        code: 'ENOTFOUND',
        errno: -3008,
        syscall: 'getaddrinfo',
        hostname: name,
      });
      expect(egressBlockReason(error)).toMatch(/ is (private|loopback)$/);
    },
  );

  it('tells of the addresses that DNS has those within bounds', () => {
    expect(policy().made.known('mixed.test', names['mixed.test']!)).toEqual({
      addresses: ['93.184.215.14'],
      refused: '127.0.0.1 is loopback',
    });
  });

  it.each([
    '',
    'a b',
    '10.0.0.0/33',
    '10.0.0',
    '300.1.1.1',
    'host:0',
    'host:70000',
    'host:x',
    'http://host',
    '*.',
    'a.*.b',
    '::/129',
    '[::1',
  ])('names the entry %j that it cannot read', (entry) => {
    expect(() => parseEgressRule(entry)).toThrow(`"${entry}"`);
    expect(() => createEgressPolicy({ allow: ['ok.test', entry] })).toThrow(`"${entry}"`);
  });
});
