import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import type { RunningService } from '../running-service.ts';
import { readScripts, serveConnections } from './old-store.ts';
import { type SqlStore, startMysqlStore, startPostgresStore } from './stores.ts';

/** Sockets that a context keeps from one execution to the next; with more it goes, and they with it. */
const KEPT_SOCKETS = 12;
/** One, in one context; a busy machine takes another context when the last call has not come to rest. */
const FEW = 3;

const byMysqlPool = `const mysql = require('mysql');
let pool;

function getByEmail(identifier, context, callback) {
  pool = pool || mysql.createPool({
    host: configuration.DB_HOST,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME
  });
  pool.query('SELECT * FROM members WHERE email = ?', [identifier], (err, rows) => {
    if (err || !rows.length) return callback(err);
    callback(null, { user_id: String(rows[0].id), email: rows[0].email });
  });
}`;

await describeWith('MariaDB', 3306, () => {
  let store: SqlStore;
  let service: RunningService;
  beforeAll(async () => {
    store = await startMysqlStore(
      "CREATE TABLE members (id INT, email TEXT); INSERT INTO members VALUES (7, 'jane@example.com')",
    );
    service = await serveConnections(
      { unclosed: readScripts('mysql'), pooled: { get_user: byMysqlPool } },
      store,
    );
  });
  afterAll(async () => {
    await service?.stop();
    await store?.close();
  });

  async function lookUp(connection: string): Promise<void> {
    const reply = await service.run(connection, 'get-user', { identifier: 'jane@example.com' });
    expect(reply).toMatchObject({ status: 200, body: { user: { user_id: '7' } } });
  }

  test('a pool is used again', async () => {
    for (let time = 0; time < 50; time++) await lookUp('pooled');
    expect(await store.connections()).toBeLessThanOrEqual(FEW);
  });

  test('connections that no script ever closes are few at any time', async () => {
    const pooled = await store.connections();
    const counts: number[] = [];
    for (let time = 0; time < 100; time++) {
      await lookUp('unclosed');
      if (time % 10 === 9) counts.push((await store.connections()) - pooled);
    }
    // The context that goes and the one that comes may overlap.
    expect(Math.max(...counts)).toBeLessThanOrEqual(KEPT_SOCKETS + 2);
    expect(Math.max(...counts)).toBeGreaterThan(1);
  });

  test('nor are they many when the lookups come side by side', async () => {
    const sideBySide = 5;
    for (let time = 0; time < 20; time++) {
      await Promise.all(Array.from({ length: sideBySide }, () => lookUp('unclosed')));
    }
    expect(await store.connections()).toBeLessThanOrEqual((sideBySide + 1) * (KEPT_SOCKETS + 2));
  });

  test('all are closed when the service ends', async () => {
    await service.stop();
    // The server hears of it a moment later.
    await expect.poll(() => store.connections(), { timeout: 5_000 }).toBe(0);
  });
});

await describeWith('PostgreSQL', 5432, () => {
  test('pg.connect lends one client again and again', async () => {
    await using stack = new AsyncDisposableStack();
    const store = await startPostgresStore(
      "CREATE TABLE people (id int, email text, nick text, confirmed boolean); INSERT INTO people VALUES (7, 'jane@example.com')",
    );
    stack.defer(() => store.close());
    const service = stack.use(await serveConnections({ acme: readScripts('postgres') }, store));
    for (let time = 0; time < 50; time++) {
      const reply = await service.run('acme', 'get-user', { identifier: 'jane@example.com' });
      expect(reply).toMatchObject({ status: 200, body: { user: { user_id: '7' } } });
    }
    expect(await store.connections()).toBeLessThanOrEqual(FEW);
    const many = Array.from({ length: 40 }, () =>
      service.run('acme', 'get-user', { identifier: 'jane@example.com' }),
    );
    for (const reply of await Promise.all(many)) expect(reply.status).toBe(200);
    // One for each context that worked side by side.
    expect(await store.connections()).toBeLessThanOrEqual(32);
  });
});
