import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { password } from './running-service.ts';
import { startTemplate, type TemplateService } from './template-service.ts';

let running: TemplateService;
const run = (call: string, body: object) => running.service.run('acme', call, body);
/** What the scripts have called since the test began, without queries. */
const calls = () => running.upstream.seen.map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`);

beforeAll(async () => {
  running = await startTemplate('http');
});
afterAll(() => running[Symbol.asyncDispose]());
beforeEach(() => {
  running.setOutage();
  running.upstream.seen.splice(0);
});

test('a signup looks up every identifier, creates, and proves the user by a login', async () => {
  const user = { email: 'ann@example.com', username: 'ann', password };
  const reply = await run('signup', { user });
  expect(reply).toMatchObject({ status: 201, body: { user: { email: 'ann@example.com', username: 'ann' } } });
  expect(calls()).toEqual(['GET /users', 'GET /users', 'POST /users', 'POST /login']);
  expect(reply.body.execution).toMatchObject({ id: reply.headers.get('x-execution-id') });
  expect(reply.headers.get('server-timing')).toMatch(
    /^queue;dur=.*, sandbox;dur=.*, script;dur=.*, upstream;dur=/,
  );
});

test('a signup with a passkey sends no password and proves the user by its user_id', async () => {
  const reply = await run('signup', { user: { email: 'bob@example.com' }, method: 'passkey' });
  const { user_id } = reply.body.user;
  expect(reply.status).toBe(201);
  expect(calls()).toEqual(['GET /users', 'POST /users', `GET /users/${user_id}`]);
  expect(JSON.parse(running.upstream.seen[1]!.body)).toEqual({ email: 'bob@example.com' });
  const login = await run('login', { identifier: 'bob@example.com', password: 'undefined' });
  expect(login).toMatchObject({ status: 401, body: { log_code: 'fp' } });
});

test.each([
  ['the email', { email: 'jane@example.com', username: 'janet' }, 'user.email'],
  ['the username', { email: 'other@example.com', username: 'john' }, 'user.username'],
  ['the phone number', { phone_number: '+15550100' }, 'user.phone_number'],
])('a signup is told that %s is taken, and create is not run', async (_what, user, path) => {
  const reply = await run('signup', { user: { ...user, password } });
  expect(reply).toMatchObject({ status: 409, body: { code: 'user_exists', issues: [{ path }] } });
  expect(calls()).not.toContain('POST /users');
});

test('an outage of the store during the look-up ends the signup before create', async () => {
  running.setOutage(/./);
  const reply = await run('signup', { user: { email: 'cleo@example.com', password } });
  expect(reply).toMatchObject({ status: 502, body: { code: 'script_error', script: 'get_user' } });
  expect(calls()).toEqual(['GET /users']);
  running.setOutage();
  expect((await run('get-user', { identifier: 'cleo@example.com' })).body.found).toBe(false);
});

test('an outage after create says that there is a user now', async () => {
  running.setOutage(/^POST \/login/);
  const reply = await run('signup', { user: { email: 'dora@example.com', password } });
  expect(reply).toMatchObject({
    status: 502,
    body: {
      code: 'script_error',
      script: 'login',
      detail: expect.stringMatching(/^The user was created, but/),
    },
  });
  expect((await run('get-user', { identifier: 'dora@example.com' })).body.found).toBe(true);
});

test('of two signups at once with one identifier only one makes a user', async () => {
  const user = { email: 'eric@example.com', password };
  const replies = await Promise.all([run('signup', { user }), run('signup', { user })]);
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409]);
});
