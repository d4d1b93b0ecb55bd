import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';
import { type SeenRequest, startUpstream, type Upstream } from './upstream.ts';

/** Each script tells the upstream all that it was given. */
const scripts = {
  get_user: `async function getUser(value, context, callback) {
    const path = context.identifierType === 'user_id' ? '/users/by-id' : '/users/by-identifier';
    const response = await fetch(configuration.URL + path, { method: 'POST', body: JSON.stringify({ value, context }) });
    if (response.status === 404) return callback(null);
    if (response.status !== 200) return callback(new Error('The store answered ' + response.status));
    callback(null, await response.json());
  }`,
  create: `async function create(user, context, callback) {
    const response = await fetch(configuration.URL + '/users', { method: 'POST', body: JSON.stringify({ user, context }) });
    if (response.status !== 201) return callback(new Error('The store answered ' + response.status));
    callback(null, await response.json());
  }`,
  delete: `function remove(id, context, callback) {
    callback(id === 'stuck' ? new Error('The store is down') : null);
  }`,
};

let folder: string;
let upstream: Upstream;
let service: RunningService;
let users: Map<string, object>;
/** What the upstream does before it answers; a test may put a failure in its place. */
let onCreate: (request: SeenRequest) => unknown;
let onProof: (request: SeenRequest) => unknown;

async function answer(request: SeenRequest): Promise<void> {
  const { url, body } = request;
  if (url === '/users') {
    if ((await onCreate(request)) === 'failed') return request.answer(503, {});
    const user = { user_id: `u${users.size + 1}`, email: JSON.parse(body).user.email };
    users.set(user.user_id, user);
    return request.answer(201, user);
  }
  if (url === '/users/by-identifier') return request.answer(404, {});
  if ((await onProof(request)) === 'failed') return request.answer(503, {});
  request.answer(200, users.get(JSON.parse(body).value));
}

const start = (env: Record<string, string>) => {
  const configuration = { URL: upstream.url };
  return startService({
    files: {
      ...connectionFiles('acme', scripts, { configuration }),
      ...connectionFiles('other', scripts, { configuration }),
    },
    env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address, ...env },
  });
};
const startWithFile = () => start({ DRAWBRIDGE_USER_HANDLES_FILE: join(folder, 'user-handles.db') });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-handles-'));
  users = new Map();
  upstream = await startUpstream((request) => void answer(request));
  service = await startWithFile();
});
afterAll(async () => {
  await service.stop();
  await upstream.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  onCreate = () => {};
  onProof = () => {};
  upstream.seen.splice(0);
});

const ask = (body: object, connection = 'acme') => service.run(connection, 'user-handle', body);
const mint = async (): Promise<string> => (await ask({})).body.user_handle;
const userOf = async (user_handle: string) => (await ask({ user_handle })).body.user_id;
const created = () => upstream.seen.filter(({ url }) => url === '/users').length;

let people = 0;
const person = () => ({ email: `somebody-${++people}@example.com` });
const run = (call: string, body: object, headers = {}) => service.run('acme', call, body, headers);

