import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { createDnsModule } from '../../../sandbox/host/modules/dns.ts';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool, jobOf } from '../sandbox-pool.ts';
import { guestInProcess } from './guest-in-process.ts';
import { inBoth, inIsolate } from './node-and-guest.ts';
import { startTcpServers, type TcpServers } from './tcp-servers.ts';

let pool: Pool;
let servers: TcpServers;

beforeAll(async () => {
  servers = await startTcpServers();
  pool = await createTestPool({ egressAllow: ['localhost'] });
});

afterAll(async () => {
  await pool?.close();
  await servers.close();
});

const source = (body: string) => `const dns = require('dns');
const found = (...args) => new Promise((resolve) => dns.lookup(...args, (error, ...results) => resolve(error ? told(error) : results)));
${body}`;

/** What the body answers in an isolate, when that is what it answers in Node. */
async function same(body: string): Promise<unknown> {
  const both = await inBoth(pool, source(body), servers.ports);
  expect(both.guest).toEqual(both.node);
  return both.guest;
}

const loopback = { address: '127.0.0.1', family: 4 };

describe('lookup', () => {
  it.each([
    ["found('localhost', 4)", ['127.0.0.1', 4]],
    ["found('localhost', { family: 4 })", ['127.0.0.1', 4]],
    ["found('localhost', { family: 'IPv4' })", ['127.0.0.1', 4]],
    ["found('localhost', { family: 4, all: true })", [[loopback]]],
    [
      "found('localhost', { all: false, family: 4, hints: dns.ADDRCONFIG, order: 'ipv4first' })",
      ['127.0.0.1', 4],
    ],
    ["found('127.0.0.1')", ['127.0.0.1', 4]],
    ["found('127.0.0.1', 6)", ['127.0.0.1', 4]],
    ["found('::1')", ['::1', 6]],
    ["found('10.1.2.3', { all: true })", [[{ address: '10.1.2.3', family: 4 }]]],
    ["found('')", [null, 4]],
    ['found(null, { family: 6 })', [null, 6]],
    ['found(undefined, { all: true })', [[]]],
    ["dns.promises.lookup('localhost', 4)", loopback],
    ["dns.promises.lookup('localhost', { family: 4, all: true })", [loopback]],
    ["dns.promises.lookup('127.0.0.1')", loopback],
    ["dns.promises.lookup('', { all: true })", []],
    ["require('dns/promises').lookup('127.0.0.1', { all: true })", [loopback]],
    ["require('util').promisify(dns.lookup)('127.0.0.1')", loopback],
  ])('%s', async (call, answer) => {
    expect(await same(`return ${call}`)).toEqual(answer);
  });

  it.each([
    "dns.lookup('localhost')",
    "dns.lookup('localhost', {})",
    "dns.lookup('localhost', 'x', () => {})",
    "dns.lookup('localhost', 5, () => {})",
    "dns.lookup('localhost', { family: 5 }, () => {})",
    "dns.lookup('localhost', { all: 'x' }, () => {})",
    "dns.lookup('localhost', { order: 'x' }, () => {})",
    'dns.lookup(5, () => {})',
    "dns.lookup('a\\0b', () => {})",
    "dns.resolve('localhost')",
    "dns.resolve('localhost', 'X', () => {})",
    "dns.resolve('localhost', 5, () => {})",
    'dns.resolve4(5, () => {})',
    "dns.resolveTxt('localhost')",
  ])('%s throws as it does in Node', async (call) => {
    const body = `try { ${call}; return 'nothing is thrown' } catch ({ name, code }) { return [name, code] }`;
    expect(await same(body)).toEqual(['TypeError', expect.stringMatching(/^ERR_INVALID_ARG/)]);
  });

  it('of a name that does not exist', async () => {
    // ENOTFOUND, or EAI_AGAIN on a machine that has no name server.
    expect(await same("return found('nowhere.invalid')")).toMatchObject({
      syscall: 'getaddrinfo',
      hostname: 'nowhere.invalid',
    });
  });

  it('is never answered before it returns', async () => {
    const body = `const order = [];
      await new Promise((resolve) => { dns.lookup('127.0.0.1', () => { order.push('answer'); resolve(); }); order.push('return'); });
      return order`;
    expect(await same(body)).toEqual(['return', 'answer']);
  });

  it.each([
    "dns.reverse('127.0.0.1')",
    "dns.resolve('localhost', 'SOA', () => {})",
    "dns.resolve4('localhost', { ttl: true }, () => {})",
  ])('%s is refused by name', async (call) => {
    const body = source(`try { ${call} } catch ({ code }) { return code }`);
    expect(await inIsolate(pool, body)).toBe('ERR_METHOD_NOT_IMPLEMENTED');
  });
});

