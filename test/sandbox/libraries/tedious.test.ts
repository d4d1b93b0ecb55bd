import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificates } from '../../servers/certificates.ts';
import { startTdsServer, type TdsServer } from '../../servers/tds-server.ts';
import { useGuest } from './use-guest.ts';

const guest = useGuest();
const certificates = createCertificates();
const user = 'store';
const password = 'pässword €';
const schema = `CREATE TABLE dbo.Users (Id INT IDENTITY(1,1) PRIMARY KEY, Email NVARCHAR(200), Nickname NVARCHAR(100));
GO
INSERT INTO dbo.Users (Email, Nickname) VALUES ('jane@example.com', 'Jané');`;
let plain: TdsServer;
let secure: TdsServer;

beforeAll(async () => {
  plain = await startTdsServer({ user, password, schema });
  secure = await startTdsServer({ user, password, schema, tls: certificates.server });
});
afterAll(async () => {
  await plain?.close();
  await secure?.close();
});

interface Attempt {
  request: string;
  /** `old`: `userName` at the top of the configuration and no call of `connect`, as for tedious 1. */
  form: 'old' | 'new';
  server: TdsServer;
  options?: object;
  password?: string;
}

/** Looks Jane up as the scripts of that form do. */
function attempt({
  request,
  form,
  server,
  options = {},
  password: given = password,
}: Attempt): Promise<unknown> {
  const configuration = {
    REQUEST: request,
    FORM: form,
    LOGIN: JSON.stringify({ userName: user, password: given }),
    OPTIONS: JSON.stringify({ port: server.port, database: 'store', connectTimeout: 5_000, ...options }),
  };
  return guest(({ require, configuration: { REQUEST, FORM, LOGIN, OPTIONS } }) => {
    const { Connection, Request, TYPES } = require(REQUEST!);
    const login = JSON.parse(LOGIN!);
    const connection = new Connection({
      server: '127.0.0.1',
      ...(FORM === 'old' ? login : { authentication: { type: 'default', options: login } }),
      options: { ...JSON.parse(OPTIONS!), rowCollectionOnRequestCompletion: true },
    });
    type Rows = { value: unknown }[][];
    return new Promise((resolve) => {
      connection.on('error', (error: Error) => resolve(error.message));
      connection.on('connect', (failed?: Error) => {
        if (failed) return resolve(failed.message);
        const query = new Request(
          'SELECT Id, Nickname FROM dbo.Users WHERE Email = @Email',
          (error: Error | null, count: number, rows: Rows) => {
            connection.close();
            resolve(error ? error.message : [count, rows[0]!.map(({ value }) => value)]);
          },
        );
        query.addParameter('Email', TYPES.VarChar, 'jane@example.com');
        connection.execSql(query);
      });
      if (FORM === 'new') connection.connect();
    });
  }, configuration);
}

const jane = [1, [1, 'Jané']];

describe('a configuration in the form of tedious 1', () => {
  it.each(['tedious', 'tedious@1.11.0', 'tedious@11.0.3'])(
    'logs in with %s, without encryption',
    async (request) => {
      expect(await attempt({ request, form: 'old', server: plain })).toEqual(jane);
    },
  );

  it('is not encrypted by tedious 1 and the current version unless it says so, and is by tedious 11', async () => {
    secure.logins.splice(0);
    for (const request of ['tedious@1.11.0', 'tedious', 'tedious@11.0.3'])
      expect(await attempt({ request, form: 'old', server: secure })).toEqual(jane);
    expect(secure.logins.map(({ encrypted }) => encrypted)).toEqual(['nothing', 'nothing', 'everything']);
  });

  it.each(['tedious@1.11.0', 'tedious@11.0.3'])(
    'is encrypted by %s, whoever signed the certificate',
    async (request) => {
      secure.logins.splice(0);
      expect(await attempt({ request, form: 'old', server: secure, options: { encrypt: true } })).toEqual(
        jane,
      );
      expect(secure.logins[0]?.encrypted).toBe('everything');
    },
  );
});

