import { readFile } from 'node:fs/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../servers/available.ts';
import { type MariadbServer, mariadbProgram, startMariadb } from '../servers/mariadb-server.ts';
import { startRelay } from './relay.ts';
import { serveTemplate } from './serve-template.ts';
import type { ServedTemplate } from './served-template.ts';
import { describeUserLife } from './user-life.ts';

const schema = await readFile(new URL('../../scripts-templates/mysql/schema.sql', import.meta.url), 'utf8');

async function serve(mariadb: MariadbServer, env: Record<string, string> = {}): Promise<ServedTemplate> {
  const relay = await startRelay({ host: '127.0.0.1', port: mariadb.port });
  const { user, password } = mariadb.users.tlsOnly;
  return serveTemplate({
    template: 'mysql',
    relay,
    env: {
      DB_HOST: '127.0.0.1',
      DB_PORT: String(relay.port),
      DB_NAME: mariadb.database,
      DB_USER: user,
      DB_PASSWORD: password,
      DB_TLS: 'on',
      DB_CA: mariadb.ca,
      ...env,
    },
    secrets: [password],
    dump: async () => JSON.stringify(await mariadb.admin('SELECT * FROM users')),
  });
}

/** Whoever wants to change the user has to wait until the connection ends. */
async function holdRow({ port, database, ca, users }: MariadbServer, username: string): Promise<Connection> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    database,
    ssl: { ca },
    ...users.tlsOnly,
  });
  await connection.beginTransaction();
  await connection.execute('SELECT * FROM users WHERE username = ? FOR UPDATE', [username]);
  return connection;
}

await describeWith('the template mysql, with MariaDB', mariadbProgram, () => {
  let mariadb: MariadbServer;
  beforeAll(async () => {
    mariadb = await startMariadb();
    await mariadb.admin(schema);
  });
  afterAll(() => mariadb?.close());

  describe("a user's life, over TLS with a private authority", () => {
    describeUserLife(() => serve(mariadb));
  });

  test.each([
    ['another password', { DB_PASSWORD: 'another' }, 'ER_ACCESS_DENIED_ERROR'],
    ['no authority', { DB_CA: '' }, 'HANDSHAKE_SSL_ERROR'],
    ['another database', { DB_NAME: 'another' }, 'ER_DBACCESS_DENIED_ERROR'],
  ])('with %s, get-user is an error that says so', async (_what, env, code) => {
    await using misconfigured = await serve(mariadb, env);
    expect(await misconfigured.run('get-user', { identifier: 'ann' })).toMatchObject({
      status: 502,
      body: { code: 'script_error', detail: `The database failed: ${code}` },
    });
  });

  test('without TLS it is served where that is said', async () => {
    const { user, password } = mariadb.users.native;
    const env = { DB_TLS: 'off', DB_CA: '', DB_USER: user, DB_PASSWORD: password };
    await using served = await serve(mariadb, env);
    expect(await served.run('get-user', { identifier: 'nobody' })).toMatchObject({ body: { found: false } });
  });

  test('letters that look alike are not taken for one another', async () => {
    await using served = await serve(mariadb);
    const user = { email: 'kim@example.com', username: 'kim', password: 'a long password' };
    expect(await served.run('create', { user })).toMatchObject({ status: 201 });
    for (const identifier of ['\u212Aim@example.com', 'kím@example.com', 'Kim', 'kím'])
      expect(await served.run('get-user', { identifier })).toMatchObject({ body: { found: false } });
  });

  test('two signups at the same moment are one user', async () => {
    await using served = await serve(mariadb);
    const user = { email: 'race@example.com', password: 'a long password' };
    const replies = await Promise.all([1, 2, 3].map(() => served.run('create', { user })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  test('a statement that gets no answer ends in time, and the next one has a new connection', async () => {
    await using served = await serve(mariadb);
    const user = { email: 'lock@example.com', username: 'lock', password: 'a long password' };
    expect(await served.run('create', { user })).toMatchObject({ status: 201 });
    const holder = await holdRow(mariadb, 'lock');
    const change = { username: 'lock', new_username: 'unlocked' };
    const reply = await served.run('change-username', change);
    await holder.end();
    expect(reply).toMatchObject({
      status: 502,
      body: { code: 'script_error', detail: 'The database failed: no answer within 8 seconds' },
    });
    for (let time = 0; time < 3; time++)
      expect(await served.run('get-user', { identifier: 'kim' })).toMatchObject({ body: { found: true } });
  });
});
