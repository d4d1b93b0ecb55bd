import { loadConnection } from 'drawbridge/testkit';
import { HttpResponse, http } from 'msw/http';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import 'drawbridge/testkit/vitest';

const jane = { user_id: '42', email: 'jane@example.com' };
const lookUp = 'https://users.example.test/get_user/:value';

/** A small user store; single tests lay other answers over it. */
const server = setupServer(
  http.get(lookUp, ({ params, request }) => {
    const type = new URL(request.url).searchParams.get('type');
    return jane[type] === params.value ? HttpResponse.json(jane) : new HttpResponse(null, { status: 404 });
  }),
  http.post('https://users.example.test/login', async ({ request }) => {
    const { password } = await request.json();
    return password === 'right' ? HttpResponse.json(jane) : new HttpResponse(null, { status: 403 });
  }),
);

let acme;
beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'error' });
  acme = await loadConnection({
    path: './tenant/database-connections/acme',
    env: { USERS_URL: 'https://users.example.test', USERS_TOKEN: 'test' },
  });
});
afterEach(() => server.resetHandlers());
afterAll(async () => {
  server.close();
  await acme?.close();
});

test('finds the same user by email and by user_id', async () => {
  expect(await acme.run('get_user', { identifier: 'jane@example.com' })).toReturnProfile(jane);
  expect(await acme.run('get_user', { user_id: '42' })).toReturnProfile(jane);
});

test('says that nobody is there only when the store says so', async () => {
  expect(await acme.run('get_user', { identifier: 'nobody@example.com' })).toBeNotFound();
});

test('does not take an outage for "not found"', async () => {
  server.use(http.get(lookUp, () => new HttpResponse(null, { status: 503 })));
  expect(await acme.run('get_user', { identifier: 'jane@example.com' })).toFailWith('script_error', '503');

  server.use(http.get(lookUp, () => HttpResponse.error()));
  expect(await acme.run('get_user', { user_id: '42' })).toFailWith('script_error', 'Network error');
});

test('logs in, and refuses a wrong password', async () => {
  const logIn = (password) => acme.run('login', { identifier: 'jane@example.com', password });
  expect(await logIn('right')).toReturnProfile({ user_id: '42' });
  expect(await logIn('wrong')).toFailWith('wrong_username_or_password');
});

test('says that an email address is taken', async () => {
  server.use(http.post('https://users.example.test/users', () => new HttpResponse(null, { status: 409 })));
  const created = await acme.run('create', { user: { email: 'jane@example.com' }, method: 'passkey' });
  expect(created).toFailWith('user_exists');
});