describe('a configuration in the form of today', () => {
  const trusting = { encrypt: true, trustServerCertificate: true };
  it.each(['tedious@11.0.3', 'tedious'])('logs in with %s, encrypted', async (request) => {
    expect(await attempt({ request, form: 'new', server: secure, options: trusting })).toEqual(jane);
  });

  it('is held to the certificate by the current version, and takes a private authority', async () => {
    const options = { encrypt: true, serverName: 'localhost' };
    expect(await attempt({ request: 'tedious', form: 'new', server: secure, options })).toContain(
      'unable to verify the first certificate',
    );
    const withCa = { ...options, cryptoCredentialsDetails: { ca: certificates.ca } };
    expect(await attempt({ request: 'tedious', form: 'new', server: secure, options: withCa })).toEqual(jane);
  });
});

it.each(['tedious', 'tedious@1.11.0', 'tedious@11.0.3'])('%s tells a wrong password', async (request) => {
  const form = request === 'tedious' ? 'new' : 'old';
  const options = { encrypt: false };
  expect(await attempt({ request, form, server: plain, options, password: 'x' })).toBe(
    `Login failed for user '${user}'.`,
  );
});

it('mssql asks by a pool, with parameters', async () => {
  const answer = await guest(
    async ({ require, configuration: { PORT, USER, PASSWORD } }) => {
      const sql = require('mssql');
      const pool = await new sql.ConnectionPool({
        server: '127.0.0.1',
        port: Number(PORT),
        user: USER,
        password: PASSWORD,
        database: 'store',
        options: { encrypt: true, trustServerCertificate: true },
      }).connect();
      const { recordset } = await pool
        .request()
        .input('email', sql.VarChar, 'jane@example.com')
        .query('SELECT Id, Nickname FROM dbo.Users WHERE Email = @email');
      await pool.close();
      return recordset;
    },
    { PORT: String(secure.port), USER: user, PASSWORD: password },
  );
  expect(answer).toEqual([{ Id: 1, Nickname: 'Jané' }]);
});

it.each(['tedious@1.11.0', 'tedious@11.0.3', 'tedious'])('%s has connect and Types', async (request) => {
  const answer = await guest(
    ({ require, configuration: { REQUEST, CONFIG } }) => {
      const sqlserver = require(REQUEST!);
      return new Promise((resolve) => {
        const connection = sqlserver.connect(JSON.parse(CONFIG!), (error?: Error) => {
          connection.close();
          resolve([
            error?.message ?? 'connected',
            typeof sqlserver.Types.VarChar === typeof sqlserver.TYPES.VarChar,
          ]);
        });
      });
    },
    {
      REQUEST: request,
      CONFIG: JSON.stringify({
        userName: user,
        password,
        server: '127.0.0.1',
        options: { port: plain.port, database: 'store', encrypt: false },
      }),
    },
  );
  expect(answer).toEqual(['connected', true]);
});

it.each([
  ['mssql', { recordset: [{ Id: 1, Nickname: 'Jané' }] }],
  ['mssql@4.1.0', { recordset: [{ Id: 1, Nickname: 'Jané' }] }],
  ['mssql@3.3.0', [{ Id: 1, Nickname: 'Jané' }]],
])(
  '%s has Connection and takes an address that is a URL; a query of mssql 3 answers its rows',
  async (request, expected) => {
    const answer = await guest(
      async ({ require, configuration: { REQUEST, URL } }) => {
        const sql = require(REQUEST!);
        const connection = new sql.Connection(URL);
        await connection.connect();
        const text = 'SELECT Id, Nickname FROM dbo.Users WHERE Email = @email';
        const request = () => new sql.Request(connection).input('email', sql.VarChar, 'jane@example.com');
        const promised = await request().query(text);
        const called = await new Promise((resolve, reject) =>
          request().query(text, (error: Error | null, found: unknown) =>
            error ? reject(error) : resolve(found),
          ),
        );
        const failure = await new Promise((resolve) =>
          request().query('SELECT Nothing FROM dbo.Users', (error: Error) => resolve(error.name)),
        );
        await connection.close();
        return { promised, called, failure };
      },
      {
        REQUEST: request,
        URL: `mssql://${user}:${encodeURIComponent(password)}@127.0.0.1:${plain.port}/store?encrypt=false`,
      },
    );
    expect(answer).toMatchObject({ promised: expected, called: expected, failure: 'RequestError' });
  },
);
