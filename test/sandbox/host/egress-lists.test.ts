import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import type { EgressLists } from '../../../sandbox/contract/definition.ts';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { egressBlockReason } from '../../../sandbox/host/egress-errors.ts';
import { entriesFor, normalName } from '../../../sandbox/host/egress-rules.ts';

const names: Record<string, string[]> = {
  'api.test': ['93.184.215.14'],
  'cdn.test': ['93.184.215.15', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'db.inside.test': ['10.1.2.3'],
  'metadata.inside.test': ['169.254.169.254'],
};

/** What a connection with these lists reaches under an operator who allows `operator`. */
function connection(own: EgressLists, ...operator: string[]) {
  const asked: string[] = [];
  const policy = createEgressPolicy({
    allow: operator,
    own,
    resolve(name, _options, callback) {
      asked.push(name);
      const found = (names[normalName(name)] ?? ['93.184.215.99']).map(
        (address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }),
      );
      callback(null, found);
    },
  });
  /** `yes`, or why not. */
  async function reach(host: string, port = 443): Promise<string | undefined> {
    try {
      const { lookup } = policy.socketOptions(host, port);
      if (lookup) {
        await new Promise<void>((done, fail) =>
          lookup(host, { all: true }, (error) => (error ? fail(error) : done())),
        );
      }
      return 'yes';
    } catch (error) {
      expect(error).toMatchObject({ code: 'ECONNREFUSED', message: `connect ECONNREFUSED ${host}:${port}` });
      return egressBlockReason(error);
    }
  }
  return { policy, reach, asked };
}

