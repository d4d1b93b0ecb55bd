import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildGuest } from '../../sandbox/build/build-guest.ts';
import { analyseScript } from '../../src/scripts/analyse-script.ts';
import { type RunResult, runScript } from '../../src/testkit/index.ts';
import { authority, clientCertificate, clientKey } from '../sandbox/host/client-certificate.ts';
import { startPostgres } from '../servers/postgres-cluster.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** The one example in JavaScript of the page that has this in it. */
async function example(page: string, marker: string): Promise<string> {
  const text = await readFile(join(root, 'docs', page), 'utf8');
  const found = [...text.matchAll(/```js\n(.*?)```/gs)]
    .map(([, code]) => code!)
    .filter((code) => code.includes(marker));
  expect(found).toHaveLength(1);
  return found[0]!;
}

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

describe('docs/scripts.md', () => {
  const configuration = { API_BASE_URL: 'https://users.example.com', API_TOKEN: 't' };
  const jane = { user_id: '42', email: 'jane@example.com' };

  test('the example with a database finds a user there', async () => {
    await using cluster = await startPostgres({ tls: true });
    const { user } = cluster.users.trust;
    await cluster.admin(`create table users (id serial primary key, email text);
      insert into users (email) values ('Jane@example.com'); grant select on users to ${user}`);
    const server = `127.0.0.1:${cluster.port}`;
    const sandbox = {
      action: 'get_user' as const,
      source: await example('scripts.md', 'usersPool'),
      egressAllow: [server],
      configuration: {
        DATABASE_URL: `postgres://${user}@${server}/${cluster.database}`,
        DATABASE_CA: cluster.ca,
      },
    };
    const found = { ok: true, result: { found: true, user: { user_id: '1', email: 'Jane@example.com' } } };
    for (const input of [{ identifier: 'jane@example.com' }, { user_id: '1' }]) {
      expect(await runScript({ ...sandbox, input })).toMatchObject(found);
    }
  });

  test('the get_user example finds a user', async () => {
    nock('https://users.example.com').get('/users/42').reply(200, jane);
    const answer = await runScript({
      action: 'get_user',
      source: await example('scripts.md', 'validateStatus: () => true'),
      input: { user_id: '42' },
      configuration,
    });
    expect(answer).toMatchObject({ ok: true, result: { found: true, user: jane } });
  });

  test('the example in several files finds a user, knows who is not there and tells an outage', async () => {
    const lookUp = async (user_id: string) =>
      runScript({
        action: 'get_user',
        source: await example('scripts.md', '// get_user.js'),
        helpers: {
          'lib/user-store.js': await example('scripts.md', '// lib/user-store.js'),
          'roles.json': '{ "sales": ["seller"] }',
        },
        input: { user_id },
        configuration,
      });
    const store = nock('https://users.example.com', { reqheaders: { authorization: 'Bearer t' } });
    store.get('/users/42').reply(200, { ...jane, department: 'sales' });
    store.get('/users/43').reply(404).get('/users/44').reply(503);
    expect(await lookUp('42')).toMatchObject({
      ok: true,
      result: { found: true, user: { ...jane, app_metadata: { roles: ['seller'] } } },
      warnings: [],
    });
    expect(await lookUp('43')).toMatchObject({ ok: true, result: { found: false } });
    expect(await lookUp('44')).toMatchObject({ ok: false, code: 'script_error' });
  });

  test('the recipe of a token, beside an entry, fetches one', async () => {
    nock('https://id.example.com').post('/token').reply(200, { access_token: 'the-token', expires_in: 3600 });
    const getUser = `async function getUser(identifierValue, context, callback) {
      callback(null, { user_id: identifierValue, nickname: [await token(), await token()].join() });
    }`;
    const answer = await runScript({
      action: 'get_user',
      source: `${getUser}\n${await example('scripts.md', 'client_credentials')}`,
      input: { user_id: '42' },
      configuration: {
        TOKEN_URL: 'https://id.example.com/token',
        CLIENT_ID: 'client',
        CLIENT_SECRET: 'the-secret',
      },
    });
    expect(answer).toMatchObject({ ok: true, result: { user: { nickname: 'the-token,the-token' } } });
  });
});

