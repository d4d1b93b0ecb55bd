import tedious from 'tedious';
import { afterEach, describe, expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';
import { startTdsServer, type TdsServerOptions } from './tds-server.ts';
import { connectTedious, generations } from './tedious-client.ts';

const certificates = createCertificates();
const schema = `
CREATE TABLE dbo.users (
  id INT IDENTITY(1,1) NOT NULL PRIMARY KEY CLUSTERED,
  user_id UNIQUEIDENTIFIER NOT NULL DEFAULT NEWID(),
  email NVARCHAR(255) NOT NULL CONSTRAINT UQ_users_email UNIQUE,
  username VARCHAR(50) NULL,
  email_verified BIT NOT NULL DEFAULT 0,
  logins BIGINT NOT NULL DEFAULT 0,
  score DECIMAL(9, 2) NULL,
  picture VARBINARY(MAX) NULL,
  notes NVARCHAR(MAX) NULL,
  created_at DATETIME2 NOT NULL DEFAULT SYSUTCDATETIME(),
  born DATE NULL
);
GO
CREATE UNIQUE INDEX IX_users_username ON dbo.users (username) WHERE username IS NOT NULL
GO
`;
const account = { user: 'app', password: 'p@ß wörd' };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  while (closing.length) await closing.pop()?.();
});

async function start(options: Partial<TdsServerOptions> = {}) {
  const server = await startTdsServer({ ...account, schema, tls: certificates.server, ...options });
  closing.push(() => server.close());
  return server;
}

const failure = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    () => ({}),
    (error) => error,
  );

const inClear = { encrypt: false, trustServerCertificate: true };
const trusted = {
  encrypt: true,
  trustServerCertificate: false,
  cryptoCredentialsDetails: { ca: certificates.ca },
};

