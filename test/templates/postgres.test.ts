import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../servers/available.ts';
import { type PostgresCluster, postgresPrograms, startPostgres } from '../servers/postgres-cluster.ts';
import { startRelay } from './relay.ts';
import { serveTemplate } from './serve-template.ts';
import type { ServedTemplate } from './served-template.ts';
import { describeUserLife } from './user-life.ts';

const schema = await readFile(
  new URL('../../scripts-templates/postgres/schema.sql', import.meta.url),
  'utf8',
);

async function serve(cluster: PostgresCluster, env: Record<string, string> = {}): Promise<ServedTemplate> {
  const relay = await startRelay({ host: '127.0.0.1', port: cluster.port });
  const { user, password } = cluster.users.scram;
  return serveTemplate({
    template: 'postgres',
    relay,
    env: {
      DB_HOST: '127.0.0.1',
      DB_PORT: String(relay.port),
      DB_NAME: cluster.database,
      DB_USER: user,
      DB_PASSWORD: password,
      DB_TLS: 'on',
      DB_CA: cluster.ca,
      ...env,
    },
    secrets: [password],
    dump: async () => JSON.stringify(await cluster.admin('SELECT * FROM users')),
  });
}

await describeWith('the template postgres, with PostgreSQL', postgresPrograms, () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgres();
    await cluster.admin(schema);
  });
  afterAll(() => cluster?.close());

  describe("a user's life, over TLS with a private authority", () => {
    describeUserLife(() => serve(cluster));
  });

  test.each([
    ['another password', { DB_PASSWORD: 'another' }, '28P01'],
    ['no authority', { DB_CA: '' }, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['another database', { DB_NAME: 'another' }, '3D000'],
  ])('with %s, get-user is an error that says so', async (_what, env, code) => {
    await using misconfigured = await serve(cluster, env);
    expect(await misconfigured.run('get-user', { identifier: 'ann' })).toMatchObject({
      status: 502,
      body: { code: 'script_error', detail: `The database failed: ${code}` },
    });
  });

  test('without TLS it is served where that is said', async () => {
    const { user, password } = cluster.users.md5;
    const env = { DB_TLS: 'off', DB_CA: '', DB_USER: user, DB_PASSWORD: password };
    await using served = await serve(cluster, env);
    expect(await served.run('get-user', { identifier: 'nobody' })).toMatchObject({ body: { found: false } });
  });

  test('an authority on one line, as a dashboard keeps it, is read', async () => {
    await using served = await serve(cluster, { DB_CA: cluster.ca.replaceAll('\n', '\\n') });
    expect(await served.run('get-user', { identifier: 'nobody' })).toMatchObject({ body: { found: false } });
  });

  test('letters that look alike are not taken for one another', async () => {
    await using served = await serve(cluster);
    const user = { email: 'kim@example.com', username: 'kim', password: 'a long password' };
    expect(await served.run('create', { user })).toMatchObject({ status: 201 });
    for (const identifier of ['\u212Aim@example.com', 'kím@example.com', 'Kim', 'kim '])
      expect(await served.run('get-user', { identifier })).toMatchObject({ body: { found: false } });
  });

  test('two signups at the same moment are one user', async () => {
    await using served = await serve(cluster);
    const user = { email: 'race@example.com', password: 'a long password' };
    const replies = await Promise.all([1, 2, 3].map(() => served.run('create', { user })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});
