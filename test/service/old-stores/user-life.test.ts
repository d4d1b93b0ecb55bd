import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { password } from '../running-service.ts';
import { startHttpUserStore } from './http-user-store.ts';
import { type OldStore, type RunningStore, serveStore } from './old-store.ts';
import { startMongoStore, startMysqlStore, startPostgresStore, startSqlServerStore } from './stores.ts';

const postgresSchema = `CREATE TABLE people (
  id serial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  nick text,
  pw_hash text NOT NULL,
  confirmed boolean NOT NULL DEFAULT false
)`;
const mysqlSchema = `CREATE TABLE members (
  id INT AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(200) NOT NULL UNIQUE,
  nickname VARCHAR(100),
  pass CHAR(60) NOT NULL,
  verified TINYINT(1) NOT NULL DEFAULT 0
)`;
const sqlServerSchema = `CREATE TABLE dbo.Customers (
  Id INT IDENTITY(1,1) PRIMARY KEY,
  Nickname NVARCHAR(100) NULL,
  Email VARCHAR(200) NOT NULL UNIQUE,
  Password VARCHAR(100) NOT NULL,
  Verified BIT NOT NULL DEFAULT 0
)`;

interface Case {
  set: string;
  /** The service of this machine that it needs, with its port. */
  needs?: [service: string, port: number];
  start(): Promise<OldStore>;
  /** What the scripts are told of the profiles that they return. */
  warnings: string[];
}

const cases: Case[] = [
  {
    set: 'postgres',
    needs: ['PostgreSQL', 5432],
    start: () => startPostgresStore(postgresSchema),
    warnings: ['user_id_number'],
  },
  {
    set: 'mysql',
    needs: ['MariaDB', 3306],
    start: () => startMysqlStore(mysqlSchema),
    warnings: ['boolean_converted'],
  },
  { set: 'mongodb', start: startMongoStore, warnings: ['object_id_to_string'] },
  { set: 'sqlserver-1', start: () => startSqlServerStore(sqlServerSchema), warnings: ['user_id_number'] },
  { set: 'sqlserver-11', start: () => startSqlServerStore(sqlServerSchema), warnings: ['user_id_number'] },
  { set: 'request', start: startHttpUserStore, warnings: [] },
];

for (const each of cases) {
  const body = () => describe(`a user's life with the old scripts of ${each.set}`, () => live(each));
  if (each.needs) await describeWith(...each.needs, body);
  else body();
}

function live({ set, start, warnings }: Case): void {
  const email = "jane.o'neil+1@example.com";
  const newEmail = 'jane@example.org';
  let running: RunningStore;
  let userId: string;
  const run = (call: string, body: object) => running.service.run('acme', call, body);

  beforeAll(async () => {
    running = await serveStore(set, await start());
  });
  afterAll(() => running?.[Symbol.asyncDispose]());

  test('the scripts load without a problem', async () => {
    const { body } = await running.service.call('/v1/connections/acme');
    expect(Object.keys(body.scripts).sort()).toEqual([
      'change_email',
      'change_password',
      'create',
      'delete',
      'get_user',
      'login',
      'verify',
    ]);
    expect(body.problems).toEqual([]);
  });

  test('signup', async () => {
    const reply = await run('signup', { user: { email, password } });
    expect(reply).toMatchObject({ status: 201, body: { user: { email, user_id: expect.any(String) } } });
    expect(reply.text).not.toContain('$2b$');
    userId = reply.body.user.user_id;
    expect(await run('signup', { user: { email, password } })).toMatchObject({
      status: 409,
      body: { code: 'user_exists' },
    });
  });

  test('create itself finds the address taken', async () => {
    const reply = await run('create', { user: { email, password } });
    expect(reply).toMatchObject({ status: 409, body: { code: 'user_exists', script_code: 'user_exists' } });
  });

  test('login, a wrong password, nobody', async () => {
    const right = await run('login', { identifier: email, password });
    expect(right).toMatchObject({
      status: 200,
      body: { user: { user_id: userId, email, email_verified: false } },
    });
    // The store of `request` does not say which of the two was wrong.
    const logCode = set === 'request' ? 'fu' : 'fp';
    const refusal = { status: 401, body: { code: 'wrong_username_or_password' } };
    const wrong = await run('login', { identifier: email, password: `${password}!` });
    expect(wrong).toMatchObject({ ...refusal, body: { log_code: logCode } });
    const nobody = await run('login', { identifier: 'eve@example.com', password });
    expect(nobody).toMatchObject({ ...refusal, body: { log_code: 'fu' } });
  });

  test('get-user by identifier and by user_id', async () => {
    for (const body of [{ identifier: email }, { user_id: userId }]) {
      const found = await run('get-user', body);
      expect(found).toMatchObject({
        status: 200,
        body: { found: true, user: { user_id: userId, email, email_verified: false } },
      });
    }
    for (const body of [{ identifier: "eve' OR '1'='1" }, { user_id: '9999' }])
      expect(await run('get-user', body)).toMatchObject({ status: 200, body: { found: false } });
  });

  test('change-password', async () => {
    const changed = await run('change-password', { identifier: email, new_password: `${password}2` });
    expect(changed).toMatchObject({ status: 200, body: { changed: true } });
    expect((await run('login', { identifier: email, password })).status).toBe(401);
    expect((await run('login', { identifier: email, password: `${password}2` })).status).toBe(200);
    const nobody = await run('change-password', { identifier: 'eve@example.com', new_password: password });
    expect(nobody).toMatchObject({ status: 200, body: { changed: false } });
  });

  test('verify', async () => {
    expect(await run('verify', { email })).toMatchObject({ status: 200, body: { verified: true } });
    expect((await run('get-user', { user_id: userId })).body.user.email_verified).toBe(true);
    const nobody = await run('verify', { email: 'eve@example.com' });
    expect(nobody).toMatchObject({ status: 422, body: { code: 'script_rejected' } });
  });

  test('change-email', async () => {
    const change = { email, new_email: newEmail, verified: false };
    expect(await run('change-email', change)).toMatchObject({ status: 200, body: { changed: true } });
    expect(await run('change-email', change)).toMatchObject({ status: 200, body: { changed: false } });
    const found = await run('get-user', { identifier: newEmail });
    expect(found.body).toMatchObject({ found: true, user: { user_id: userId, email_verified: false } });
    expect((await run('get-user', { identifier: email })).body.found).toBe(false);
  });

  test('nothing went wrong that the answers do not tell', () => {
    const told = running.service.log.lines.filter(({ fields }) => fields.kind === 'profile_warning');
    expect([...new Set(told.map(({ fields }) => fields.event))]).toEqual(warnings);
    expect(running.service.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('delete, and nobody is found any more', async () => {
    for (let time = 0; time < 2; time++)
      expect(await run('delete', { user_id: userId })).toMatchObject({ status: 204, text: '' });
    for (const body of [{ user_id: userId }, { identifier: newEmail }])
      expect(await run('get-user', body)).toMatchObject({
        status: 200,
        body: { found: false, user: null },
      });
    expect((await run('login', { identifier: newEmail, password })).status).toBe(401);
  });
}
