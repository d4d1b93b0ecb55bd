import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { createCertificates } from '../../servers/certificates.ts';
import { type MariadbServer, mariadbProgram, startMariadb } from '../../servers/mariadb-server.ts';
import { type MysqlServer, startMysqlServer } from '../../servers/mysql-caching-sha2.ts';
import type { RunningService } from '../running-service.ts';
import { expectLogin, type Login, serveLogins } from './logins.ts';

const place = 'host: configuration.HOST, port: configuration.PORT, database: configuration.DATABASE';
const connect = (driver: string, options: string) => `
  const connection = require('${driver}').createConnection({ ${place}, ${options} });
  connection.on('error', () => {});
  connection.query('SELECT CURRENT_USER() AS name', (err, rows) => {
    if (err) return callback(err);
    connection.query("SHOW STATUS LIKE 'Ssl_cipher'", (err, status) => {
      connection.end();
      callback(err, status && rows[0].name.split('@')[0] + (status[0].Value ? ' over TLS' : ''));
    });
  });`;
const tlsUser = "user: 'tls_user', password: configuration.TLS_PASSWORD";
const nativeUser = "user: 'native_user', password: configuration.NATIVE_PASSWORD";

const untrusted = /self-signed certificate in certificate chain|unable to verify the first certificate/;

const mariadbLogins: Login[] = ['mysql', 'mysql2'].flatMap((driver): Login[] => [
  { name: `${driver} in clear`, script: connect(driver, nativeUser), session: 'native_user' },
  {
    name: `${driver} with the CA`,
    script: connect(driver, `${tlsUser}, ssl: { ca: configuration.CA }`),
    session: 'tls_user over TLS',
  },
  { name: `${driver} without the CA`, script: connect(driver, `${tlsUser}, ssl: {}`), failure: untrusted },
  {
    name: `${driver} unverified`,
    script: connect(driver, `${tlsUser}, ssl: { rejectUnauthorized: false }`),
    session: 'tls_user over TLS',
  },
  {
    name: `${driver} with a wrong password`,
    script: connect(driver, "user: 'native_user', password: 'wrong'"),
    failure:
      /Access denied for user 'native_user'@'(127\.0\.0\.1|localhost|\[configuration\.HOST\])' \(using password: YES\)$/,
  },
  {
    name: `${driver} without the TLS that the user needs`,
    script: connect(driver, tlsUser),
    failure: /Access denied for user 'tls_user'@/,
  },
  {
    name: `${driver} with an unknown database`,
    script: connect(driver, `${nativeUser}, database: 'nowhere'`),
    failure: /Access denied for user 'native_user'@.* to database 'nowhere'$/,
  },
]);

await describeWith('MariaDB', mariadbProgram, () => {
  let server: MariadbServer;
  let service: RunningService;
  beforeAll(async () => {
    server = await startMariadb();
    const { native, tlsOnly } = server.users;
    service = await serveLogins(mariadbLogins, {
      configuration: {
        HOST: '127.0.0.1',
        PORT: String(server.port),
        DATABASE: server.database,
        CA: server.ca,
        NATIVE_PASSWORD: native.password,
        TLS_PASSWORD: tlsOnly.password,
      },
      egress: [`127.0.0.1:${server.port}`],
    });
  });
  afterAll(async () => {
    await service?.stop();
    await server?.close();
  });

  test.each(mariadbLogins)('$name', (login) => expectLogin(service, login));
});

const sha2User = "user: 'app', password: configuration.PASSWORD";
const sha2 = (driver: string, options: string) => `
  const connection = require('${driver}').createConnection({
    host: configuration.HOST, port: configuration.PORT, ${options}
  });
  connection.on('error', () => {});
  connection.query("SELECT 'in' AS name", (err, rows) => {
    connection.end();
    callback(err, rows && rows[0].name);
  });`;

const sha2Logins: Login[] = [
  {
    name: 'mysql2 over TLS',
    script: sha2('mysql2', `${sha2User}, ssl: { ca: configuration.CA }`),
    session: 'in',
  },
  { name: "mysql2 in clear, by the server's key", script: sha2('mysql2', sha2User), session: 'in' },
  {
    name: 'mysql2 with a wrong password',
    script: sha2('mysql2', "user: 'app', password: 'wrong'"),
    failure: "Access denied for user 'app'@'localhost' (using password: YES)",
  },
  {
    name: 'mysql, which does not know the plugin',
    script: sha2('mysql', sha2User),
    failure:
      'ER_NOT_SUPPORTED_AUTH_MODE: Client does not support authentication protocol requested by server; consider upgrading MySQL client',
  },
];

describe('caching_sha2_password', () => {
  const certificates = createCertificates();
  let server: MysqlServer;
  let service: RunningService;
  beforeAll(async () => {
    const account = { user: 'app', password: 'sécret of MySQL 8' };
    server = await startMysqlServer({ ...account, tls: certificates.server });
    service = await serveLogins(sha2Logins, {
      configuration: {
        HOST: '127.0.0.1',
        PORT: String(server.port),
        CA: certificates.ca,
        PASSWORD: account.password,
      },
      egress: [`127.0.0.1:${server.port}`],
    });
  });
  afterAll(async () => {
    await service?.stop();
    await server?.close();
  });

  test.each(sha2Logins)('$name', async (login) => {
    server.forgetPasswords();
    await expectLogin(service, login);
  });

  test('the password is sent in full by both ways, and not at all when the server knows it', async () => {
    expect(server.logins).toEqual(['full over TLS', 'full by public key']);
    server.forgetPasswords();
    for (let time = 0; time < 2; time++) await expectLogin(service, sha2Logins[0]!);
    expect(server.logins.slice(2)).toEqual(['full over TLS', 'fast']);
  });
});