describe('user-handle', () => {
  test('gives a new one, tells whose it is, binds it once and for all', async () => {
    const minted = await ask({});
    expect(minted).toMatchObject({ status: 201, body: { user_id: null } });
    expect(minted.body.user_handle).toMatch(/^[\w-]{86}$/);
    const { user_handle } = minted.body;
    expect(await ask({ user_handle })).toMatchObject({ status: 200, body: { user_handle, user_id: null } });
    const bound = { status: 200, body: { user_handle, user_id: 'forms' } };
    expect(await ask({ user_handle, user_id: 'forms' })).toMatchObject(bound);
    expect(await ask({ user_handle, user_id: 'forms' })).toMatchObject(bound);
    expect(await ask({ user_handle })).toMatchObject(bound);
    expect(await ask({ user_id: 'forms' })).toMatchObject(bound);
    const taken = { status: 409, body: { code: 'user_handle_taken', retryable: false } };
    expect(await ask({ user_handle, user_id: 'forms-2' })).toMatchObject(taken);
    expect(await ask({ user_handle: await mint(), user_id: 'forms' })).toMatchObject(taken);
    expect(upstream.seen).toEqual([]);
  });

  test('twenty requests at once for a user give one handle', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask({ user_id: 'twenty' })));
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(replies.map(({ body }) => body.user_handle)).size).toBe(1);
  });

  test('of two users bound to one handle at once one gets it', async () => {
    const user_handle = await mint();
    const replies = await Promise.all(['first', 'second'].map((each) => ask({ user_handle, user_id: each })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test("knows no handle of another connection's", async () => {
    const { user_handle } = (await ask({ user_id: 'mine' })).body;
    const unknown = { status: 404, body: { code: 'user_handle_not_found', connection: 'other' } };
    expect(await ask({ user_handle }, 'other')).toMatchObject(unknown);
    expect(await ask({ user_handle, user_id: 'mine' }, 'other')).toMatchObject(unknown);
    expect((await ask({ user_id: 'mine' }, 'other')).body.user_handle).not.toBe(user_handle);
    expect(await ask({ user_handle: 'c2hvcnQ' })).toMatchObject({ status: 404 });
    expect(await ask({}, 'nowhere')).toMatchObject({ status: 404, body: { code: 'connection_not_found' } });
  });

  test.each([
    [{ user_handle: 'a+b/' }, 'user_handle', 'must be base64url without padding'],
    [{ user_handle: 'x'.repeat(87) }, 'user_handle', 'must have 86 characters at most'],
    [{ user_handle: null }, 'user_handle', 'must be a string, is null'],
    [{ user_id: '' }, 'user_id', 'must not be empty'],
    [{ user_id: 'a\ud800' }, 'user_id', expect.stringContaining('surrogate pair')],
    [
      { organization: { id: 'o' } },
      'organization',
      expect.stringContaining('allowed here: user_handle, user_id'),
    ],
  ])('refuses %j by the field', async (body, path, message) => {
    expect(await ask(body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', issues: [{ path, message }] },
    });
  });
});

describe('a passkey signup', () => {
  test('binds its handle before the proof and answers it; no script gets to see it', async () => {
    const user_handle = await mint();
    let boundAtProof: unknown;
    onProof = async () => {
      boundAtProof = await userOf(user_handle);
    };
    const reply = await run('signup', { user: person(), method: 'passkey', user_handle });
    const { user_id } = reply.body.user;
    expect(reply).toMatchObject({ status: 201, body: { user_handle, user: { user_id } } });
    expect(boundAtProof).toBe(user_id);
    expect(await ask({ user_id })).toMatchObject({ status: 200, body: { user_handle } });
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/users/by-identifier', '/users', '/users/by-id']);
    const seen = upstream.seen.map(({ body }) => body).join();
    expect(seen).not.toContain(user_handle);
    expect(seen).not.toContain('user_handle');
  });

  test('create alone binds it too', async () => {
    const user_handle = await mint();
    const reply = await run('create', { user: person(), user_handle });
    expect(reply).toMatchObject({ status: 201, body: { user_handle } });
    expect(await userOf(user_handle)).toBe(reply.body.user.user_id);
    expect(await run('create', { user: person() })).toMatchObject({ status: 201 });
    expect((await run('create', { user: person() })).body).not.toHaveProperty('user_handle');
  });

  test.each(['create', 'signup'])('%s with a handle that is unknown or taken runs nothing', async (call) => {
    const { user_handle: taken } = (await ask({ user_id: 'has-one' })).body;
    const { user_handle: foreign } = (await ask({}, 'other')).body;
    expect(await run(call, { user: person(), user_handle: taken })).toMatchObject({
      status: 409,
      body: { code: 'user_handle_taken' },
    });
    expect(await run(call, { user: person(), user_handle: foreign })).toMatchObject({
      status: 404,
      body: { code: 'user_handle_not_found' },
    });
    expect(upstream.seen).toEqual([]);
  });

  test.each([
    ['stated', { user: { email: 'a@example.com', password }, method: 'password' }],
    ['told by the password', { user: { email: 'a@example.com', password } }],
    ['stated without one', { user: { email: 'a@example.com' }, method: 'password' }],
  ])('of method password, %s, takes no handle', async (_how, body) => {
    const user_handle = await mint();
    expect(await run('signup', { ...body, user_handle })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', issues: [{ path: 'user_handle', code: 'user_handle_not_allowed' }] },
    });
    expect(await userOf(user_handle)).toBeNull();
    expect(upstream.seen).toEqual([]);
  });

  test('that fails in create leaves the handle for the next attempt', async () => {
    const user_handle = await mint();
    const body = { user: person(), method: 'passkey', user_handle };
    onCreate = () => 'failed';
    expect(await run('signup', body)).toMatchObject({ status: 502, body: { script: 'create' } });
    expect(await userOf(user_handle)).toBeNull();
    onCreate = () => {};
    expect(await run('signup', body)).toMatchObject({ status: 201, body: { user_handle } });
  });

  test('that fails in the proof has bound it: there is a user now', async () => {
    const user_handle = await mint();
    onProof = () => 'failed';
    const reply = await run('signup', { user: person(), method: 'passkey', user_handle });
    expect(reply).toMatchObject({ status: 502, body: { script: 'get_user' } });
    expect(users.has(await userOf(user_handle))).toBe(true);
  });

  test('is answered with the handle again when it is sent again with its key', async () => {
    const body = { user: person(), method: 'passkey', user_handle: await mint() };
    const key = { 'idempotency-key': 'signup-with-a-handle' };
    const [first, ...others] = await Promise.all([run('signup', body, key), run('signup', body, key)]);
    const again = await run('signup', body, key);
    expect(first).toMatchObject({ status: 201, body: { user_handle: body.user_handle } });
    for (const reply of [...others, again]) expect(reply).toMatchObject({ status: 201, text: first.text });
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(created()).toBe(1);
  });

  test('may be sent again with its key after a refusal of the handle', async () => {
    const user_handle = (await ask({ user_id: 'soon-deleted' })).body.user_handle;
    const key = { 'idempotency-key': 'signup-with-a-taken-handle' };
    const body = { user: person(), method: 'passkey', user_handle };
    expect(await run('signup', body, key)).toMatchObject({ status: 409 });
    await run('delete', { user_id: 'soon-deleted' });
    expect(await run('signup', body, key)).toMatchObject({
      status: 404,
      body: { code: 'user_handle_not_found' },
    });
  });

  test('is answered without the handle when another one was faster with it, and the log says so', async () => {
    const user_handle = await mint();
    const both = Promise.withResolvers<void>();
    onCreate = () => {
      if (created() === 2) both.resolve();
      return both.promise;
    };
    const logged = service.log.next(({ level }) => level === 'error');
    const replies = await Promise.all([
      run('create', { user: person(), user_handle }),
      run('create', { user: person(), user_handle }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([201, 201]);
    const [bound, ...more] = replies.filter(({ body }) => body.user_handle === user_handle);
    expect(more).toEqual([]);
    expect(await userOf(user_handle)).toBe(bound!.body.user.user_id);
    const line = await logged;
    expect(line.fields).toMatchObject({ reason: 'user_handle_taken', connection: 'acme' });
    expect(line.fields.execution).toMatch(/^exec_/);
    expect(JSON.stringify(line)).not.toContain(user_handle);
  });

  test('is answered without the handle when the file fails after create; it is bound later', async () => {
    const user_handle = await mint();
    const file = new DatabaseSync(join(folder, 'user-handles.db'));
    onCreate = () => file.exec('ALTER TABLE user_handles RENAME TO away');
    const reply = await run('signup', { user: person(), method: 'passkey', user_handle });
    file.exec('ALTER TABLE away RENAME TO user_handles');
    file.close();
    expect(reply.status).toBe(201);
    expect(reply.body).not.toHaveProperty('user_handle');
    const { user_id } = reply.body.user;
    expect(await ask({ user_handle, user_id })).toMatchObject({ status: 200, body: { user_id } });
  });
});

test('delete forgets: whoever is given the user_id next has another handle', async () => {
  const { user_handle } = (await ask({ user_id: 'reused' })).body;
  const { user_handle: others } = (await ask({ user_id: 'reused' }, 'other')).body;
  expect(await run('delete', { user_id: 'reused' })).toMatchObject({ status: 204 });
  expect(await ask({ user_handle })).toMatchObject({ status: 404 });
  expect((await ask({ user_id: 'reused' })).body.user_handle).not.toBe(user_handle);
  expect((await ask({ user_handle: others }, 'other')).body.user_id).toBe('reused');
});

test('a delete that fails forgets nothing', async () => {
  const { user_handle } = (await ask({ user_id: 'stuck' })).body;
  expect(await run('delete', { user_id: 'stuck' })).toMatchObject({ status: 502 });
  expect(await userOf(user_handle)).toBe('stuck');
});

test('a delete whose handle cannot be forgotten is no 204, and may be sent again', async () => {
  const { user_handle } = (await ask({ user_id: 'to-be-forgotten' })).body;
  const file = new DatabaseSync(join(folder, 'user-handles.db'));
  file.exec('ALTER TABLE user_handles RENAME TO away');
  const reply = await run('delete', { user_id: 'to-be-forgotten' });
  file.exec('ALTER TABLE away RENAME TO user_handles');
  file.close();
  expect(reply).toMatchObject({ status: 500, body: { code: 'internal_error', retryable: true } });
  expect(await run('delete', { user_id: 'to-be-forgotten' })).toMatchObject({ status: 204 });
  expect(await ask({ user_handle })).toMatchObject({ status: 404 });
});

test('no log line has a handle in it', async () => {
  const user_handle = await mint();
  await run('create', { user: person(), user_handle });
  expect(JSON.stringify(service.log.lines)).not.toContain(user_handle);
});

test('a restart keeps them', async () => {
  const unbound = await mint();
  const bound = (await ask({ user_id: 'kept' })).body.user_handle;
  await service.stop();
  service = await startWithFile();
  expect(await userOf(unbound)).toBeNull();
  expect(await userOf(bound)).toBe('kept');
  expect((await ask({ user_id: 'kept' })).body.user_handle).toBe(bound);
});

test('without a file they are off, and everything else is as before', async () => {
  await using without = await start({});
  const off = { status: 409, body: { code: 'user_handles_off' } };
  expect(await without.run('acme', 'user-handle', {})).toMatchObject(off);
  expect(await without.run('acme', 'signup', { user: person(), user_handle: 'x' })).toMatchObject(off);
  expect(upstream.seen).toEqual([]);
  expect(await without.run('acme', 'signup', { user: person() })).toMatchObject({ status: 201 });
  expect(await without.run('acme', 'delete', { user_id: 'u1' })).toMatchObject({ status: 204 });
});