describe('options.egress.allow', () => {
  it('leaves what it lists reachable, at the port that it says', async () => {
    const { reach } = connection({ allow: ['api.test:443', '93.184.216.0/24'] });
    expect(await reach('api.test')).toBe('yes');
    expect(await reach('API.test.')).toBe('yes');
    expect(await reach('93.184.216.7', 8080)).toBe('yes');
    expect(await reach('api.test', 80)).toBe(
      "93.184.215.14:80 is not in the connection's options.egress.allow",
    );
    expect(await reach('93.184.215.14')).toContain('is not in');
    expect(await reach('cdn.test')).toContain('is not in');
  });

  it('does not open what the operator has not', async () => {
    const own = { allow: ['10.1.2.3', 'db.inside.test', '0.0.0.0/0', '::/0', '169.254.169.254'] };
    const { reach } = connection(own);
    expect(await reach('10.1.2.3')).toMatch(/^10\.1\.2\.3 is private; /);
    expect(await reach('db.inside.test')).toMatch(/^10\.1\.2\.3 is private; /);
    expect(await reach('169.254.169.254')).toBe('169.254.169.254 is metadata');
    expect(await connection(own, '10.1.2.3:443').reach('db.inside.test')).toBe('yes');
    expect(await connection(own, '10.1.2.3:443').reach('db.inside.test', 80)).toContain('is private');
  });

  it('narrows what the operator has opened', async () => {
    const { reach } = connection({ allow: ['10.1.2.3:5432'] }, '10.0.0.0/8');
    expect(await reach('10.1.2.3', 5432)).toBe('yes');
    expect(await reach('10.1.2.3', 22)).toBe("10.1.2.3:22 is not in the connection's options.egress.allow");
    expect(await reach('10.1.2.4', 5432)).toContain('is not in');
    expect(await reach('8.8.8.8', 5432)).toContain('is not in');
  });

  it('has no other name looked up when it lists names alone', async () => {
    const { reach, policy, asked } = connection({ allow: ['api.test', '*.cdn.test'] });
    expect(await reach('the-password.evil.test')).toBe(
      "the-password.evil.test:443 is not in the connection's options.egress.allow",
    );
    await expect(policy.lookup('the-password.evil.test', 0)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(() => policy.checkQuestion('the-password.evil.test', 'A')).toThrow('queryA ENOTFOUND');
    expect(() => policy.checkQuestion('the-password.evil.test', 'TXT')).toThrow('queryTxt ENOTFOUND');
    expect(asked).toEqual([]);
    policy.checkQuestion('_mongodb._tcp.api.test', 'SRV');
    policy.checkQuestion('_mongodb._tcp.a.cdn.test', 'SRV');
  });

  it('lets a driver connect to the address that it looked up for a name of the list, at the port of that', async () => {
    const { reach, policy } = connection({ allow: ['api.test:5432'] });
    expect(await reach('93.184.215.14', 5432)).toContain('is not in');
    expect(await policy.lookup('api.test', 0)).toEqual([{ address: '93.184.215.14', family: 4 }]);
    expect(await reach('93.184.215.14', 5432)).toBe('yes');
    expect(await reach('93.184.215.14', 22)).toContain('is not in');
  });

  it('lets nothing through when it is empty', async () => {
    const { reach } = connection({ allow: [] }, '10.0.0.0/8');
    expect(await reach('8.8.8.8')).toContain('is not in');
    expect(await reach('api.test')).toContain('is not in');
    expect(await reach('10.0.0.1')).toContain('is not in');
  });
});

describe('options.egress.deny', () => {
  it('wins over both lists that allow', async () => {
    const { reach } = connection(
      { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16', '10.2.0.1:22'] },
      '10.0.0.0/8',
    );
    expect(await reach('10.1.2.3')).toBe(
      "10.1.2.3 is denied by 10.1.0.0/16 of the connection's options.egress.deny",
    );
    expect(await reach('db.inside.test')).toContain('is denied by 10.1.0.0/16');
    expect(await reach('10.2.0.1', 22)).toContain('is denied by 10.2.0.1:22');
    expect(await reach('10.2.0.1', 23)).toBe('yes');
  });

  it.each(['evil.test', 'EVIL.test.', 'ｅｖｉｌ.test', 'evil。test'])(
    'holds for a name however it is written: %s',
    async (name) => {
      const { reach, asked } = connection({ deny: ['evil.test'] });
      expect(await reach(name)).toBe(
        "evil.test is denied by evil.test of the connection's options.egress.deny",
      );
      expect(asked).toEqual([]);
    },
  );

  it.each(['93.184.215.14', '::ffff:93.184.215.14', '64:ff9b::93.184.215.14', 'api.test'])(
    'holds for an address in whatever form: %s',
    async (host) => {
      expect(await connection({ deny: ['93.184.215.14'] }).reach(host)).toContain(
        'is denied by 93.184.215.14',
      );
    },
  );

  it('has a name looked up that is denied at one port, and refuses it there', async () => {
    const { policy, reach } = connection({ deny: ['api.test:25'] });
    expect(await policy.lookup('api.test', 0)).toHaveLength(1);
    expect(await reach('api.test', 25)).toContain('is denied');
    expect(await reach('api.test', 443)).toBe('yes');
  });
});

describe('a metadata service', () => {
  it.each(['169.254.0.0/16', '0.0.0.0/0', '*.inside.test', 'metadata.inside.test', '169.254.169.0/24'])(
    'is not reached by way of the entry %s',
    async (entry) => {
      expect(await connection({}, entry).reach('169.254.169.254', 80)).toBe('169.254.169.254 is metadata');
      expect(await connection({}, entry).reach('metadata.inside.test', 80)).toBe(
        '169.254.169.254 is metadata',
      );
    },
  );

  it('is reached when the operator lists it', async () => {
    const { reach } = connection({}, '169.254.169.254:80');
    expect(await reach('169.254.169.254', 80)).toBe('yes');
    expect(await reach('metadata.inside.test', 80)).toBe('yes');
    expect(await reach('169.254.169.254', 8080)).toBe('169.254.169.254 is metadata');
  });
});

describe('questions to DNS other than for addresses', () => {
  it.each([
    'db',
    'db.corp',
    'a.b.internal',
    'x.local',
    'localhost',
    '3.2.1.10.in-addr.arpa',
    'printer.home.arpa',
    'db.lan',
  ])('are not asked about %s, a name of an internal network', (name) => {
    const { policy } = connection({});
    for (const type of ['TXT', 'MX', 'NS', 'CNAME'])
      expect(() => policy.checkQuestion(name, type)).toThrow('ENOTFOUND');
    expect(() => policy.checkQuestion(`_ldap._tcp.${name}`, 'SRV')).toThrow('ENOTFOUND');
  });

  it('are asked about one that the operator allows, and about names of the public DNS', () => {
    const { policy } = connection({}, '*.corp', 'db');
    for (const name of ['db.corp', 'db', '_ldap._tcp.db.corp', 'cluster.example.com'])
      policy.checkQuestion(name, 'TXT');
  });
});

it('a resolver that changes its mind: the socket goes to the addresses that were judged', async () => {
  const answers = ['93.184.215.14', '127.0.0.1'];
  const policy = createEgressPolicy({
    allow: [],
    resolve: (_name, _options, callback) =>
      callback(null, [{ address: answers.shift() ?? '127.0.0.1', family: 4 }]),
  });
  const { lookup } = policy.socketOptions('rebinding.test', 80);
  const found = () =>
    new Promise((done) =>
      lookup!('rebinding.test', {}, (error, address) => done(error ? error.code : address)),
    );
  expect(await found()).toBe('93.184.215.14');
  // net.connect asks once for each socket; the next socket asks again, and is judged again.
  expect(await found()).toBe('ECONNREFUSED');
});

it('an entry of the operator may be for one connection', () => {
  const entries = ['10.0.0.1', 'acme=10.0.0.5:5432', 'Other = db.inside.test', 'acme=[fd00::1]:80'];
  expect(entriesFor('acme', entries)).toEqual(['10.0.0.1', '10.0.0.5:5432', '[fd00::1]:80']);
  expect(entriesFor('Other', entries)).toEqual(['10.0.0.1', 'db.inside.test']);
  expect(entriesFor('other', entries)).toEqual(['10.0.0.1']);
});
