import { fileURLToPath } from 'node:url';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { actionNames } from '../../sandbox/contract/actions.ts';
import type { ActionInputs } from '../../src/scripts/actions.ts';
import { loadConnection, type TestConnection } from '../../src/testkit/index.ts';

const origin = 'https://users.example.com';
const bearer = 'Bearer the-token';
const basic = `Basic ${Buffer.from('drawbridge:the-password').toString('base64')}`;

const jane = {
  user_id: '42',
  email: 'jane@example.com',
  email_verified: true,
  username: 'jane',
  name: 'Jane Doe',
  user_metadata: { language: 'en' },
};

/** What a passkey signup brings beside the profile; none of it is the store's business. */
const passkeyCeremony = {
  client_id: 'app',
  connection: 'acme',
  tenant: 'default',
  passkey: { id: 'credential-id', rawId: 'credential-id', type: 'public-key', response: {} },
  passkeyContext: { challenge: 'the-challenge', userHandle: 'the-handle', expectedOrigin: [] },
  passkey_user_handle: 'the-handle',
  usePasskey: true,
  is_signup: true,
  transaction: { id: 'oauth2-webauthn', protocol: 'oauth2-webauthn' },
  form: {},
};

const inputs = {
  login: { identifier: 'jane@example.com', password: 'the-users-password' },
  get_user: { identifier: 'jane@example.com' },
  create: { user: { email: 'jane@example.com', password: 'the-users-password' } },
  verify: { email: 'jane@example.com' },
  delete: { user_id: '42' },
  change_password: { identifier: 'jane@example.com', new_password: 'a-new-password' },
  change_email: { email: 'jane@example.com', new_email: 'doe@example.com', verified: true },
  change_username: { username: 'jane', new_username: 'doe' },
  change_phone_number: { phone_number: '+15550100', new_phone_number: '+15550101', verified: false },
} satisfies { [A in keyof ActionInputs]: ActionInputs[A] };

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const unused = nock.pendingMocks();
  nock.cleanAll();
  expect(unused).toEqual([]);
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