describe('the egress policy', () => {
  it('lets a script that looks an allowed name up itself connect to the address', async () => {
    const body = `const net = require('net'); const answer = {};
      const before = await new Promise((resolve) => net.connect(hello, '127.0.0.1').on('error', ({ code }) => resolve(code)).on('connect', resolve));
      const [address] = await found('localhost', 4);
      return [before, await textOf(net.connect(hello, address))]`;
    const inPool = await createTestPool({ egressAllow: ['localhost'] });
    try {
      const result = await inIsolate(inPool, source(body), servers.ports);
      expect(result).toEqual(['ECONNREFUSED', 'hello']);
    } finally {
      await inPool.close();
    }
  });

  it('does not find a name that stands for an address out of bounds, and logs why', async () => {
    const strict = await createTestPool({ egressAllow: [] });
    try {
      const job = jobOf(`function getUser(id, context, callback) {
        require('dns').lookup('localhost', ({ message, code, errno, syscall, hostname }) =>
          callback(null, { message, code, errno, syscall, hostname }));
      }`);
      const { outcome } = await strict.execute(job);
      expect(JSON.parse((outcome as { result: string }).result)).toEqual({
        message: 'getaddrinfo ENOTFOUND localhost',
        code: 'ENOTFOUND',
        errno: -3008,
        syscall: 'getaddrinfo',
        hostname: 'localhost',
      });
      await expect
        .poll(() => job.events)
        .toContainEqual(
          expect.objectContaining({
            event: 'egress_blocked',
            text: expect.stringMatching(/^dns localhost: .* is loopback$/),
          }),
        );
    } finally {
      await strict.close();
    }
  });
});

describe('resolve', () => {
  const zone: Record<string, unknown> = {
    'A db.example': ['93.184.215.14'],
    'A inside.example': ['10.1.2.3'],
    'AAAA db.example': ['2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
    'CNAME www.example': ['db.example'],
    'MX db.example': [{ exchange: 'mail.example', priority: 10 }],
    'NS db.example': ['ns.example'],
    'SRV _mongodb._tcp.cluster.example': [
      { name: 'shard-00.example', port: 27017, priority: 0, weight: 0 },
      { name: 'shard-01.example', port: 27017, priority: 0, weight: 0 },
    ],
    'TXT cluster.example': [['authSource=admin&', 'replicaSet=set'], ['second']],
  };

  async function withZone(): Promise<{ dns: Record<string, unknown>; log: string[] }> {
    const dnsModule = createDnsModule({
      policy: createEgressPolicy({ allow: [] }),
      async resolve(hostname, type) {
        const records = zone[`${type} ${hostname}`];
        if (records) return records;
        throw Object.assign(new Error(`query${type} ENOTFOUND ${hostname}`), {
          code: 'ENOTFOUND',
          syscall: `query${type}`,
          hostname,
        });
      },
    });
    const { guest, log } = await guestInProcess([dnsModule]);
    return { ...(await guest('modules/dns.ts')), log };
  }

  type Ask = (...args: unknown[]) => Promise<unknown>;
  type AskBack = (...args: unknown[]) => void;

  it.each([
    ['resolve', ['db.example'], 'A db.example'],
    ['resolve', ['db.example', 'AAAA'], 'AAAA db.example'],
    ['resolve', ['_mongodb._tcp.cluster.example', 'SRV'], 'SRV _mongodb._tcp.cluster.example'],
    ['resolve4', ['db.example'], 'A db.example'],
    ['resolve6', ['db.example'], 'AAAA db.example'],
    ['resolveCname', ['www.example'], 'CNAME www.example'],
    ['resolveMx', ['db.example'], 'MX db.example'],
    ['resolveNs', ['db.example'], 'NS db.example'],
    ['resolveSrv', ['_mongodb._tcp.cluster.example'], 'SRV _mongodb._tcp.cluster.example'],
    ['resolveTxt', ['cluster.example'], 'TXT cluster.example'],
  ])('%s(%j) by callback, as a promise and by a resolver', async (name, args, question) => {
    const { dns } = await withZone();
    const { promises, Resolver } = dns as {
      promises: Record<string, unknown> & { Resolver: new () => Record<string, Ask> };
      Resolver: new () => Record<string, AskBack>;
    };
    const back = (ask: AskBack) =>
      new Promise((resolve, reject) =>
        ask(...args, (error: Error | null, records: unknown) => (error ? reject(error) : resolve(records))),
      );
    const resolver = new Resolver();
    const promisedResolver = new promises.Resolver();
    expect(await back(dns[name] as AskBack)).toEqual(zone[question]);
    expect(await back((...all) => resolver[name]!(...all))).toEqual(zone[question]);
    expect(await (promises[name] as Ask)(...args)).toEqual(zone[question]);
    expect(await promisedResolver[name]!(...args)).toEqual(zone[question]);
  });

  it('tells of what there is not as Node does', async () => {
    const { dns } = await withZone();
    const { resolveTxt } = (dns as { promises: Record<string, Ask> }).promises;
    await expect(resolveTxt!('nowhere.example')).rejects.toMatchObject({
      message: 'queryTXT ENOTFOUND nowhere.example',
      code: 'ENOTFOUND',
      syscall: 'queryTXT',
      hostname: 'nowhere.example',
    });
  });

  it('does not tell of an address that is out of bounds', async () => {
    const { dns, log } = await withZone();
    const { resolve4 } = (dns as { promises: Record<string, Ask> }).promises;
    await expect(resolve4!('inside.example')).rejects.toMatchObject({
      message: 'queryA ENOTFOUND inside.example',
      code: 'ENOTFOUND',
    });
    expect(log).toEqual(['egress_blocked warn dns inside.example: 10.1.2.3 is private']);
  });
});
