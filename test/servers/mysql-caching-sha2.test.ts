import mysql from 'mysql';
import mysql2 from 'mysql2/promise';
import { afterEach, expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';
import { type MysqlServer, startMysqlServer } from './mysql-caching-sha2.ts';

const certificates = createCertificates();
const account = { user: 'app', password: 'gehéim' };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  while (closing.length) await closing.pop()?.();
});

async function start(tls = true): Promise<MysqlServer> {
  const server = await startMysqlServer({ ...account, ...(tls ? { tls: certificates.server } : {}) });
  closing.push(() => server.close());
  return server;
}

async function connect({ port }: MysqlServer, options: object = {}) {
  const connection = await mysql2.createConnection({ host: '127.0.0.1', port, ...account, ...options });
  closing.push(() => connection.end().catch(() => {}));
  return connection;
}

const ssl = { ca: certificates.ca };

it('takes the whole password over TLS at first, then a token', async () => {
  const server = await start();
  const connection = await connect(server, { ssl });
  await connect(server, { ssl });
  await connect(server);
  expect(server.logins).toEqual(['full over TLS', 'fast', 'fast']);
  server.forgetPasswords();
  await connect(server, { ssl });
  expect(server.logins.at(-1)).toBe('full over TLS');
  expect(server.connections()).toBe(4);
  const [rows] = await connection.query('SELECT ? AS email, 42 AS id, NULL AS phone', ['jane@example.com']);
  expect(rows).toEqual([{ email: 'jane@example.com', id: 42, phone: null }]);
});

it('takes the password under its public key without TLS', async () => {
  const server = await start(false);
  const connection = await connect(server);
  expect(server.logins).toEqual(['full by public key']);
  await connection.query('CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE)');
  const [inserted] = await connection.query('INSERT INTO users (email) VALUES (?)', ['jane@example.com']);
  expect(inserted).toMatchObject({ affectedRows: 1, insertId: 1 });
  const again = connection.query('INSERT INTO users (email) VALUES (?)', ['jane@example.com']);
  await expect(again).rejects.toMatchObject({ code: 'ER_DUP_ENTRY', errno: 1062 });
  expect(server.sql.prepare('SELECT email FROM users').all()).toEqual([{ email: 'jane@example.com' }]);
});

it.each([
  ['over TLS', { ssl }],
  ['without', {}],
])('refuses a wrong password, %s', async (_name, options) => {
  const server = await start();
  for (const wrong of [{ password: 'wrong' }, { user: 'stranger' }]) {
    await expect(connect(server, { ...options, ...wrong })).rejects.toMatchObject({
      code: 'ER_ACCESS_DENIED_ERROR',
      errno: 1045,
    });
  }
  await connect(server, options);
  await expect(connect(server, { ...options, password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
});

it('is trusted through its authority alone', async () => {
  const server = await start();
  const distrust = connect(server, { ssl: { ca: createCertificates().ca } });
  await expect(distrust).rejects.toMatchObject({ code: 'HANDSHAKE_SSL_ERROR' });
});

it('turns away a client that does not know the method', async () => {
  const { port } = await start();
  const connection = mysql.createConnection({ host: '127.0.0.1', port, ...account });
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => connection.connect(resolve));
  expect(error).toMatchObject({ code: 'ER_NOT_SUPPORTED_AUTH_MODE' });
});
