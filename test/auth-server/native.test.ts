import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { filesOfTemplate } from '../service/template-service.ts';
import { nativeApplication } from './support/native-application.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

const webauthn = 'urn:okta:params:oauth:grant-type:webauthn' as const;
const androidOrigin = 'android:apk-key-hash:sQsBz4Cg1n0KxI1s3h0yB1x5F0o';
const pageOrigin = 'https://shop.example.com';
const clientSecret = 'the-secret-of-the-confidential-client';
const database = 'database-connections/acme/database.json';

const client = (client_id: string, more: object = {}) => ({
  client_id,
  client_name: client_id,
  allowed_origins: [androidOrigin, pageOrigin],
  grant_types: ['refresh_token' as const, webauthn],
  ...more,
});

describe('the native passkey calls', () => {
  let stack: Stack;
  let app: ReturnType<typeof nativeApplication>;
  let confidential: typeof app;

  beforeAll(async () => {
    stack = await startStack();
    await stack.restart({
      clients: [
        client('app'),
        client('other'),
        client('server', { client_secret: clientSecret, allowed_origins: [] }),
        client('third-party', { is_first_party: false }),
        client('without-grant', { grant_types: ['refresh_token'] }),
        client('without-refresh', { grant_types: [webauthn] }),
      ],
      organizations: [{ id: 'org_1', name: 'gardeners', display_name: 'Gardeners', membership: 'everybody' }],
    });
    app = nativeApplication({ origin: stack.origin });
    confidential = nativeApplication({ origin: stack.origin, clientId: 'server', clientSecret });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const phone = () => createSoftwareAuthenticator({ origin: stack.origin });
  const of = (clientId: string) => nativeApplication({ origin: stack.origin, clientId });

  async function signUp(authenticator: ReturnType<typeof phone>, email: string, more: object = {}) {
    const begun = await app.register({ email });
    expect(begun.body).toMatchObject({ auth_session: expect.any(String) });
    const made = authenticator.create(begun.body.authn_params_public_key);
    return app.exchange(begun.body.auth_session, made, more);
  }

  async function claimsOf(idToken: string, audience = 'app') {
    const jwks = (await (await fetch(`${stack.origin}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(idToken, createLocalJWKSet(jwks), { issuer: stack.origin, audience });
    return payload;
  }

  /** The options of the connection, changed until the bridge shows them. */
  async function setOptions(options: object): Promise<void> {
    const { [database]: text } = (await filesOfTemplate('http')) as Record<string, string>;
    const file = JSON.parse(text!);
    await stack.bridge.service.write({ [database]: { ...file, options: { ...file.options, ...options } } });
    const shown = async () => {
      const response = await fetch(`${stack.bridge.service.url}/v1/connections/acme`);
      return ((await response.json()) as { settings: object }).settings;
    };
    await expect.poll(shown, { timeout: 5000 }).toMatchObject(options);
  }

  it('is discovered under the paths that applications know', async () => {
    const { origin } = stack;
    const discovered = await (await fetch(`${origin}/.well-known/openid-configuration`)).json();
    expect(discovered).toMatchObject({
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      userinfo_endpoint: `${origin}/userinfo`,
      end_session_endpoint: `${origin}/oidc/logout`,
      jwks_uri: `${origin}/.well-known/jwks.json`,
      grant_types_supported: expect.arrayContaining([webauthn]),
    });
  });

  it('signs up and logs in with JSON', async () => {
    // oidc-provider tells of what it does not like at the first request of a process, and never again.
    const warnings = vi.spyOn(console, 'warn');
    onTestFinished(() => warnings.mockRestore());
    const authenticator = phone();
    const begun = await app.register(
      { email: 'ada@example.com', name: 'Ada' },
      { user_metadata: { plan: 'free' }, realm: 'acme' },
    );
    expect(begun.status).toBe(200);
    expect(begun.headers.get('cache-control')).toContain('no-store');
    expect(begun.body).toEqual({
      auth_session: expect.stringMatching(/^[\w-]{43}$/),
      authn_params_public_key: {
        challenge: expect.stringMatching(/^[\w-]{43}$/),
        timeout: 60000,
        rp: { id: 'localhost', name: 'localhost' },
        user: { id: expect.stringMatching(/^[\w-]{86}$/), name: 'ada@example.com', displayName: 'Ada' },
        pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
      },
    });
    const scope = 'openid profile email offline_access unheard_of';
    const made = authenticator.create(begun.body.authn_params_public_key);
    const signedUp = await app.exchange(begun.body.auth_session, made, {
      scope,
      realm: 'acme',
      audience: 'x',
    });
    expect(signedUp.status).toBe(200);
    expect(signedUp.body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      id_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid profile email offline_access',
    });
    const claims = await claimsOf(signedUp.body.id_token);
    expect(claims).toMatchObject({ email: 'ada@example.com', name: 'Ada', amr: ['phr'] });
    expect(claims).toMatchObject({ user_metadata: { plan: 'free' }, auth_time: expect.any(Number) });
    expect(claims).not.toHaveProperty('nonce');

    const asked = await app.challenge();
    expect(asked.body).toEqual({
      auth_session: expect.any(String),
      authn_params_public_key: {
        challenge: expect.any(String),
        timeout: 60000,
        rpId: 'localhost',
        userVerification: 'preferred',
      },
    });
    const answer = authenticator.get(asked.body.authn_params_public_key);
    const loggedIn = await app.exchange(asked.body.auth_session, answer);
    expect(loggedIn.body).toMatchObject({ scope: 'openid profile email' });
    expect(loggedIn.body).not.toHaveProperty('refresh_token');
    expect((await claimsOf(loggedIn.body.id_token)).sub).toBe(claims.sub);

    const userinfo = await fetch(`${stack.origin}/userinfo`, {
      headers: { authorization: `Bearer ${loggedIn.body.access_token}` },
    });
    expect(await userinfo.json()).toMatchObject({ sub: claims.sub, email: 'ada@example.com' });

    const refreshed = await app.postJson('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: signedUp.body.refresh_token,
    });
    expect(await claimsOf(refreshed.body.id_token)).toMatchObject({ sub: claims.sub, amr: ['phr'] });
    expect(warnings).not.toHaveBeenCalled();
  });

  it('takes JSON whose length is not told beforehand', async () => {
    const asked = await app.challenge();
    const body = JSON.stringify({
      client_id: 'app',
      grant_type: webauthn,
      ...asked.body,
      authn_response: {},
    });
    const response = await fetch(`${stack.origin}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  });

  it('takes a form, of a confidential application with either way to tell the secret', async () => {
    const authenticator = phone();
    const begun = await confidential.register({ email: 'grace@example.com' });
    const made = authenticator.create(begun.body.authn_params_public_key);
    const signedUp = await confidential.exchangeForm(begun.body.auth_session, made);
    expect(signedUp.status).toBe(200);
    const asked = await confidential.challenge();
    const loggedIn = await confidential.exchangeForm(
      asked.body.auth_session,
      authenticator.get(asked.body.authn_params_public_key),
      {},
      { authorization: `Basic ${Buffer.from(`server:${clientSecret}`).toString('base64')}` },
    );
    expect(await claimsOf(loggedIn.body.id_token, 'server')).toMatchObject({ email: 'grace@example.com' });
  });

  it('stores the passkey as the new user’s, with the handle that the user store’s side minted', async () => {
    const authenticator = phone();
    const { body } = await signUp(authenticator, 'linus@example.com');
    const { sub } = await claimsOf(body.id_token);
    const [passkey] = authenticator.passkeys;
    using file = new DatabaseSync(stack.databaseFile, { readOnly: true });
    const row = file
      .prepare('SELECT user_id, user_handle, rp_id FROM passkeys WHERE credential_id = ?')
      .get(passkey!.id);
    expect({ ...row }).toEqual({ user_id: sub, user_handle: passkey!.userHandle, rp_id: 'localhost' });
  });

  it('tells of each step in the log, without names or secrets', async () => {
    const userAgent = 'the-steps';
    const watched = nativeApplication({ origin: stack.origin, headers: { 'user-agent': userAgent } });
    const authenticator = phone();
    const begun = await watched.register({ email: 'steps@example.com' });
    const made = authenticator.create(begun.body.authn_params_public_key);
    await watched.exchange(begun.body.auth_session, made);
    await watched.register({ email: 'steps@example.com' });
    const raced = await watched.register({ email: 'raced@example.com' });
    await signUp(phone(), 'raced@example.com');
    const late = phone().create(raced.body.authn_params_public_key);
    await watched.exchange(raced.body.auth_session, late);
    for (const bend of [{}, { badSignature: true }]) {
      const asked = await watched.challenge();
      const answer = authenticator.get(asked.body.authn_params_public_key, bend);
      await watched.exchange(asked.body.auth_session, answer);
    }
    await watched.exchange('unheard-of', made);
    const bent = await watched.register({ email: 'bent@example.com' });
    const elsewhere = phone().create(bent.body.authn_params_public_key, { origin: 'https://evil.example' });
    await watched.exchange(bent.body.auth_session, elsewhere);
    await watched.challenge({ client_id: 'nobody' });

    const told = (await stack.events()).filter((event) => event.user_agent === userAgent);
    const steps = told.map(({ type, details }) =>
      [type, details?.purpose, (details?.error as { code?: string })?.code].filter(Boolean).join(' '),
    );
    expect(steps).toEqual([
      'passkey_challenge_started register',
      'ss',
      's',
      'passkey_challenge_failed register user_exists',
      'passkey_challenge_started register',
      'fs register user_exists',
      'passkey_challenge_started login',
      's',
      'passkey_challenge_started login',
      'gd_webauthn_challenge_failed login signature_invalid',
      'f login invalid_grant',
      'passkey_challenge_started register',
      'gd_webauthn_enrollment_failed register origin_not_allowed',
      'passkey_challenge_failed login invalid_client',
    ]);
    const all = await readFile(stack.eventsFile, 'utf8');
    for (const secret of ['@example.com', begun.body.auth_session, made.id, clientSecret])
      expect(all).not.toContain(secret);
  });

  it('takes the origin of an app on a phone where the application has it', async () => {
    const authenticator = createSoftwareAuthenticator({ origin: androidOrigin });
    const begun = await app.register({ phone_number: '+15550123' });
    expect(begun.body.authn_params_public_key.user).toMatchObject({
      name: '+15550123',
      displayName: '+15550123',
    });
    const made = authenticator.create(begun.body.authn_params_public_key);
    expect((await app.exchange(begun.body.auth_session, made)).status).toBe(200);
    const asked = await confidential.challenge();
    const answer = authenticator.get(asked.body.authn_params_public_key);
    const refused = await confidential.exchange(asked.body.auth_session, answer);
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(refused.body.error_description).toContain('origin');
  });

  describe('refuses', () => {
    it.each([
      ['a field that there is none of', { email: 'a@example.com', admin: true }, 'user_profile'],
      ['an address that is none', { email: 'nobody' }, 'user_profile.email'],
      ['a phone number that is none', { phone_number: '0049' }, 'user_profile.phone_number'],
      [
        'a picture that is a script',
        { email: 'a@example.com', picture: 'javascript:0' },
        'user_profile.picture',
      ],
      ['somebody without an identifier', { name: 'Nobody' }, 'email'],
      ['no profile at all', undefined, 'user_profile'],
    ])('%s', async (_name, profile, named) => {
      const { status, body } = await app.postJson('/passkey/register', { user_profile: profile });
      expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
      expect(body.error_description).toContain(named);
      expect(body.error_description).not.toContain('nobody');
      // Words for people who write scripts are of no use here.
      expect(body.error_description).not.toContain('Return');
    });

    it.each([
      ['11 fields', Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`f${i}`, 'x']))],
      ['a field that is no text', { age: 7 }],
    ])('user_metadata with %s', async (_name, user_metadata) => {
      const { status, body } = await app.register({ email: 'meta@example.com' }, { user_metadata });
      expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
      expect(body.error_description).toContain('user_metadata');
    });

    it('a user who exists, by any identifier', async () => {
      for (const profile of [{ email: 'jane@example.com' }, { email: 'new@example.com', username: 'john' }])
        expect(await app.register(profile)).toMatchObject({ status: 400, body: { error: 'user_exists' } });
    });

    it('a user who came to exist in between, and keeps no passkey of the second', async () => {
      const authenticator = phone();
      const begun = await app.register({ email: 'twice@example.com' });
      await signUp(phone(), 'twice@example.com');
      const made = authenticator.create(begun.body.authn_params_public_key);
      const late = await app.exchange(begun.body.auth_session, made);
      expect(late).toMatchObject({ status: 400, body: { error: 'user_exists' } });
      using file = new DatabaseSync(stack.databaseFile, { readOnly: true });
      expect(file.prepare('SELECT 1 FROM passkeys WHERE credential_id = ?').get(made.id)).toBeUndefined();
    });

    it('a passkey that is there already', async () => {
      const authenticator = phone();
      await signUp(authenticator, 'first@example.com');
      const { id } = authenticator.passkeys[0]!;
      const begun = await app.register({ email: 'thief@example.com' });
      const made = authenticator.create(begun.body.authn_params_public_key, { id });
      const taken = await app.exchange(begun.body.auth_session, made);
      expect(taken).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      const asked = await app.challenge();
      const answer = authenticator.get(asked.body.authn_params_public_key, {}, authenticator.passkeys[0]);
      const { body } = await app.exchange(asked.body.auth_session, answer);
      expect(await claimsOf(body.id_token)).toMatchObject({ email: 'first@example.com' });
    });

    it('clients that are unknown, or tell a wrong secret or one that they do not have', async () => {
      const { origin } = stack;
      for (const each of [
        { clientId: 'nobody' },
        { clientId: 'server' },
        { clientId: 'server', clientSecret: 'wrong' },
        { clientId: 'app', clientSecret: 'superfluous' },
      ])
        expect(await nativeApplication({ origin, ...each }).challenge()).toMatchObject({
          status: 401,
          body: { error: 'invalid_client', error_description: expect.any(String) },
        });
      expect(await app.postJson('/passkey/challenge', { client_id: 7 })).toMatchObject({ status: 401 });
    });

    it('applications of others, and those without the grant', async () => {
      for (const clientId of ['third-party', 'without-grant'])
        for (const reply of [await of(clientId).challenge(), await of(clientId).register({})])
          expect(reply).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
      expect(await of('without-grant').exchange('x', {})).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    });

    it('realms and organizations that there are none of', async () => {
      for (const more of [{ realm: 'elsewhere' }, { organization: 'strangers' }]) {
        const { status, body } = await app.challenge(more);
        expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
        expect(body.error_description).toContain(Object.keys(more)[0]);
      }
    });

    it('what is not JSON, too large, or no POST', async () => {
      const { post } = app;
      const type = { 'content-type': 'application/json' };
      expect(
        await post('/passkey/challenge', 'client_id=app', { 'content-type': 'text/plain' }),
      ).toMatchObject({
        status: 400,
        body: { error_description: expect.stringContaining('application/json') },
      });
      for (const path of ['/passkey/challenge', '/oauth/token'])
        expect(await post(path, '{"client_id":', type)).toMatchObject({
          status: 400,
          body: { error: 'invalid_request' },
        });
      const nested = '['.repeat(50_000) + ']'.repeat(50_000);
      expect(await post('/oauth/token', `{"authn_response":${nested}}`, type)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining('nested') },
      });
      expect(await post('/passkey/register', JSON.stringify({ x: 'x'.repeat(102_400) }), type)).toMatchObject(
        {
          status: 413,
          body: { error: 'invalid_request' },
        },
      );
      const got = await fetch(`${stack.origin}/passkey/register`);
      expect(got.status).toBe(405);
    });

    it('more than 100 calls a minute from one address, and no others', async () => {
      const flood = nativeApplication({ origin: stack.origin, headers: { 'x-forwarded-for': '192.0.2.1' } });
      const replies = await Promise.all(
        Array.from({ length: 101 }, () => flood.post('/passkey/challenge', '', {})),
      );
      expect(replies.filter(({ status }) => status === 429)).toHaveLength(1);
      const refused = await flood.challenge();
      expect(refused).toMatchObject({ status: 429, body: { error: 'too_many_requests' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await app.challenge()).status).toBe(200);
    });
  });

  describe('an auth_session', () => {
    it('is good for one try, be it one that failed', async () => {
      const authenticator = phone();
      await signUp(authenticator, 'once@example.com');
      const asked = await app.challenge();
      const answer = authenticator.get(asked.body.authn_params_public_key);
      expect((await app.exchange(asked.body.auth_session, answer)).status).toBe(200);
      expect(await app.exchange(asked.body.auth_session, answer)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
      const again = await app.challenge();
      const options = again.body.authn_params_public_key;
      const forged = authenticator.get(options, { badSignature: true });
      expect((await app.exchange(again.body.auth_session, forged)).status).toBe(400);
      expect((await app.exchange(again.body.auth_session, authenticator.get(options))).status).toBe(400);
    });

    it('is the application’s that began', async () => {
      const authenticator = phone();
      await signUp(authenticator, 'mine@example.com');
      const asked = await app.challenge();
      const answer = authenticator.get(asked.body.authn_params_public_key);
      const stolen = await of('other').exchange(asked.body.auth_session, answer);
      expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    });

    it('goes with its own challenge and for its own purpose', async () => {
      const authenticator = phone();
      await signUp(authenticator, 'purpose@example.com');
      const [one, two] = [await app.challenge(), await app.challenge()];
      const answer = authenticator.get(two.body.authn_params_public_key);
      expect((await app.exchange(one.body.auth_session, answer)).status).toBe(400);
      const begun = await app.register({ email: 'purpose2@example.com' });
      const login = authenticator.get({ ...begun.body.authn_params_public_key, rpId: 'localhost' });
      expect(await app.exchange(begun.body.auth_session, login)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
      const third = await app.challenge();
      const user = { id: authenticator.passkeys[0]!.userHandle };
      const made = authenticator.create({ ...third.body.authn_params_public_key, rp: {}, user });
      expect((await app.exchange(third.body.auth_session, made)).status).toBe(400);
    });

    it('lasts five minutes', async () => {
      const authenticator = phone();
      await signUp(authenticator, 'slow@example.com');
      const [early, late] = [await app.challenge(), await app.challenge()];
      const answer = (asked: typeof early) => authenticator.get(asked.body.authn_params_public_key);
      stack.advance(4 * 60_000);
      expect((await app.exchange(early.body.auth_session, answer(early))).status).toBe(200);
      stack.advance(60_001);
      expect(await app.exchange(late.body.auth_session, answer(late))).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_description: expect.stringContaining('too old') },
      });
    });

    it('keeps its organization', async () => {
      const authenticator = phone();
      await signUp(authenticator, 'rose@example.com');
      const login = async (organization?: string) => {
        const asked = await app.challenge({ organization: 'gardeners' });
        const answer = authenticator.get(asked.body.authn_params_public_key);
        return app.exchange(asked.body.auth_session, answer, organization ? { organization } : {});
      };
      for (const named of [undefined, 'org_1', 'gardeners'])
        expect(await claimsOf((await login(named)).body.id_token)).toMatchObject({ org_id: 'org_1' });
      expect(await login('others')).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    });

    it('goes with parameters that are there', async () => {
      const missing = await app.postJson('/oauth/token', { grant_type: webauthn, auth_session: 'x' });
      expect(missing).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect(missing.body.error_description).toBe('authn_response: is missing');
      const asked = await app.challenge();
      expect(await app.exchange(asked.body.auth_session, 'no JSON')).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
    });
  });

  it('gives no refresh token to an application that may not refresh', async () => {
    const authenticator = phone();
    await signUp(authenticator, 'short@example.com');
    const asked = await of('without-refresh').challenge();
    const { body } = await of('without-refresh').exchange(
      asked.body.auth_session,
      authenticator.get(asked.body.authn_params_public_key),
      { scope: 'openid offline_access' },
    );
    expect(body).toMatchObject({ scope: 'openid' });
    expect(body).not.toHaveProperty('refresh_token');
  });

  it('tells an outage from a user who is gone, and makes no double after one', async () => {
    const authenticator = phone();
    await signUp(authenticator, 'outage@example.com');
    const asked = await app.challenge();
    const begun = await app.register({ email: 'cut-off@example.com' });
    const scope = 'openid offline_access';
    const { body: tokens } = await signUp(phone(), 'refreshing@example.com', { scope });
    const refresh = () =>
      app.postJson('/oauth/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
    stack.bridge.setOutage(/users/);
    try {
      const answer = authenticator.get(asked.body.authn_params_public_key);
      const made = phone().create(begun.body.authn_params_public_key);
      for (const reply of [
        await app.register({ email: 'cut-off@example.com' }),
        await app.exchange(asked.body.auth_session, answer),
        await app.exchange(begun.body.auth_session, made),
        await refresh(),
      ])
        expect(reply).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
      const headers = { authorization: `Bearer ${tokens.access_token}`, accept: 'text/html' };
      const page = await fetch(`${stack.origin}/userinfo`, { headers });
      expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('cannot be looked up')]);
      // What oidc-provider answers is told, too: the refreshing.
      const failed = (await stack.events()).filter(({ type, details }) => type === 'f' && !details?.purpose);
      expect(failed).toMatchObject([
        { client_id: 'app', details: { error: { code: 'script_error', execution_id: expect.any(String) } } },
      ]);
    } finally {
      stack.bridge.setOutage();
    }
    expect((await signUp(phone(), 'cut-off@example.com')).status).toBe(200);
    expect((await refresh()).status).toBe(200);
  });

  describe('to pages of other origins', () => {
    const preflight = (path: string, origin: string) =>
      fetch(`${stack.origin}${path}`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'auth0-client,content-type',
        },
      });

    it.each(['/passkey/register', '/passkey/challenge'])('%s says who may call', async (path) => {
      const allowed = await preflight(path, pageOrigin);
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(pageOrigin);
      expect(allowed.headers.get('access-control-allow-headers')).toContain('auth0-client');
      const refused = await preflight(path, 'https://elsewhere.example');
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    });

    it('answers those of the application, errors too', async () => {
      const good = await app.postJson('/passkey/challenge', {}, { origin: pageOrigin });
      expect(good.headers.get('access-control-allow-origin')).toBe(pageOrigin);
      expect(good.headers.get('vary')?.toLowerCase()).toContain('origin');
      const bad = await app.postJson('/passkey/register', {}, { origin: pageOrigin });
      expect(bad).toMatchObject({ status: 400 });
      expect(bad.headers.get('access-control-allow-origin')).toBe(pageOrigin);
      const other = await confidential.postJson('/passkey/challenge', {}, { origin: pageOrigin });
      expect(other).toMatchObject({ status: 403, body: { error: 'invalid_request' } });
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
      const token = await confidential.postJson(
        '/oauth/token',
        { grant_type: webauthn },
        { origin: pageOrigin },
      );
      expect(token.headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  it('follows the options of the connection', async () => {
    const { attributes } = JSON.parse((await filesOfTemplate('http'))[database] as string).options;
    const { username } = attributes;
    const required = { ...username, signup: { status: 'required' } };
    await setOptions({
      attributes: { ...attributes, username: required },
      precedence: ['username', 'email', 'phone_number'],
    });
    const missing = await app.register({ email: 'named@example.com' });
    expect(missing.body.error_description).toContain('user_profile.username');
    const begun = await app.register({ email: 'named@example.com', username: 'named' });
    expect(begun.body.authn_params_public_key.user).toMatchObject({ name: 'named', displayName: 'named' });

    await setOptions({ disable_signup: true, mfa: { active: true } });
    expect(await app.register({ email: 'late@example.com' })).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
  });

  it('asks for a second factor where one is demanded', async () => {
    await setOptions({ disable_signup: false, mfa: { active: false } });
    const authenticator = phone();
    await signUp(authenticator, 'careful@example.com');
    await setOptions({ mfa: { active: true } });
    const asked = await app.challenge();
    const answer = authenticator.get(asked.body.authn_params_public_key);
    const due = await app.exchange(asked.body.auth_session, answer);
    expect(due.status).toBe(403);
    expect(due.body).toEqual({
      error: 'mfa_required',
      error_description: expect.any(String),
      mfa_token: expect.any(String),
      mfa_requirements: { enroll: [{ type: 'otp' }] },
    });

    await setOptions({
      authentication_methods: { password: { enabled: true }, passkey: { enabled: false } },
    });
    expect(await app.challenge()).toMatchObject({ status: 403, body: { error: 'access_denied' } });
  });
});
