import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificates } from '../../servers/certificates.ts';
import { startTdsServer, type TdsServer } from '../../servers/tds-server.ts';
import type { RunningService } from '../running-service.ts';
import { expectLogin, type Login, serveLogins } from './logins.ts';

const ask = (driver: string, login: string, options: string) => `
  const { Connection, Request } = require('${driver}');
  const connection = new Connection({
    server: 'localhost', ${login},
    options: {
      port: Number(configuration.PORT), database: 'store', connectTimeout: 5000,
      rowCollectionOnRequestCompletion: true, ${options}
    }
  });
  // The first generation tells here what goes wrong with TLS.
  connection.on('error', callback);
  connection.on('connect', (err) => {
    if (err) return callback(err);
    connection.execSql(new Request("SELECT 'in' AS name", (err, count, rows) => {
      connection.close();
      callback(err, rows && rows[0][0].value);
    }));
  });
  ${driver === 'tedious@1.11.0' ? '' : 'connection.connect();'}`;

const mssql = (options: string, password = 'configuration.PASSWORD') => `
  const mssql = require('mssql');
  const pool = new mssql.ConnectionPool({
    server: 'localhost', port: Number(configuration.PORT), user: 'app', password: ${password}, database: 'store',
    options: { ${options} }
  });
  pool.connect()
    .then(() => pool.request().query("SELECT 'in' AS name"))
    .then(({ recordset }) => callback(null, recordset[0].name), callback)
    .then(() => pool.close());`;

const topLevel = (password: string) => `userName: 'app', password: ${password}`;
const nested = (password: string) =>
  `authentication: { type: 'default', options: { userName: 'app', password: ${password} } }`;

const trusting =
  'encrypt: true, trustServerCertificate: false, cryptoCredentialsDetails: { ca: configuration.CA }';
const untrusting = 'encrypt: true, trustServerCertificate: false';
const untrusted =
  /self-signed certificate in certificate chain|unable to verify the first|UNABLE_TO_VERIFY_LEAF_SIGNATURE/;

const drivers: [driver: string, login: (password: string) => string][] = [
  ['tedious@1.11.0', topLevel],
  ['tedious@11.0.3', nested],
  ['tedious@20', nested],
];

const ofTedious = drivers.flatMap(([driver, login]): Login[] => [
  {
    name: `${driver} with the CA`,
    script: ask(driver, login('configuration.PASSWORD'), trusting),
    session: 'in',
  },
  {
    name: `${driver} unverified`,
    script: ask(driver, login('configuration.PASSWORD'), 'encrypt: true, trustServerCertificate: true'),
    session: 'in',
  },
  {
    name: `${driver} without the CA`,
    script: ask(driver, login('configuration.PASSWORD'), untrusting),
    failure: untrusted,
  },
  {
    name: `${driver} with a wrong password`,
    script: ask(driver, login("'wrong'"), trusting),
    failure: /Login failed for user 'app'\.$/,
  },
]);

const logins: Login[] = [
  ...ofTedious,
  { name: 'mssql with the CA', script: mssql(trusting), session: 'in' },
  { name: 'mssql without the CA', script: mssql(untrusting), failure: untrusted },
  {
    name: 'mssql with a wrong password',
    script: mssql(trusting, "'wrong'"),
    failure: /Login failed for user 'app'\.$/,
  },
];

describe('SQL Server with TLS', () => {
  const certificates = createCertificates();
  let server: TdsServer;
  let service: RunningService;
  beforeAll(async () => {
    const account = { user: 'app', password: 'sécret of SQL Server' };
    server = await startTdsServer({ ...account, tls: certificates.server, forceEncryption: true });
    service = await serveLogins(logins, {
      configuration: { PORT: String(server.port), PASSWORD: account.password, CA: certificates.ca },
      egress: [`localhost:${server.port}`],
    });
  });
  afterAll(async () => {
    await service?.stop();
    await server?.close();
  });

  test.each(logins)('$name', (login) => expectLogin(service, login));

  test('all of it was encrypted', () => {
    expect(new Set(server.logins.map(({ encrypted }) => encrypted))).toEqual(new Set(['everything']));
  });
});
