import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificates } from '../servers/certificates.ts';
import { startTdsServer, type TdsServer } from '../servers/tds-server.ts';
import { startRelay } from './relay.ts';
import { serveTemplate } from './serve-template.ts';
import type { ServedTemplate } from './served-template.ts';
import { describeUserLife } from './user-life.ts';

const certificates = createCertificates();
const credentials = { user: 'scripts', password: 'mssql secret' };
const schema = await readFile(
  new URL('../../scripts-templates/sqlserver/schema.sql', import.meta.url),
  'utf8',
);

async function serve(sqlServer: TdsServer, env: Record<string, string> = {}): Promise<ServedTemplate> {
  const relay = await startRelay({ host: '127.0.0.1', port: sqlServer.port });
  return serveTemplate({
    template: 'sqlserver',
    relay,
    env: {
      DB_HOST: 'localhost',
      DB_PORT: String(relay.port),
      DB_NAME: 'store',
      DB_USER: credentials.user,
      DB_PASSWORD: credentials.password,
      DB_TLS: 'on',
      DB_CA: certificates.ca,
      ...env,
    },
    secrets: [credentials.password],
    dump: async () => inspect(sqlServer.sql('SELECT * FROM users')),
  });
}

describe('the template sqlserver, with a double of SQL Server', () => {
  let sqlServer: TdsServer;
  beforeAll(async () => {
    sqlServer = await startTdsServer({ ...credentials, tls: certificates.server, schema });
  });
  afterAll(() => sqlServer?.close());

  describe("a user's life, over TLS with a private authority", () => {
    describeUserLife(() => serve(sqlServer));
  });

  test.each([
    // The server closes the connection right behind its refusal, and over TLS the close may be seen first.
    ['another password', { DB_PASSWORD: 'another' }, /^The database failed: (ELOGIN|ESOCKET)$/],
    ['no authority', { DB_CA: '' }, /^The database failed: ESOCKET$/],
  ])('with %s, get-user is an error that says so', async (_what, env, detail) => {
    await using misconfigured = await serve(sqlServer, env);
    const reply = await misconfigured.run('get-user', { identifier: 'ann' });
    expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
    expect(reply.body.detail).toMatch(detail);
  });

  test('two signups at the same moment are one user', async () => {
    await using served = await serve(sqlServer);
    const user = { email: 'race@example.com', password: 'a long password' };
    const replies = await Promise.all([1, 2, 3].map(() => served.run('create', { user })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});
