import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadConnection } from '../../src/testkit/index.ts';

let dir: string;
beforeAll(() => nock.disableNetConnect());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drawbridge-test-'));
});
afterEach(async () => {
  nock.cleanAll();
  await rm(dir, { recursive: true });
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const getUser = `async function getUser(identifierValue, context, callback) {
  console.log('looking for', identifierValue);
  console.error(context.organization ? context.organization.name : 'no organization');
  const response = await fetch(configuration.URL + '/users/' + encodeURIComponent(identifierValue));
  callback(null, await response.json());
}`;

async function connection(name: string, scripts: Record<string, string>, options: object = {}) {
  const folder = join(dir, 'database-connections', name);
  await mkdir(folder, { recursive: true });
  const customScripts = Object.fromEntries(Object.keys(scripts).map((action) => [action, `./${action}.js`]));
  const database = {
    name,
    strategy: 'auth0',
    options: {
      enabledDatabaseCustomization: true,
      enable_script_context: true,
      configuration: { URL: '@@USERS_URL@@' },
      customScripts,
      ...options,
    },
  };
  await writeFile(join(folder, 'database.json'), JSON.stringify(database));
  for (const [action, source] of Object.entries(scripts))
    await writeFile(join(folder, `${action}.js`), source);
  return folder;
}

const env = { USERS_URL: 'http://users.example.com' };
const jane = { user_id: '42', email: 'jane@example.com' };

describe('what it loads', () => {
  test('takes the folder of a connection beside others that are broken', async () => {
    const path = await connection('acme', { get_user: getUser });
    await mkdir(join(dir, 'database-connections', 'broken'));
    await writeFile(join(dir, 'database-connections', 'broken', 'database.json'), '{');
    await using acme = await loadConnection({ path, env });
    expect(acme.name).toBe('acme');
  });

  test('takes a folder that lies anywhere, and leaves nothing behind', async () => {
    vi.stubEnv('TMPDIR', dir);
    const path = fileURLToPath(new URL('../../scripts-templates/http', import.meta.url));
    await using acme = await loadConnection(path);
    expect(acme.connection.scripts).toHaveProperty('login');
    expect(await readdir(dir)).toEqual([]);
    vi.unstubAllEnvs();
  });

  test('takes a directory with one connection', async () => {
    await connection('acme', { get_user: getUser });
    await using acme = await loadConnection({ path: dir, env });
    expect(acme.name).toBe('acme');
  });

  test('wants to know which of several', async () => {
    await connection('acme', { get_user: getUser });
    await connection('other', { get_user: getUser });
    await expect(loadConnection({ path: dir, env })).rejects.toThrow(/acme, other/);
    await expect(loadConnection({ path: dir, env, connection: 'third' })).rejects.toThrow(/"third".*acme/);
    await using other = await loadConnection({ path: dir, env, connection: 'other' });
    expect(other.name).toBe('other');
  });

  test('says what is wrong with the files', async () => {
    const path = await connection('acme', {});
    await writeFile(join(path, 'database.json'), '{ "name": 3 }');
    await expect(loadConnection(path)).rejects.toThrow(/database\.json/);
    await expect(loadConnection(join(dir, 'nowhere'))).rejects.toThrow(/nowhere/);
  });
});

describe('helper files', () => {
  const source = `const { answer } = require('./lib/answer');
function getUser(id, context, callback) { callback(null, answer(id)); }`;
  const answer =
    "exports.answer = (id) => {\n  if (id === '0') throw new RangeError('zero');\n  return { user_id: id };\n};";

  test('are loaded from a folder anywhere, links within it included, and named in stacks', async () => {
    const path = join(dir, 'acme');
    const database = { name: 'acme', options: { enable_script_context: true } };
    await mkdir(join(path, 'lib'), { recursive: true });
    await writeFile(join(path, 'database.json'), JSON.stringify(database));
    await writeFile(join(path, 'get_user.js'), source);
    await writeFile(join(path, 'lib', 'real.js'), answer);
    await symlink('real.js', join(path, 'lib', 'answer.js'));
    await using acme = await loadConnection(path);
    expect(acme.connection.scripts.get_user?.helpers).toMatchObject([{ file: 'acme/lib/answer.js' }]);
    expect(await acme.run('get_user', { identifier: '42' })).toMatchObject({
      ok: true,
      result: { user: { user_id: '42' } },
    });
    expect(await acme.run('get_user', { identifier: '0' })).toMatchObject({
      ok: false,
      message: 'RangeError: zero',
      stack: [
        expect.stringContaining('acme/lib/answer.js:2:25'),
        expect.stringContaining('acme/get_user.js:2:58'),
      ],
    });
  });

  test('are warned of', async () => {
    const path = await connection('acme', { get_user: source });
    await mkdir(join(path, 'lib'));
    await writeFile(join(path, 'lib', 'answer.js'), "require('no-such-module');");
    await using acme = await loadConnection({ path, env });
    expect(acme.warnings).toMatchObject([
      { code: 'module_unknown', file: 'database-connections/acme/lib/answer.js', line: 1 },
    ]);
  });
});

describe('what a run answers', () => {
  test('the result, and what the script wrote to its console', async () => {
    await using acme = await loadConnection({ path: await connection('acme', { get_user: getUser }), env });
    nock('http://users.example.com').get('/users/42').reply(200, jane);
    const answer = await acme.run(
      'get_user',
      { user_id: '42' },
      { organization: { id: 'org_1', name: 'Acme' } },
    );
    expect(answer).toMatchObject({
      ok: true,
      result: { found: true, user: jane },
      console: [{ text: 'looking for 42' }, { level: 'error', text: 'Acme' }],
    });
  });

  test('each run has its own console lines, also side by side', async () => {
    await using acme = await loadConnection({ path: await connection('acme', { get_user: getUser }), env });
    nock('http://users.example.com').get(/.*/).times(4).reply(200, jane);
    const identifiers = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(identifiers.map((identifier) => acme.run('get_user', { identifier })));
    expect(answers.map(({ console }) => console[0]?.text)).toEqual(
      identifiers.map((i) => `looking for ${i}`),
    );
  });

  test('configuration values of the test win over those of the files', async () => {
    const path = await connection('acme', { get_user: getUser });
    await using acme = await loadConnection({
      path,
      env,
      configuration: { URL: 'http://elsewhere.example.com' },
    });
    nock('http://elsewhere.example.com').get('/users/42').reply(200, jane);
    expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({ ok: true });
  });

  test('code, message and the script’s own line of a failure', async () => {
    const source =
      "function login(identifier, password, context, callback) {\n  throw new Error('out of order');\n}";
    await using acme = await loadConnection({ path: await connection('acme', { login: source }), env });
    const answer = await acme.run('login', { identifier: 'jane', password: 'secret' });
    expect(answer).toMatchObject({ ok: false, code: 'script_error' });
    expect(answer).toHaveProperty('message', expect.stringContaining('out of order'));
    expect(answer).toHaveProperty('stack.0', expect.stringContaining('acme/login.js:2'));
  });

  test('the issues of a profile', async () => {
    const source = 'function getUser(id, context, callback) { callback(null, { user_id: "42", email: 3 }); }';
    await using acme = await loadConnection({ path: await connection('acme', { get_user: source }), env });
    expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({
      ok: false,
      code: 'invalid_profile',
      issues: [{ path: 'email' }],
    });
  });

  test('the script that does not compile, and the one that is not there', async () => {
    await using acme = await loadConnection({ path: await connection('acme', { login: 'function (' }), env });
    expect(await acme.run('login', { identifier: 'jane', password: 'x' })).toMatchObject({
      code: 'script_invalid',
    });
    expect(await acme.run('verify', { email: 'jane@example.com' })).toMatchObject({
      code: 'script_not_found',
    });
  });

  test('the limits that were asked for', async () => {
    const source = 'function login(identifier, password, context, callback) { setTimeout(callback, 60000); }';
    const path = await connection('acme', { login: source });
    await using acme = await loadConnection({ path, env, limits: { wallMs: 200 } });
    expect(await acme.run('login', { identifier: 'jane', password: 'x' })).toMatchObject({
      code: 'script_timeout',
    });
  });

  test('a whole signup, from one call', async () => {
    const create = `function create(user, context, callback) {
      global.user = { user_id: '42', email: user.email };
      console.log('created');
      callback(null, global.user);
    }`;
    const lookUp =
      'function getUser(value, context, callback) { console.log("looked"); callback(null, global.user); }';
    await using acme = await loadConnection({
      path: await connection('acme', { create, get_user: lookUp }),
      env,
    });
    const answer = await acme.signup({ user: { email: 'jane@example.com' }, method: 'passkey' });
    expect(answer).toMatchObject({ ok: true, result: { user: jane } });
    expect(answer.console.map(({ text }) => text)).toEqual(['looked', 'created', 'looked']);
  });
});

test('an intercepted call that nobody answers is refused, and never reaches the network', async () => {
  await using acme = await loadConnection({ path: await connection('acme', { get_user: getUser }), env });
  expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({ ok: false, code: 'script_error' });
});

test('works under node --test, without flags', async () => {
  const file = fileURLToPath(new URL('./fixtures/node-test.mjs', import.meta.url));
  const { NODE_OPTIONS: _, ...plain } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', file], { env: plain });
  expect(stdout).toMatch(/pass 1/);
}, 30_000);
