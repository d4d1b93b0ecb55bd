import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { describeWith } from '../../servers/available.ts';
import { createCertificates } from '../../servers/certificates.ts';
import { startLdapServer } from '../../servers/ldap-server.ts';
import { listenOnLoopback } from '../../servers/listen.ts';
import { startMongoServer } from '../../servers/mongo-server.ts';
import { startMysqlServer } from '../../servers/mysql-caching-sha2.ts';
import { type PostgresCluster, postgresPrograms, startPostgres } from '../../servers/postgres-cluster.ts';
import { freePort } from '../../servers/private-process.ts';
import { startTdsServer } from '../../servers/tds-server.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { type Facts, failsInIsolate, failsInNode } from './compare.ts';
import { type DriverName, drivers, type Target } from './drivers.ts';

const host = '127.0.0.1';
const everyDriver = Object.keys(drivers) as DriverName[];

const ports = { closed: 0, closing: 0, silent: 0, mongo: 0, tds: 0, tdsTls: 0, mysql: 0, ldap: 0 };
const stack = new AsyncDisposableStack();
let pool: Pool;

beforeAll(async () => {
  ports.closed = await freePort();
  const closing = await listenOnLoopback(createServer((socket) => socket.end()));
  const silent = await listenOnLoopback(createServer(() => {}));
  const mongo = await startMongoServer({ user: 'app', password: 'right' });
  const tds = await startTdsServer({ user: 'app', password: 'right' });
  const tdsTls = await startTdsServer({ user: 'app', password: 'right', tls: createCertificates().server });
  const mysql = await startMysqlServer({ user: 'app', password: 'right' });
  const ldap = await startLdapServer();
  for (const [name, server] of Object.entries({ closing, silent, mongo, tds, tdsTls, mysql, ldap })) {
    stack.defer(() => server.close());
    ports[name as keyof typeof ports] = server.port;
  }
  pool = await createTestPool({
    limits: { wallMs: 15_000, cpuMs: 10_000, memoryMb: 128 },
    egressAllow: ['127.0.0.1', '*.invalid'],
  });
});
afterAll(async () => {
  await pool?.close();
  await stack.disposeAsync();
});

async function bothFail(driver: DriverName, target: Target, inPool: Pool = pool): Promise<[Facts, Facts]> {
  return Promise.all([failsInNode(driver, target), failsInIsolate(inPool, driver, target)]);
}

async function compare(driver: DriverName, target: Target): Promise<void> {
  const [inNode, inIsolate] = await bothFail(driver, target);
  expect(inNode).not.toEqual({ connected: true });
  expect(inIsolate).toEqual(inNode);
}

describe('a port that nobody listens on', () => {
  it.each(everyDriver)('%s', (driver) => compare(driver, { host, port: ports.closed }));
});

describe('a name that nobody has', () => {
  it.each(everyDriver)('%s', (driver) => compare(driver, { host: 'store.invalid', port: 7 }));
});

describe('a server that closes at once', () => {
  const others = everyDriver.filter((driver) => driver !== 'ldapjs');
  it.each(others)('%s', (driver) => compare(driver, { host, port: ports.closing }));
});

describe('a server that says nothing', () => {
  const waiting: DriverName[] = ['pg', 'mysql', 'mysql2', 'mongodb@7', 'mongodb@3', 'tedious@20', 'ldapjs'];
  it.each(waiting)('%s', (driver) => compare(driver, { host, port: ports.silent, timeoutMs: 200 }));
});

const wrong = { user: 'app', password: 'wrong' };
describe('a wrong password', () => {
  it('mongodb@7', () => compare('mongodb@7', { host, port: ports.mongo, ...wrong }));
  it('mongodb@3', () => compare('mongodb@3', { host, port: ports.mongo, ...wrong }));
  it('tedious@20', () => compare('tedious@20', { host, port: ports.tds, ...wrong }));
  it('tedious@20 over TLS', () => compare('tedious@20', { host, port: ports.tdsTls, ...wrong, tls: true }));
  it('mysql2', () => compare('mysql2', { host, port: ports.mysql, ...wrong }));
  it('mysql', () => compare('mysql', { host, port: ports.mysql, ...wrong }));
  it('ldapjs', () => compare('ldapjs', { host, port: ports.ldap, user: 'cn=admin,dc=example,dc=com' }));
});

