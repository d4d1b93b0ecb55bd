import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionFiles, writeFiles } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const scripts = {
  login: `function login(identifier, password, context, callback) {
    if (identifier === 'held') return void fetch(configuration.URL).then(() => callback(null, { user_id: '1', email: 'a@b.c' }));
    console.log('logging in with ' + password);
    if (identifier === 'wrong') return callback(new WrongUsernameOrPasswordError(identifier, 'not ' + password));
    if (identifier === 'failing') throw new Error('no luck with ' + password);
    callback(null, { user_id: '1', email: 'jane@example.com' });
    console.log('logged in with ' + password);
  }`,
  get_user: `function getUser(value, context, callback) {
    callback(null, global.user && global.user.email === value ? global.user : null);
  }`,
  create: `function create(user, context, callback) {
    global.user = { user_id: '1', email: user.email };
    callback(null, global.user);
  }`,
  change_password:
    'function changePassword(identifier, password, context, callback) { callback(null, true); }',
};

let root: string;
let upstream: Upstream;
let child: ChildProcess;
let url: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'drawbridge-memory-'));
  upstream = await startUpstream(() => {});
  await writeFiles(root, connectionFiles('acme', scripts, { configuration: { URL: upstream.url } }));
  child = fork(fileURLToPath(new URL('./memory-program.ts', import.meta.url)), {
    execArgv: ['--expose-gc'],
    env: {
      DRAWBRIDGE_DIR: root,
      DRAWBRIDGE_EGRESS_ALLOW: upstream.address,
      DRAWBRIDGE_SANDBOX_PROCESSES: '1',
    },
  });
  [{ url }] = (await once(child, 'message')) as [{ url: string }];
});
afterAll(async () => {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  await upstream.close();
  await rm(root, { recursive: true });
});

/** The texts that are in a string of the service's memory after a collection of garbage. */
async function remembered(texts: Readonly<Record<string, string>>): Promise<string[]> {
  const path = join(root, 'memory.heapsnapshot');
  const written = once(child, 'message');
  child.send(path);
  await written;
  const snapshot = await readFile(path);
  await rm(path);
  return Object.keys(texts).filter((name) => snapshot.includes(texts[name]!));
}

async function call(path: string, body: object | string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/v1/connections/acme/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const newSecret = () => `pw-${randomBytes(12).toString('hex')}`;

test('passwords and passkey material are in no string of the service once the script has ended', async () => {
  const used: Record<string, string> = {};
  const secret = (name: string) => {
    used[name] = newSecret();
    return used[name];
  };
  const logIn = (identifier: string) => call('login', { identifier, password: secret(identifier) });
  const arrived = upstream.next();
  const holding = logIn('held');
  const held = await arrived;
  expect(await remembered(used)).toEqual(['held']);
  held.answer(200, {});
  expect((await holding).status).toBe(200);

  expect((await logIn('jane')).status).toBe(200);
  expect((await logIn('wrong')).text).toContain('not [password]');
  expect((await logIn('failing')).text).toContain('no luck with [password]');
  const key = { 'idempotency-key': 'once' };
  const newUser = (name: string) => ({
    user: {
      email: 'ann@example.com',
      password: secret(`password of ${name}`),
      passkey: { response: { attestationObject: secret(`attestation of ${name}`) } },
    },
  });
  expect((await call('create', newUser('create'), key)).status).toBe(201);
  expect((await call('create', newUser('another body'), key)).status).toBe(409);
  expect((await call('signup', newUser('a signup of one who exists'))).status).toBe(409);
  const signup = { ...newUser('signup') };
  signup.user.email = 'bob@example.com';
  expect((await call('signup', signup, { 'idempotency-key': 'twice' })).status).toBe(201);
  const change = { identifier: 'ann@example.com', new_password: secret('new password') };
  expect((await call('change-password', change)).status).toBe(200);
  expect((await call('login', { identifier: 7, password: secret('a body that is not valid') })).status).toBe(
    400,
  );
  expect((await call('login', `{"password": "${secret('a body that is no JSON')}"`)).status).toBe(400);
  expect((await call('login?', { [secret('a field')]: 1 })).status).toBe(400);

  // Until nothing more can come of a script, what it says has to be masked: ten seconds at most.
  await expect.poll(() => remembered(used), { timeout: 40_000, interval: 5_000 }).toEqual([]);
}, 90_000);
