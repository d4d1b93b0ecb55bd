import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { startLdapServer } from '../../servers/ldap-server.ts';
import { listenOnLoopback } from '../../servers/listen.ts';
import { localService } from '../../servers/local-service.ts';
import { startMongoServer } from '../../servers/mongo-server.ts';
import { startMysqlServer } from '../../servers/mysql-caching-sha2.ts';
import { freePort } from '../../servers/private-process.ts';
import { startTdsServer } from '../../servers/tds-server.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { failsInIsolate, failsInNode } from './compare.ts';
import { type DriverName, drivers, type Target } from './drivers.ts';

const host = '127.0.0.1';
const everyDriver = Object.keys(drivers) as DriverName[];

const ports = { closed: 0, closing: 0, silent: 0, mongo: 0, tds: 0, mysql: 0, ldap: 0 };
const stack = new AsyncDisposableStack();
let pool: Pool;

beforeAll(async () => {
  ports.closed = await freePort();
  const closing = await listenOnLoopback(createServer((socket) => socket.end()));
  const silent = await listenOnLoopback(createServer(() => {}));
  const mongo = await startMongoServer({ user: 'app', password: 'right' });
  const tds = await startTdsServer({ user: 'app', password: 'right' });
  const mysql = await startMysqlServer({ user: 'app', password: 'right' });
  const ldap = await startLdapServer();
  for (const [name, server] of Object.entries({ closing, silent, mongo, tds, mysql, ldap })) {
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

async function compare(driver: DriverName, target: Target): Promise<void> {
  const inNode = await failsInNode(driver, target);
  console.log(driver, JSON.stringify(inNode));
  expect(inNode).not.toEqual({ connected: true });
  expect(await failsInIsolate(pool, driver, target)).toEqual(inNode);
}

describe('a port that nobody listens on', () => {
  it.each(everyDriver)('%s', (driver) => compare(driver, { host, port: ports.closed }));
});

describe('a name that nobody has', () => {
  it.each(everyDriver)('%s', (driver) => compare(driver, { host: 'store.invalid', port: 7 }));
});

describe('a server that closes at once', () => {
  it.each(everyDriver)('%s', (driver) => compare(driver, { host, port: ports.closing }));
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

describe.skipIf(!(await localService('PostgreSQL')))('PostgreSQL', () => {
  const port = 5432;
  it('has no such database', () => compare('pg', { host, port, database: 'nowhere' }));
  it('has no such user', () => compare('pg', { host, port, user: 'nobody' }));
  it('does no TLS', () => compare('pg', { host, port, tls: true }));
});

describe.skipIf(!(await localService('MariaDB')))('MariaDB', () => {
  describe.each(['mysql', 'mysql2'] as const)('%s', (driver) => {
    it('has no such user', () => compare(driver, { host, port: 3306, ...wrong }));
    it('has no such database', () => compare(driver, { host, port: 3306, database: 'nowhere' }));
  });
});

describe.skipIf(!(await localService('Redis')))('Redis', () => {
  describe.each(['redis@6', 'redis@3', 'ioredis'] as const)('%s', (driver) => {
    it('has no such user', () => compare(driver, { host, port: 6379, ...wrong }));
    it('has no such database', () => compare(driver, { host, port: 6379, database: '999' }));
    it('does no TLS', () => compare(driver, { host, port: 6379, tls: true }));
  });
});