describe.each(generations)('%s', (_name, driver) => {
  async function connect(port: number, options: object = {}, login: object = {}) {
    const client = await connectTedious(driver, {
      port,
      ...account,
      ...login,
      options: { ...inClear, ...options },
    });
    closing.push(() => client.close());
    return client;
  }
  const { TYPES } = driver;

  it('connects in clear', async () => {
    const server = await start();
    const client = await connect(server.port);
    expect((await client.query('SELECT 1 AS one')).rowCount).toBe(1);
    expect(server.logins).toMatchObject([{ user: 'app', database: 'store', encrypted: 'nothing' }]);
    expect(server.connections()).toBe(1);
  });

  it('connects with everything encrypted, to whoever its authority vouches for', async () => {
    const server = await start();
    const client = await connect(server.port, trusted);
    const { rowCount } = await client.query(`SELECT '${'x'.repeat(20_000)}' AS long`);
    expect(rowCount).toBe(1);
    expect(server.logins).toMatchObject([{ encrypted: 'everything' }]);
    const stranger = { ...trusted, cryptoCredentialsDetails: { ca: createCertificates().ca } };
    expect(await failure(connect(server.port, stranger))).toMatchObject({ code: 'ESOCKET' });
    expect(server.logins).toHaveLength(1);
  });

  it('is turned away in clear where the server wants encryption', async () => {
    const server = await start({ forceEncryption: true });
    expect(await failure(connect(server.port))).toMatchObject({ code: 'EENCRYPT' });
    expect((await connect(server.port, trusted)).connection).toBeDefined();
    expect(server.logins).toMatchObject([{ encrypted: 'everything' }]);
  });

  it('meets a server that cannot encrypt', async () => {
    const server = await startTdsServer({ ...account, schema });
    closing.push(() => server.close());
    const outcome = await failure(connect(server.port, trusted));
    // The older generations go on in clear, whatever was asked of them.
    expect(outcome.code ?? server.logins).toEqual(
      driver === tedious ? 'EENCRYPT' : [expect.objectContaining({ encrypted: 'nothing' })],
    );
  });

  it.each([
    ['in clear', {}],
    ['encrypted', trusted],
  ])('is refused with a wrong password or database, %s', async (_name, options) => {
    const server = await start();
    const refused = await failure(connect(server.port, options, { password: 'wrong' }));
    expect(refused).toMatchObject({ code: 'ELOGIN', message: "Login failed for user 'app'." });
    const nowhere = await failure(connect(server.port, { ...options, database: 'elsewhere' }));
    expect(nowhere).toMatchObject({ code: 'ELOGIN' });
    expect(server.logins).toEqual([]);
  });

  it('reads values by the types of their columns', async () => {
    const server = await start();
    server.sql(`INSERT INTO dbo.users (user_id, email, username, email_verified, logins, score, picture, notes, created_at, born)
      VALUES ('0e984725-c51c-4bf4-9960-e1c80e27aba0', N'zoë@example.com', 'zoë €', 1, 9007199254740993, -12.5,
              0x00FF10, N'日本', '2024-02-29 12:34:56.789', '1970-01-01')`);
    const client = await connect(server.port, {
      rowCollectionOnRequestCompletion: true,
      useColumnNames: true,
    });
    const { rows } = await client.query(
      'SELECT TOP 1 * FROM [dbo].[users] WITH (NOLOCK) WHERE email = @Email',
      [['email', TYPES.NVarChar, 'ZOË@example.com'.replace('Ë', 'ë')]],
    );
    const [row] = rows as Record<string, { value: unknown }>[];
    const values = Object.fromEntries(Object.entries(row ?? {}).map(([name, { value }]) => [name, value]));
    expect(values).toMatchObject({
      id: 1,
      email: 'zoë@example.com',
      username: 'zoë €',
      email_verified: true,
      logins: '9007199254740993',
      score: -12.5,
      picture: Buffer.from('00ff10', 'hex'),
      notes: '日本',
      created_at: new Date('2024-02-29T12:34:56.789Z'),
      born: new Date('1970-01-01T00:00:00Z'),
    });
    expect(String(values.user_id).toUpperCase()).toBe('0E984725-C51C-4BF4-9960-E1C80E27ABA0');
  });

  it('brings parameters there and back by their types', async () => {
    const client = await connect((await start()).port, { rowCollectionOnRequestCompletion: true });
    const when = new Date('2031-12-31T23:59:59.997Z');
    const parameters: [string, unknown, unknown][] = [
      ['a', TYPES.NVarChar, 'grüß'],
      ['b', TYPES.VarChar, 'plain'],
      ['c', TYPES.Int, -7],
      ['d', TYPES.Bit, true],
      ['e', TYPES.DateTime, when],
      ['f', TYPES.UniqueIdentifier, '0E984725-C51C-4BF4-9960-E1C80E27ABA0'],
      ['g', TYPES.NVarChar, null],
      ['h', TYPES.Float, 1.25],
      ['i', TYPES.VarBinary, Buffer.from([1, 2])],
      ['j', TYPES.NVarChar, 'n'.repeat(9000)],
      ['k', TYPES.DateTime2, when],
      ['l', TYPES.BigInt, 123456789],
    ];
    const { rows } = await client.query(
      `SELECT ${parameters.map(([name]) => `@${name} AS ${name}`).join(', ')}`,
      parameters,
    );
    const [row = []] = rows as { value: unknown }[][];
    const values = row.map(({ value }) => value);
    expect(values.map((value) => (value instanceof Date ? value.getTime() : value))).toEqual(
      parameters.map(([name, , value]) =>
        name === 'l' ? '123456789' : value instanceof Date ? value.getTime() : value,
      ),
    );
  });

  it('gives rows in each shape that its options ask for', async () => {
    const server = await start();
    const sql = "SELECT 'jane' AS username, NULL AS nothing";
    const value = (text: unknown) => expect.objectContaining({ value: text });
    const byPosition = await (await connect(server.port)).query(sql);
    expect(byPosition).toMatchObject({ seen: [[value('jane'), value(null)]] });
    const byName = await (await connect(server.port, { useColumnNames: true })).query(sql);
    expect(byName).toMatchObject({ seen: [{ username: value('jane'), nothing: value(null) }] });
    const both = { useColumnNames: true, rowCollectionOnRequestCompletion: true };
    const collected = await (await connect(server.port, both)).query(sql, []);
    expect(collected).toMatchObject({ rowCount: 1, rows: [{ username: value('jane') }] });
    const positions = { rowCollectionOnRequestCompletion: true };
    const list = await (await connect(server.port, positions)).query(sql, []);
    expect(list).toMatchObject({ rows: [[value('jane'), value(null)]] });
  });

  it('inserts with OUTPUT, updates, deletes, and counts', async () => {
    const server = await start();
    const client = await connect(server.port, { rowCollectionOnRequestCompletion: true });
    const inserted = await client.query(
      'INSERT INTO dbo.users (email) OUTPUT INSERTED.id, INSERTED.user_id AS uid, INSERTED.email_verified VALUES (@email);',
      [['email', TYPES.NVarChar, 'jane@example.com']],
    );
    expect(inserted).toMatchObject({
      rowCount: 1,
      rows: [[{ value: 1 }, { value: expect.stringMatching(/^[0-9A-F-]{36}$/i) }, { value: false }]],
    });
    const next = await client.query(
      "INSERT users (email) VALUES ('john@example.com') SELECT SCOPE_IDENTITY() AS id",
    );
    expect(next.seen).toMatchObject([[{ value: 2 }]]);
    const update = await client.query('UPDATE dbo.users SET email_verified = @on WHERE id > 0', [
      ['on', TYPES.Bit, true],
    ]);
    expect(update.rowCount).toBe(2);
    const gone = await client.query('DELETE FROM dbo.users OUTPUT DELETED.email WHERE id = @id', [
      ['id', TYPES.Int, 1],
    ]);
    expect(gone.rows).toMatchObject([[{ value: 'jane@example.com' }]]);
    const none = await client.query(
      'UPDATE dbo.users SET logins = 1 WHERE id = 1; SELECT @@ROWCOUNT AS changed',
    );
    expect(none.seen).toMatchObject([[{ value: 0 }]]);
    expect(server.sql('SELECT email, email_verified FROM users')).toEqual([
      { email: 'john@example.com', email_verified: 1n },
    ]);
  });

  it('fails with the numbers of SQL Server', async () => {
    const server = await start();
    server.sql("INSERT INTO users (email, username) VALUES ('jane@example.com', 'jane')");
    const client = await connect(server.port);
    const numbers: [sql: string, number: number][] = [
      ["INSERT INTO users (email) VALUES ('Jane@example.com')", 2627],
      ["INSERT INTO users (email, username) VALUES ('j@example.com', 'JANE')", 2601],
      ['INSERT INTO users (email) VALUES (NULL)', 515],
      ['SELECT * FROM dbo.nobody', 208],
      ['SELECT nothing FROM users', 207],
      ['UPDATE users SET email_verified = true', 207],
      ['SELECT id FROM users LIMIT 1', 102],
      ['SELECT @missing', 137],
      ['EXEC sp_nothing', 2812],
    ];
    for (const [sql, number] of numbers) {
      expect(await failure(client.query(sql)), sql).toMatchObject({ code: 'EREQUEST', number });
      expect(await failure(client.query(sql, [])), sql).toMatchObject({ code: 'EREQUEST', number });
    }
    expect((await client.query('SELECT 1 AS one')).rowCount).toBe(1);
  });

  it('cuts a request off that takes too long, and goes on', async () => {
    const server = await start();
    const client = await connect(server.port, { requestTimeout: 100 });
    expect(await failure(client.query("WAITFOR DELAY '00:01:00'"))).toMatchObject({ code: 'ETIMEOUT' });
    expect((await client.query('SELECT 1 AS one')).rowCount).toBe(1);
  });

  it.each(['7_1', '7_2', '7_3_A', '7_4'])('speaks TDS %s', async (tdsVersion) => {
    const server = await start();
    const client = await connect(server.port, { tdsVersion });
    await client.query('INSERT INTO users (email, notes) VALUES (@email, @notes)', [
      ['email', TYPES.NVarChar, 'jane@example.com'],
      ['notes', TYPES.NVarChar, 'short'],
    ]);
    const { seen } = await client.query('SELECT email, notes, created_at, score FROM users');
    const date = expect.any(Date);
    expect(seen).toMatchObject([
      [{ value: 'jane@example.com' }, { value: 'short' }, { value: date }, { value: null }],
    ]);
  });
});
