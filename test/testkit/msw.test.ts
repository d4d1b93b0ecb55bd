import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpResponse, http } from 'msw/http';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadConnection, type TestConnection } from '../../src/testkit/index.ts';
import '../../src/testkit/vitest.ts';

const withAxios = `async function getUser(id, context, callback) {
  const { data } = await require('axios').get('https://users.example.com/users/' + id);
  callback(null, data);
}`;
const withFetch = `async function login(identifier, password, context, callback) {
  const body = JSON.stringify({ password });
  const headers = { 'content-type': 'application/json' };
  const url = 'https://users.example.com/users/' + identifier + '/login';
  const response = await fetch(url, { method: 'POST', headers, body });
  if (response.status === 401) return callback(new WrongUsernameOrPasswordError(null, 'No'));
  callback(null, await response.json());
}`;

const user = { user_id: '42', email: 'jane@example.com' };
const lookUp = 'https://users.example.com/users/:id';
const login = 'https://users.example.com/users/:id/login';

const server = setupServer();
let acme: TestConnection;
let dir: string;

beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'error' });
  dir = await mkdtemp(join(tmpdir(), 'drawbridge-test-'));
  await writeFile(
    join(dir, 'database.json'),
    '{ "name": "acme", "options": { "enable_script_context": true } }',
  );
  await writeFile(join(dir, 'get_user.js'), withAxios);
  await writeFile(join(dir, 'login.js'), withFetch);
  acme = await loadConnection(dir);
});
beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
  server.resetHandlers();
});
afterAll(async () => {
  server.close();
  await acme?.close();
  await rm(dir, { recursive: true });
});

const calls = {
  axios: () => acme.run('get_user', { user_id: '42' }),
  fetch: () => acme.run('login', { identifier: '42', password: 'secret' }),
};

test('handlers see the calls of axios and of fetch, and answer them', async () => {
  server.use(
    http.get(lookUp, ({ params }) => HttpResponse.json({ ...user, user_id: params.id })),
    http.post(login, async ({ request }) => {
      const { password } = (await request.json()) as { password: string };
      return password === 'secret' ? HttpResponse.json(user) : new HttpResponse(null, { status: 401 });
    }),
  );
  expect(await calls.axios()).toReturnProfile(user);
  expect(await calls.fetch()).toReturnProfile(user);
  const wrong = await acme.run('login', { identifier: '42', password: 'other' });
  expect(wrong).toFailWith('wrong_username_or_password');
});

describe.each(Object.entries(calls))('%s', (_, call) => {
  test('gets the network errors of handlers', async () => {
    server.use(http.all('https://users.example.com/*', () => HttpResponse.error()));
    expect(await call()).toFailWith('script_error', 'Network error');
  });

  test('is refused what no handler is for, and the runner’s console says which call that was', async () => {
    expect(await call()).toFailWith('script_error', '[MSW] Cannot bypass a request');
    expect(console.error).toHaveBeenCalledWith(
      expect.stringMatching(/without a matching request handler.*users\.example\.com\/users\/42/s),
    );
  });
});