describe.each([
  { template: 'http', authorization: bearer },
  { template: 'fetch', authorization: bearer },
  { template: 'basic-auth', authorization: basic },
])('template $template', ({ template, authorization }) => {
  let acme: TestConnection;
  beforeAll(async () => {
    acme = await loadConnection({
      path: fileURLToPath(new URL(`../../scripts-templates/${template}`, import.meta.url)),
      env: {
        USER_STORE_URL: `${origin}/api`,
        USER_STORE_TOKEN: 'the-token',
        USER_STORE_USERNAME: 'drawbridge',
        USER_STORE_PASSWORD: 'the-password',
      },
    });
  });
  afterAll(() => acme.close());

  /** Answers only to the right credentials. */
  const store = () => nock(origin, { reqheaders: { authorization } });

  test('has nine scripts that load without a warning', () => {
    expect(Object.keys(acme.connection.scripts).sort()).toEqual([...actionNames].sort());
    expect(acme.warnings).toEqual([]);
  });

  describe('get_user', () => {
    test('finds a user by identifier', async () => {
      store().get('/api/users?identifier=jane%40example.com').reply(200, jane);
      expect(await acme.run('get_user', inputs.get_user)).toMatchObject({
        ok: true,
        result: { found: true, user: jane },
        warnings: [],
      });
    });

    test('finds the same user by user_id', async () => {
      store().get('/api/users/42').reply(200, jane);
      expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({
        ok: true,
        result: { found: true, user: jane },
      });
    });

    test.each([
      ['+15550100', '%2B15550100'],
      ['a&identifier=b', 'a%26identifier%3Db'],
      ['../login?x#y', '..%2Flogin%3Fx%23y'],
      ['Zoë 😀', 'Zo%C3%AB%20%F0%9F%98%80'],
      ['100%25', '100%2525'],
    ])('encodes %j as an identifier and as a user_id', async (value, encoded) => {
      const urls: string[] = [];
      store()
        .get(/.*/)
        .times(2)
        .reply(({ url }: Request) => {
          urls.push(url);
          return [404];
        });
      expect(await acme.run('get_user', { identifier: value })).toMatchObject({ result: { found: false } });
      await acme.run('get_user', { user_id: value });
      expect(urls).toEqual([`${origin}/api/users?identifier=${encoded}`, `${origin}/api/users/${encoded}`]);
    });

    test('answers "not found" to a 404 and to nothing else', async () => {
      store().get('/api/users?identifier=jane%40example.com').reply(404);
      expect(await acme.run('get_user', inputs.get_user)).toMatchObject({
        ok: true,
        result: { found: false, user: null },
      });
    });

    test('leaves out what is no part of the profile', async () => {
      store()
        .get('/api/users/42')
        .reply(200, { ...jane, password_hash: 'secret' });
      const answer = await acme.run('get_user', { user_id: '42' });
      expect(answer).toMatchObject({ ok: true });
      expect(JSON.stringify(answer)).not.toContain('password_hash');
    });

    test('takes an answer that is no user for a failure', async () => {
      store().get('/api/users/42').reply(200, '<html>', { 'content-type': 'text/html' });
      expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({ ok: false });
    });
  });

  describe('login', () => {
    const body = inputs.login;

    test('answers the profile', async () => {
      store().post('/api/login', body).reply(200, jane);
      expect(await acme.run('login', body)).toMatchObject({ ok: true, result: { user: jane } });
    });

    test.each([
      ['a known user', { user_id: '42' }, 'fp'],
      ['an unknown user', {}, 'fu'],
      ['a store that does not say', undefined, 'fu'],
    ])('tells a wrong password of %s', async (_who, answer, logCode) => {
      store().post('/api/login', body).reply(401, answer);
      expect(await acme.run('login', body)).toMatchObject({
        ok: false,
        code: 'wrong_username_or_password',
        logCode,
      });
    });

    test('does not blame the user when its own credentials are refused', async () => {
      store().post('/api/login', body).reply(401, {}, { 'WWW-Authenticate': 'Bearer' });
      expect(await acme.run('login', body)).toMatchObject({ ok: false, code: 'script_error' });
    });
  });

  describe('create', () => {
    test('answers the new profile', async () => {
      store().post('/api/users', inputs.create.user).reply(201, jane);
      expect(await acme.run('create', inputs.create)).toMatchObject({ ok: true, result: { user: jane } });
    });

    test('sends neither a password nor the passkey ceremony on a passkey signup', async () => {
      store()
        .post('/api/users', { email: 'jane@example.com', user_metadata: { language: 'en' } })
        .reply(201, jane);
      const user = { email: 'jane@example.com', user_metadata: { language: 'en' }, ...passkeyCeremony };
      expect(await acme.run('create', { user, method: 'passkey' })).toMatchObject({
        ok: true,
        result: { user: jane },
      });
    });

    test('says user_exists when the store does', async () => {
      store().post('/api/users').reply(409);
      expect(await acme.run('create', inputs.create)).toMatchObject({ ok: false, code: 'user_exists' });
    });
  });

  describe('delete', () => {
    test.each([204, 404])('has deleted when the store answers %i', async (status) => {
      store().delete('/api/users/4%2F2').reply(status);
      expect(await acme.run('delete', { user_id: '4/2' })).toMatchObject({ ok: true });
    });
  });

  describe.each([
    ['verify', 'jane%40example.com', { email_verified: true }],
    ['change_password', 'jane%40example.com', { password: 'a-new-password' }],
    ['change_email', 'jane%40example.com', { email: 'doe@example.com', email_verified: true }],
    ['change_username', 'jane', { username: 'doe' }],
    ['change_phone_number', '%2B15550100', { phone_number: '+15550101', phone_verified: false }],
  ] as const)('%s', (action, identifier, changes) => {
    const path = `/api/users?identifier=${identifier}`;

    test('sends the change', async () => {
      store().patch(path, changes).reply(200, jane);
      expect(await acme.run(action, inputs[action])).toMatchObject({
        ok: true,
        result: action === 'verify' ? { verified: true } : { changed: true },
      });
    });

    test('tells when there is no such user', async () => {
      store().patch(path).reply(404);
      expect(await acme.run(action, inputs[action])).toMatchObject(
        action === 'verify' ? { ok: false, code: 'script_error' } : { ok: true, result: { changed: false } },
      );
    });

    test('tells when another user has the new identifier', async () => {
      store().patch(path).reply(409);
      const expected = ['verify', 'change_password'].includes(action) ? 'script_error' : 'user_exists';
      expect(await acme.run(action, inputs[action])).toMatchObject({ ok: false, code: expected });
    });
  });

  describe.each(actionNames)('%s, when the store is out of order', (action) => {
    const any = /.*/;
    const methods = { login: 'post', create: 'post', get_user: 'get', delete: 'delete' } as const;
    const method = action in methods ? methods[action as keyof typeof methods] : 'patch';

    test.each([403, 429, 500, 503])('answers an Error to a %i', async (status) => {
      store()[method](any).reply(status, { secret: 'from the store' });
      const answer = await acme.run(action, inputs[action]);
      expect(answer).toMatchObject({ ok: false, code: 'script_error' });
      expect((answer as { message: string }).message).toContain(String(status));
    });

    test('answers an Error that names the fault and no secret when nothing listens', async () => {
      const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      store()[method](any).replyWithError(refused);
      const answer = await acme.run(action, inputs[action]);
      expect(answer).toMatchObject({ ok: false, code: 'script_error' });
      expect((answer as { message: string }).message).toContain('ECONNREFUSED');
      expect(JSON.stringify(answer)).not.toMatch(/the-token|the-password|the-users-password|a-new-password/);
    });
  });

  test('get_user answers an Error to a refusal of its own credentials', async () => {
    store().get('/api/users/42').reply(401);
    expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({ ok: false, code: 'script_error' });
  });

  test('a signup during an outage creates nothing', async () => {
    store().get('/api/users?identifier=jane%40example.com').reply(503);
    expect(await acme.signup(inputs.create)).toMatchObject({ ok: false, code: 'script_error' });
  });
});
