import mssql from 'mssql';
import { afterEach, expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';
import { startTdsServer } from './tds-server.ts';

const certificates = createCertificates();
const account = { user: 'app', password: 'secret' };
const inClear = { encrypt: false };
const trusted = {
  encrypt: true,
  trustServerCertificate: false,
  cryptoCredentialsDetails: { ca: certificates.ca },
};
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  while (closing.length) await closing.pop()?.();
});

async function start() {
  const schema = `CREATE TABLE dbo.users (
    id INT IDENTITY PRIMARY KEY,
    email NVARCHAR(255) NOT NULL UNIQUE,
    email_verified BIT NOT NULL DEFAULT 0,
    logins BIGINT NOT NULL DEFAULT 0
  )`;
  const server = await startTdsServer({ ...account, schema, tls: certificates.server });
  closing.push(() => server.close());
  return server;
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  );

async function connect(port: number, options: object = {}) {
  const pool = new mssql.ConnectionPool({
    server: 'localhost',
    port,
    database: 'store',
    ...account,
    options,
  });
  closing.push(() => pool.close());
  return pool.connect();
}

it('queries, batches and prepares', async () => {
  const server = await start();
  const pool = await connect(server.port, trusted);
  const inserted = await pool
    .request()
    .input('email', mssql.NVarChar(255), 'jane@example.com')
    .query('INSERT INTO dbo.users (email) OUTPUT INSERTED.* VALUES (@email)');
  expect(inserted.recordset).toMatchObject([
    { id: 1, email: 'jane@example.com', email_verified: false, logins: '0' },
  ]);
  expect(inserted.rowsAffected).toEqual([1]);
  const two = await pool.request().batch('SELECT 1 AS a; SELECT email FROM users WHERE id = 7');
  expect(two.recordsets).toEqual([[{ a: 1 }], []]);
  const statement = new mssql.PreparedStatement(pool).input('id', mssql.Int);
  await statement.prepare('SELECT TOP (1) email FROM dbo.users WHERE id = @id ORDER BY id');
  expect((await statement.execute({ id: 1 })).recordset).toEqual([{ email: 'jane@example.com' }]);
  expect((await statement.execute({ id: 2 })).recordset).toEqual([]);
  await statement.unprepare();
});

it('commits and rolls back', async () => {
  const server = await start();
  const pool = await connect(server.port, inClear);
  for (const end of ['rollback', 'commit'] as const) {
    const transaction = pool.transaction();
    await transaction.begin();
    await transaction.request().query(`INSERT INTO users (email) VALUES ('${end}@example.com')`);
    await transaction[end]();
  }
  expect(server.sql('SELECT email FROM users')).toEqual([{ email: 'commit@example.com' }]);
});

it('tells of failures with their numbers', async () => {
  const server = await start();
  const pool = await connect(server.port, inClear);
  const insert = () => pool.request().query("INSERT INTO users (email) VALUES ('jane@example.com')");
  await insert();
  expect(await failure(insert())).toMatchObject({
    code: 'EREQUEST',
    number: 2627,
    message: expect.stringMatching(/^Violation of UNIQUE KEY constraint .*object 'dbo\.users'/),
  });
  const wrong = new mssql.ConnectionPool({
    server: 'localhost',
    port: server.port,
    ...account,
    password: 'wrong',
  });
  expect(await failure(wrong.connect())).toMatchObject({ code: 'ESOCKET' });
  const refused = {
    server: 'localhost',
    port: server.port,
    ...account,
    password: 'wrong',
    options: inClear,
  };
  expect(await failure(new mssql.ConnectionPool(refused).connect())).toMatchObject({ code: 'ELOGIN' });
});