test('the example of TLS in docs/scripts.md finds a user', async () => {
  const PEM = { CA: authority, CLIENT_CERT: clientCertificate, CLIENT_KEY: clientKey };
  nock('https://users.example.com')
    .get('/users?identifier=jane%40example.com')
    .reply(200, { user: { user_id: '42', email: 'jane@example.com' } });
  const answer = await runScript({
    action: 'get_user',
    source: await example('scripts.md', 'CLIENT_CERT'),
    input: { identifier: 'jane@example.com' },
    configuration: { API_BASE_URL: 'https://users.example.com', ...PEM },
  });
  expect(answer).toMatchObject({ ok: true, result: { found: true, user: { user_id: '42' } } });
});

test('the get_user of docs/leaving-auth0.md finds a user both ways, and warns of nothing', async () => {
  await using cluster = await startPostgres();
  const { user } = cluster.users.trust;
  await cluster.admin(`create table users (id serial primary key, email text);
    insert into users (email) values ('Jane@example.com'); grant select on users to ${user}`);
  const server = `127.0.0.1:${cluster.port}`;
  for (const input of [{ identifier: 'jane@example.com' }, { user_id: '1' }, { user_id: 'none' }]) {
    const answer = await runScript({
      action: 'get_user',
      source: await example('leaving-auth0.md', 'pg.connect'),
      input,
      egressAllow: [server],
      configuration: { DATABASE_URL: `postgres://${user}@${server}/${cluster.database}` },
    });
    const found = { found: true, user: { user_id: '1', email: 'Jane@example.com' } };
    expect(answer).toMatchObject({
      ok: true,
      warnings: [],
      result: input.user_id === 'none' ? { found: false } : found,
    });
  }
});

test('the lines of docs/leaving-auth0.md about warnings name codes that there are', async () => {
  const page = await readFile(join(root, 'docs', 'leaving-auth0.md'), 'utf8');
  const source = `function login(email, callback) { require('knex'); require('lodash@3'); mongo(postgres, sqlserver, request, _);
    crypto.createHash('md5'); }`;
  const { manifest } = await buildGuest();
  const analysed = analyseScript(source, 'login', { contextEnabled: false, modules: manifest });
  const warnings = 'warnings' in analysed ? analysed.warnings : [];
  const codes = [...new Set<string>(warnings.map(({ code }) => code))];
  expect(codes.sort()).toEqual(['legacy_global', 'module_unknown', 'module_version', 'parameter_mismatch']);
  for (const code of codes) expect(page).toContain(`\`${code}\``);
});

describe('docs/testing.md', () => {
  test('the example of runScript answers what its last line says', async () => {
    const code = (await example('testing.md', 'runScript({'))
      .replace(/^import .*$/m, '')
      .replace('const answer =', 'return');
    const evaluate = new Function('runScript', `return (async () => {${code}})()`);
    const answer = (await evaluate(runScript)) as RunResult<unknown>;
    expect(answer).toMatchObject({ ok: false, code: 'wrong_username_or_password', logCode: 'fu' });
  });

  test('the first example and the one for node:test pass in a project of its own, after init', async () => {
    const project = await mkdtemp(join(tmpdir(), 'drawbridge-project-'));
    try {
      await mkdir(join(project, 'node_modules'));
      for (const name of ['vitest', 'nock'])
        await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
      await symlink(root, join(project, 'node_modules', 'drawbridge'));
      await writeFile(join(project, 'package.json'), '{ "type": "module" }');
      await writeFile(join(project, 'acme.test.js'), await example('testing.md', "from 'vitest'"));
      await writeFile(join(project, 'acme.mjs'), await example('testing.md', "from 'node:test'"));
      await run(process.execPath, [join(root, 'src/bin.js'), 'init', join(project, 'tenant')]);
      const vitest = join(root, 'node_modules/vitest/vitest.mjs');
      const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV)/.test(name)),
      );
      const report = join(project, 'report.json');
      await run(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${report}`], {
        cwd: project,
        env,
      });
      expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({ success: true, numPassedTests: 2 });
      const { stdout } = await run(process.execPath, ['--test', 'acme.mjs'], { cwd: project, env });
      expect(stdout).toMatch(/pass 1/);
    } finally {
      await rm(project, { recursive: true });
    }
  }, 60_000);
});
