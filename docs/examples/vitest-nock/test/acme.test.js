import { loadConnection } from 'drawbridge/testkit';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import 'drawbridge/testkit/vitest';

let acme;
beforeAll(async () => {
  nock.disableNetConnect();
  acme = await loadConnection({
    path: './tenant/database-connections/acme',
    env: { USERS_URL: 'https://users.example.test', USERS_TOKEN: 'test' },
  });
});
afterEach(() => nock.cleanAll());
afterAll(() => acme?.close());

const store = () => nock('https://users.example.test', { reqheaders: { authorization: 'Bearer test' } });
const jane = { user_id: '42', email: 'jane@example.com' };

test('finds the same user by email and by user_id', async () => {
  store().get('/get_user/jane%40example.com?type=email').reply(200, jane);
  store().get('/get_user/42?type=user_id').reply(200, jane);

  expect(await acme.run('get_user', { identifier: 'jane@example.com' })).toReturnProfile(jane);
  expect(await acme.run('get_user', { user_id: '42' })).toReturnProfile(jane);
});

test('says that nobody is there only when the store says so', async () => {
  store().get('/get_user/nobody%40example.com?type=email').reply(404);

  expect(await acme.run('get_user', { identifier: 'nobody@example.com' })).toBeNotFound();
});

test('does not take an outage for "not found"', async () => {
  store().get('/get_user/jane%40example.com?type=email').reply(503);
  store()
    .get('/get_user/42?type=user_id')
    .replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));

  expect(await acme.run('get_user', { identifier: 'jane@example.com' })).toFailWith('script_error', '503');
  expect(await acme.run('get_user', { user_id: '42' })).toFailWith('script_error', /refused/);
});

test('logs in, and refuses a wrong password', async () => {
  store().post('/login', { email: 'jane@example.com', password: 'right' }).reply(200, jane);
  store().post('/login').reply(403);

  const logIn = (password) => acme.run('login', { identifier: 'jane@example.com', password });
  expect(await logIn('right')).toReturnProfile({ user_id: '42' });
  expect(await logIn('wrong')).toFailWith('wrong_username_or_password');
});

test('signs up with a passkey: looked up, created, and looked up again as proof', async () => {
  store().get('/get_user/jane%40example.com?type=email').reply(404);
  store().post('/users', { email: 'jane@example.com' }).reply(201, jane);
  store().get('/get_user/42?type=user_id').reply(200, jane);

  expect(await acme.signup({ user: { email: 'jane@example.com' }, method: 'passkey' })).toReturnProfile(jane);
});
