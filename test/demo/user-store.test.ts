import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoUsers } from '../../src/demo/demo-users.ts';
import { type RunningUserStore, startUserStore } from '../../src/demo/start-user-store.ts';

let store: RunningUserStore;
beforeAll(async () => {
  store = await startUserStore();
});
afterAll(() => store.close());

function call(method: string, path: string, body?: unknown, authorization?: string) {
  return fetch(`${store.url}${path}`, {
    method,
    headers: {
      authorization: authorization ?? `Bearer ${store.credentials.token}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe('credentials', () => {
  test('takes HTTP Basic as well as the bearer token', async () => {
    const { username, password } = store.credentials;
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    expect((await call('GET', '/users/42', undefined, basic)).status).toBe(200);
  });

  test.each(['', 'Bearer wrong', 'Basic d3Jvbmc6d3Jvbmc='])(
    'refuses %j with WWW-Authenticate',
    async (given) => {
      const response = await call('GET', '/users/42', undefined, given);
      expect(response.status).toBe(401);
      expect(response.headers.has('www-authenticate')).toBe(true);
    },
  );
});

describe('login', () => {
  test.each(demoUsers)('takes the documented password of $user.name', async ({ user, password }) => {
    const identifier = user.email ?? user.username ?? user.phone_number;
    const response = await call('POST', '/login', { identifier, password });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(user);
  });

  test('answers a wrong password with 401 and the user_id, without WWW-Authenticate', async () => {
    const response = await call('POST', '/login', { identifier: 'john', password: 'wrong' });
    expect(response.status).toBe(401);
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(await response.json()).toEqual({ user_id: '43' });
  });

  test('answers an unknown identifier with 401 and no user_id', async () => {
    const response = await call('POST', '/login', { identifier: 'nobody@example.com', password: 'wrong' });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({});
  });

  test('refuses every password of a user who has none', async () => {
    await call('POST', '/users', { email: 'passkey-only@example.com' });
    const response = await call('POST', '/login', { identifier: 'passkey-only@example.com', password: '' });
    expect(response.status).toBe(401);
  });
});

describe('look-up', () => {
  test.each([
    ['an email address in any case', 'JANE@example.com', '42'],
    ['a username', 'john', '43'],
    ['a phone number', '+15550100', '44'],
  ])('finds a user by %s', async (_what, identifier, userId) => {
    const response = await call('GET', `/users?identifier=${encodeURIComponent(identifier)}`);
    expect(await response.json()).toMatchObject({ user_id: userId });
  });

  test('does not take a look-alike letter for the one it resembles', async () => {
    await call('POST', '/users', { email: 'kim@example.com' });
    expect(
      (await call('GET', `/users?identifier=${encodeURIComponent('\u212Aim@example.com')}`)).status,
    ).toBe(404);
  });

  test('answers 404 for an unknown identifier and an unknown user_id', async () => {
    expect((await call('GET', '/users?identifier=nobody')).status).toBe(404);
    expect((await call('GET', '/users/nobody')).status).toBe(404);
  });

  test('never answers a password or its hash', async () => {
    expect(JSON.stringify(await (await call('GET', '/users/42')).json())).not.toMatch(/password|\$2[aby]\$/);
  });
});

describe('create', () => {
  test('answers 201 with the user, who can log in', async () => {
    const response = await call('POST', '/users', { email: 'new@example.com', password: 'a-new-password' });
    expect(response.status).toBe(201);
    const user = await response.json();
    const login = await call('POST', '/login', { identifier: 'new@example.com', password: 'a-new-password' });
    expect(await login.json()).toEqual(user);
  });

  test('answers 409 when any identifier is taken', async () => {
    const response = await call('POST', '/users', { email: 'another@example.com', username: 'john' });
    expect(response.status).toBe(409);
  });

  test('makes one user of two signups at once', async () => {
    const signup = () => call('POST', '/users', { email: 'twice@example.com', password: 'a-password' });
    const statuses = (await Promise.all([signup(), signup()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
  });

  test.each([
    ['an unknown field', { email: 'x@example.com', passkey: {} }],
    ['a password of more than 72 bytes', { email: 'x@example.com', password: 'p'.repeat(73) }],
    ['a wrong phone number', { phone_number: '555' }],
  ])('answers 400 to %s', async (_what, body) => {
    expect((await call('POST', '/users', body)).status).toBe(400);
  });
});

test('changes what it is told to, refuses what another has, deletes', async () => {
  const { user_id } = (await (await call('POST', '/users', { email: 'change@example.com' })).json()) as {
    user_id: string;
  };
  const path = '/users?identifier=change@example.com';
  expect((await call('PATCH', path, { email: 'jane@example.com' })).status).toBe(409);
  expect((await call('PATCH', '/users?identifier=nobody', { username: 'x' })).status).toBe(404);
  const changed = await call('PATCH', path, {
    username: 'changed',
    email_verified: true,
    password: 'set-later',
  });
  expect(await changed.json()).toEqual({
    user_id,
    email: 'change@example.com',
    email_verified: true,
    username: 'changed',
  });
  expect((await call('POST', '/login', { identifier: 'changed', password: 'set-later' })).status).toBe(200);
  expect((await call('DELETE', `/users/${user_id}`)).status).toBe(204);
  expect((await call('DELETE', `/users/${user_id}`)).status).toBe(404);
});