describe('a database that there is none of', () => {
  const right = { user: 'app', password: 'right', database: 'nowhere' };
  it('tedious@20', () => compare('tedious@20', { host, port: ports.tds, ...right }));
});

describe('a server without TLS', () => {
  const tls = true;
  it('mysql', () => compare('mysql', { host, port: ports.mysql, tls }));
  it('mysql2', () => compare('mysql2', { host, port: ports.mysql, tls }));
  it('mongodb@7', () => compare('mongodb@7', { host, port: ports.mongo, tls }));
  it('mongodb@3', () => compare('mongodb@3', { host, port: ports.mongo, tls }));
  it('tedious@20', () => compare('tedious@20', { host, port: ports.tds, tls }));
  it('ldapjs', () => compare('ldapjs', { host, port: ports.ldap, tls }));
});

/** What is not as in Node, and why. */
describe('differences', () => {
  it('ldapjs may hear of a close while it still sets up: an immediate is the host’s, and takes longer than in Node', async () => {
    const target = { host, port: ports.closing };
    const closed = {
      name: 'ConnectionError',
      code: 80,
      message: expect.stringMatching(`^\\d+__ldap://${host}:${target.port} closed$`),
    };
    const inSetup = { name: 'Error', message: 'client error during setup' };
    for (const facts of await bothFail('ldapjs', target)) expect([closed, inSetup]).toContainEqual(facts);
  });

  it('an address out of bounds looks like a port that nobody listens on: a script learns nothing of the network', async () => {
    const bounded = await createTestPool({ egressAllow: [`${host}:${ports.closed}`] });
    try {
      const [inNode, inIsolate] = await bothFail('pg', { host, port: ports.silent, timeoutMs: 200 }, bounded);
      expect(inNode).toMatchObject({ message: 'timeout expired' });
      expect(inIsolate).toEqual({
        ...(await failsInNode('pg', { host, port: ports.closed })),
        message: `connect ECONNREFUSED ${host}:${ports.silent}`,
        port: ports.silent,
      });
    } finally {
      await bounded.close();
    }
  });
});

await describeWith('PostgreSQL with passwords', postgresPrograms, () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgres();
  });
  afterAll(() => cluster?.close());

  it.each([
    ['scram_user', true],
    ['scram_user', false],
    ['md5_user', false],
    ['cert_user', true],
  ])('%s is not let in, TLS %s', (user, tls) =>
    compare('pg', { host, port: cluster.port, user, password: 'wrong', tls, database: cluster.database }),
  );
});

await describeWith('PostgreSQL', 5432, () => {
  const port = 5432;
  it('has no such database', () => compare('pg', { host, port, database: 'nowhere' }));
  it('has no such user', () => compare('pg', { host, port, user: 'nobody' }));
  it('does no TLS', () => compare('pg', { host, port, tls: true }));
});

await describeWith('MariaDB', 3306, () => {
  describe.each(['mysql', 'mysql2'] as const)('%s', (driver) => {
    it('has no such user', () => compare(driver, { host, port: 3306, ...wrong }));
    it('has no such database', () => compare(driver, { host, port: 3306, database: 'nowhere' }));
  });
});

await describeWith('Redis', 6379, () => {
  describe.each(['redis@6', 'redis@3', 'ioredis'] as const)('%s', (driver) => {
    it('has no such user', () => compare(driver, { host, port: 6379, ...wrong }));
    it('has no such database', () => compare(driver, { host, port: 6379, database: '999' }));
    it('does no TLS', () => compare(driver, { host, port: 6379, tls: true, timeoutMs: 300 }));
  });
});
