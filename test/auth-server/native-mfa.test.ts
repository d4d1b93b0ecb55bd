import { readFile } from 'node:fs/promises';
import { decodeJwt } from 'jose';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { mfaOtpGrant, webauthnGrant } from '../../src/auth-server/extensions/native/grant-types.ts';
import { createNativeCalls } from '../../src/auth-server/extensions/native/native-calls.ts';
import { createPostLogin } from '../../src/auth-server/extensions/post-login/post-login.ts';
import type { PostLoginHook } from '../../src/auth-server/extensions/post-login/post-login-hook.ts';
import type { Extension } from '../../src/auth-server/parts.ts';
import { changeConnection } from './support/change-connection.ts';
import { beginOverHttp } from './support/form-client.ts';
import { localFetch } from './support/local-fetch.ts';
import { type NativeReply, nativeApplication } from './support/native-application.ts';
import { nextCode } from './support/next-code.ts';
import { claimsAfter, sendPasskey } from './support/over-http.ts';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

const clientSecret = 'the-secret-of-the-confidential-client';
const pageOrigin = 'https://shop.example.com';
const otherHost = 'login.acme.localhost';
const client = (client_id: string, more: object = {}) => ({
  client_id,
  client_name: client_id,
  allowed_origins: [pageOrigin],
  grant_types: ['refresh_token', webauthnGrant, mfaOtpGrant],
  ...more,
});

const refusal = (status: number, error: string, error_description: string) => ({
  status,
  body: { error, error_description },
});
/** Clients tell these by their sentences. */
const wrongCode = refusal(403, 'invalid_grant', 'Invalid otp_code.');
const expiredToken = refusal(401, 'expired_token', 'mfa_token is expired');
const unknownToken = refusal(401, 'invalid_grant', 'Malformed mfa_token');
const tokenOfAnother = refusal(400, 'invalid_request', 'mfa_token not issued to this client');
const enrolledAlready = refusal(403, 'access_denied', 'User is already enrolled.');
const tooMany = { status: 429, body: { error: 'too_many_attempts' } };

/** Who has a passkey and an authenticator app. */
interface Person {
  device: SoftwareAuthenticator;
  sub: string;
  secret: string;
}

describe('a second factor in native calls', () => {
  let stack: Stack;
  let app: ReturnType<typeof nativeApplication>;
  let people = 0;
  let hookRuns = 0;
  let hook: PostLoginHook | undefined;
  const hidden: string[] = [];

  beforeAll(async () => {
    stack = await startStack({ hosts: [otherHost] });
    await stack.restart({
      clients: [
        client('app', {
          redirect_uris: [stack.app.redirectUri],
          grant_types: ['authorization_code', 'refresh_token', webauthnGrant, mfaOtpGrant],
        }),
        client('other'),
        client('server', { client_secret: clientSecret, allowed_origins: [] }),
        client('without-grant', { grant_types: [webauthnGrant] }),
      ],
      organizations: [
        { id: 'org_1', name: 'gardeners', membership: 'everybody' },
        { id: 'org_2', name: 'invited' },
      ],
      secondFactor: 'always',
      onPostLogin: (event, api) => {
        hookRuns += 1;
        return hook?.(event, api);
      },
    });
    app = of('app');
  });
  beforeEach(() => {
    hook = undefined;
    hookRuns = 0;
  });
  afterAll(async () => {
    expect(hidden.length).toBeGreaterThan(20);
    const told = await readFile(stack.eventsFile, 'utf8');
    for (const secret of hidden) expect(told).not.toContain(secret);
    await stack[Symbol.asyncDispose]();
  });

  const of = (clientId: string, more: object = {}) =>
    nativeApplication({ origin: stack.origin, clientId, ...more });

  const wrongFor = (right: string, count = 1) =>
    String((Number(right) + 7 * count) % 1_000_000).padStart(6, '0');

  async function signUp(from = app): Promise<{ device: SoftwareAuthenticator; reply: NativeReply }> {
    const device = createSoftwareAuthenticator({ origin: stack.origin });
    people += 1;
    const begun = await from.register({ email: `person${people}@example.com` });
    const made = device.create(begun.body.authn_params_public_key);
    const reply = await from.exchange(begun.body.auth_session, made, { scope: 'openid email' });
    hidden.push(String(reply.body.mfa_token));
    return { device, reply };
  }

  /** As far as `mfa_required`. */
  async function usePasskey(
    device: SoftwareAuthenticator,
    more: object = {},
    from = app,
  ): Promise<NativeReply> {
    const asked = await from.challenge('organization' in more ? more : {});
    const answer = device.get(asked.body.authn_params_public_key);
    const reply = await from.exchange(asked.body.auth_session, answer, more);
    hidden.push(String(reply.body.mfa_token));
    return reply;
  }
  const tokenOf = async (...given: Parameters<typeof usePasskey>): Promise<string> =>
    (await usePasskey(...given)).body.mfa_token;

  async function enroll(): Promise<Person> {
    const { device, reply } = await signUp();
    const { mfa_token } = reply.body;
    const { secret } = (await app.associate(mfa_token)).body;
    hidden.push(secret);
    const { body } = await app.exchangeCode(mfa_token, nextCode(stack, secret));
    return { device, secret, sub: decodeJwt(body.id_token).sub! };
  }

  /** Types and codes of errors, of those that a user agent of its own has brought about. */
  async function toldTo(userAgent: string): Promise<string[]> {
    const told = (await stack.events()).filter((event) => event.user_agent === userAgent);
    return told.map(({ type, details }) =>
      [type, (details?.error as { code?: string })?.code].filter(Boolean).join(' '),
    );
  }

  it('is discovered with its grant', async () => {
    const found = await fetch(`${stack.origin}/.well-known/openid-configuration`);
    expect(await found.json()).toMatchObject({
      grant_types_supported: expect.arrayContaining([webauthnGrant, mfaOtpGrant]),
    });
  });

  it('is set up with the first code, and asked for at the next login', async () => {
    const watched = of('app', { headers: { 'user-agent': 'the-whole-way' } });
    const { device, reply } = await signUp(watched);
    expect(reply.status).toBe(403);
    expect(reply.body).toEqual({
      error: 'mfa_required',
      error_description: 'Multifactor authentication required',
      mfa_token: expect.stringMatching(/^[\w-]{43}$/),
      mfa_requirements: { enroll: [{ type: 'otp' }] },
    });
    const { mfa_token } = reply.body;
    expect(await watched.authenticators(mfa_token)).toMatchObject({ status: 200, body: [] });
    expect(await watched.mfaChallenge(mfa_token, { challenge_type: 'otp' })).toMatchObject({
      status: 400,
      body: {
        error: 'unsupported_challenge_type',
        error_description: expect.stringContaining('not enrolled'),
      },
    });
    expect(await watched.exchangeCode(mfa_token, '123456')).toMatchObject(wrongCode);

    const associated = await watched.associate(mfa_token);
    expect(associated.status).toBe(200);
    expect(associated.headers.get('cache-control')).toContain('no-store');
    const { secret } = associated.body;
    hidden.push(secret);
    expect(associated.body).toEqual({
      authenticator_type: 'otp',
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      barcode_uri: expect.stringMatching(/^otpauth:\/\/totp\/Acme:person\d+%40example\.com\?/),
    });
    expect(new URL(associated.body.barcode_uri).searchParams.get('secret')).toBe(secret);
    expect((await watched.associate(mfa_token)).body).toEqual(associated.body);

    const signedUp = await watched.exchangeCode(mfa_token, nextCode(stack, secret));
    expect(signedUp.status).toBe(200);
    expect(signedUp.body).toEqual({
      access_token: expect.any(String),
      id_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid email',
    });
    const claims = decodeJwt(signedUp.body.id_token);
    const amr = ['phr', 'otp', 'mfa'];
    expect(claims).toMatchObject({ aud: 'app', amr, auth_time: expect.any(Number) });

    const again = await usePasskey(device, {
      scope: 'openid profile offline_access unheard_of',
      audience: 'x',
    });
    expect(again.body).toMatchObject({ mfa_requirements: { challenge: [{ type: 'otp' }] } });
    const token = again.body.mfa_token;
    const [own] = (await watched.authenticators(token)).body;
    expect(own).toEqual({
      id: expect.stringMatching(/^totp\|dev_/),
      authenticator_type: 'otp',
      active: true,
    });
    for (const more of [
      {},
      { challenge_type: 'otp' },
      { challenge_type: 'oob otp', authenticator_id: own.id },
    ])
      expect(await watched.mfaChallenge(token, more)).toMatchObject({
        status: 200,
        body: { challenge_type: 'otp' },
      });
    const loggedIn = await watched.exchangeCode(token, nextCode(stack, secret), { scope: 'openid email' });
    expect(loggedIn.body).toMatchObject({ scope: 'openid profile offline_access' });
    expect(decodeJwt(loggedIn.body.id_token)).toMatchObject({ sub: claims.sub, amr });
    const refreshed = await app.postJson('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: loggedIn.body.refresh_token,
    });
    expect(decodeJwt(refreshed.body.id_token)).toMatchObject({ sub: claims.sub, amr });

    expect(await toldTo('the-whole-way')).toEqual([
      'passkey_challenge_started',
      'ss',
      'mfar',
      'gd_auth_failed unsupported_challenge_type',
      'gd_enrollment_complete',
      'gd_auth_succeed',
      's',
      'sepkotpft',
      'gd_auth_succeed',
      's',
      'sepkotpft',
    ]);
    const [login] = (await stack.events('s')).slice(-1);
    expect(login).toMatchObject({
      user_id: claims.sub,
      client_id: 'app',
      details: { prompts: [{ performed_amr: ['phr'] }, { performed_amr: ['otp'] }] },
    });
  });

  it('takes a form, of a confidential application', async () => {
    const server = of('server', { clientSecret });
    const { device, secret, sub } = await enroll();
    const token = await tokenOf(device, {}, server);
    // Auth0's client for this call knows no secrets.
    expect(await of('server').mfaChallenge(token)).toMatchObject({ status: 200 });
    const wrong = of('server', { clientSecret: 'wrong' });
    expect(await wrong.mfaChallenge(token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const code = nextCode(stack, secret);
    for (const impostor of [of('server'), wrong])
      expect(await impostor.exchangeCodeForm(token, code)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
    const loggedIn = await server.exchangeCodeForm(token, code);
    expect(loggedIn.status).toBe(200);
    expect(decodeJwt(loggedIn.body.id_token)).toMatchObject({ sub, aud: 'server' });
  });

  it('keeps the organization, and runs the hook once', async () => {
    const { device, secret, sub } = await enroll();
    hookRuns = 0;
    const token = await tokenOf(device, { organization: 'gardeners' });
    const { body } = await app.exchangeCode(token, nextCode(stack, secret));
    expect(decodeJwt(body.id_token)).toMatchObject({ sub, org_id: 'org_1', org_name: 'gardeners' });
    expect(hookRuns).toBe(1);
    const stranger = await usePasskey(device, { organization: 'org_2' });
    expect(stranger).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    expect(stranger.body).not.toHaveProperty('mfa_token');
  });

  it('is waived where the hook waives it', async () => {
    const { device } = await enroll();
    hook = (_event, api) => api.multifactor.enable('none');
    const { body } = await usePasskey(device);
    expect(decodeJwt(body.id_token)).toMatchObject({ amr: ['phr'] });
  });

  describe('an mfa_token', () => {
    it('is good for one exchange', async () => {
      const { device, secret } = await enroll();
      const token = await tokenOf(device);
      expect((await app.exchangeCode(token, nextCode(stack, secret))).status).toBe(200);
      const code = nextCode(stack, secret);
      expect(await app.exchangeCode(token, code)).toMatchObject(unknownToken);
      expect(await app.mfaChallenge(token)).toMatchObject(unknownToken);
      const listed = await app.authenticators(token);
      expect(listed).toMatchObject(unknownToken);
      expect(listed.headers.get('www-authenticate')).toContain('Bearer');

      const twice = await tokenOf(device);
      const both = await Promise.all([app.exchangeCode(twice, code), app.exchangeCode(twice, code)]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    });

    it('is nothing that can be made up or left out', async () => {
      const watched = of('app', { headers: { 'user-agent': 'guesser' } });
      expect(await watched.exchangeCode('made-up', '123456')).toMatchObject(unknownToken);
      for (const [more, named] of [
        [{ otp: '123456' }, 'mfa_token'],
        [{ mfa_token: 'made-up' }, 'otp'],
      ] as const) {
        const missing = await watched.postJson('/oauth/token', { grant_type: mfaOtpGrant, ...more });
        expect(missing).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
        expect(missing.body.error_description).toContain(named);
      }
      expect(await toldTo('guesser')).toEqual(['f invalid_grant', 'f invalid_request', 'f invalid_request']);
    });

    it('is the application’s that used the passkey', async () => {
      const { device, secret } = await enroll();
      const token = await tokenOf(device);
      const code = nextCode(stack, secret);
      for (const reply of [
        await of('other').exchangeCode(token, code),
        await of('other').mfaChallenge(token),
        await app.associate(token, { client_id: 'other' }),
      ])
        expect(reply).toMatchObject(tokenOfAnother);
      expect(await of('nobody').mfaChallenge(token)).toMatchObject({ status: 401 });
      expect((await app.exchangeCode(token, code)).status).toBe(200);
    });

    it('is for the domain that the passkey was used at', async () => {
      const { device, secret } = await enroll();
      const token = await tokenOf(device);
      const response = await localFetch(`${stack.originOf(otherHost)}/oauth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          client_id: 'app',
          grant_type: mfaOtpGrant,
          mfa_token: token,
          otp: nextCode(stack, secret),
        }),
      });
      expect({ status: response.status, body: await response.json() }).toMatchObject(unknownToken);
    });

    it('lasts ten minutes', async () => {
      const { device, secret } = await enroll();
      const [early, late] = [await tokenOf(device), await tokenOf(device)];
      stack.advance(8 * 60_000);
      expect((await app.exchangeCode(early, nextCode(stack, secret))).status).toBe(200);
      stack.advance(60_001);
      for (const reply of [
        await app.exchangeCode(late, nextCode(stack, secret)),
        await app.mfaChallenge(late),
        await app.authenticators(late),
        await app.associate(late),
      ])
        expect(reply).toMatchObject(expiredToken);
      stack.advance(10 * 60_000);
      await tokenOf(device);
      expect(await app.exchangeCode(late, nextCode(stack, secret))).toMatchObject(unknownToken);
    });

    it('is of no use to an application without the grant, which is told so', async () => {
      const { device, secret } = await enroll();
      const lacking = of('without-grant');
      const due = await usePasskey(device, {}, lacking);
      expect(due.body.error_description).toMatch(/lack .*mfa-otp.*login page/);
      expect(await lacking.exchangeCode(due.body.mfa_token, nextCode(stack, secret))).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining('grant type') },
      });
    });

    it('lets nobody in who is gone or blocked since', async () => {
      const watched = of('app', { headers: { 'user-agent': 'too-late' } });
      const [gone, blocked] = [await enroll(), await enroll()];
      const [tokenOfGone, tokenOfBlocked] = [await tokenOf(gone.device), await tokenOf(blocked.device)];
      const { status } = await stack.bridge.service.run('acme', 'delete', { user_id: gone.sub });
      expect(status).toBe(204);
      await changeConnection(stack, {
        getUser: (script) =>
          script.replace(
            'user_id: user.user_id,',
            `$& blocked: user.user_id === ${JSON.stringify(blocked.sub)},`,
          ),
      });
      onTestFinished(() => changeConnection(stack));
      const code = nextCode(stack, gone.secret);
      expect(await watched.exchangeCode(tokenOfGone, code)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
      expect(await watched.exchangeCode(tokenOfBlocked, nextCode(stack, blocked.secret))).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      });
      for (const token of [tokenOfGone, tokenOfBlocked])
        expect(await app.mfaChallenge(token)).toMatchObject(unknownToken);
      expect(await toldTo('too-late')).toEqual(['f user_not_found', 'f user_blocked']);
    });

    it('outlives an outage, and so does the code', async () => {
      const { device, secret } = await enroll();
      const token = await tokenOf(device);
      const code = nextCode(stack, secret);
      stack.bridge.setOutage(/users/);
      try {
        expect(await app.exchangeCode(token, code)).toMatchObject({
          status: 503,
          body: { error: 'temporarily_unavailable' },
        });
        // What is no code is not looked up for.
        expect(await app.exchangeCode(token, 'no code')).toMatchObject(wrongCode);
      } finally {
        stack.bridge.setOutage();
      }
      expect((await app.exchangeCode(token, code)).status).toBe(200);
    });
  });

  describe('a code', () => {
    it('is good once, here or on the login page', async () => {
      const { device, secret, sub } = await enroll();
      const token = await tokenOf(device);
      const onPage = nextCode(stack, secret);
      const browser = await beginOverHttp(stack);
      await browser.follow(await sendPasskey(browser, device));
      const claims = await claimsAfter(
        stack,
        browser,
        await browser.post('/second-factor', { code: onPage }),
      );
      expect(claims).toMatchObject({ sub, amr: ['phr', 'otp', 'mfa'] });
      expect(await app.exchangeCode(token, onPage)).toMatchObject(wrongCode);

      const here = nextCode(stack, secret);
      expect((await app.exchangeCode(token, `${here.slice(0, 3)} ${here.slice(3)}`)).status).toBe(200);
      expect(await app.exchangeCode(await tokenOf(device), here)).toMatchObject(wrongCode);
      expect((await stack.events('gd_auth_failed')).at(-1)).toMatchObject({
        user_id: sub,
        details: { error: { code: 'code_used' } },
      });
    });

    it('may be wrong four times; the fifth ends the token, however many are sent at once', async () => {
      const { device, secret } = await enroll();
      const token = await tokenOf(device);
      expect(await app.exchangeCode(token, 'no code')).toMatchObject(wrongCode);
      const right = nextCode(stack, secret);
      const replies = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((count) => app.exchangeCode(token, wrongFor(right, count))),
      );
      expect(replies.filter(({ status }) => status === 403)).toHaveLength(4);
      expect(replies.find(({ status }) => status === 429)).toMatchObject(tooMany);
      expect(await app.exchangeCode(token, right)).toMatchObject(unknownToken);
      // The user may begin again at once.
      expect((await app.exchangeCode(await tokenOf(device), right)).status).toBe(200);
    });

    it('is tried no more after ten that were wrong, here and on the login page together', async () => {
      const { device, secret } = await enroll();
      const browser = await beginOverHttp(stack);
      await browser.follow(await sendPasskey(browser, device));
      const right = nextCode(stack, secret);
      const token = await tokenOf(device);
      for (let count = 1; count <= 5; count++) {
        await browser.post('/second-factor', { code: wrongFor(right, count) });
        await app.exchangeCode(token, wrongFor(right, count));
      }
      const refused = await app.exchangeCode(await tokenOf(device), right);
      expect(refused).toMatchObject(tooMany);
      expect(refused.body.error_description).toContain('15 minutes');
      const page = await beginOverHttp(stack);
      await page.follow(await sendPasskey(page, device));
      const onPage = await page.post('/second-factor', { code: right });
      expect([onPage.status, onPage.text]).toEqual([429, expect.stringContaining('Wait 15 minutes')]);
      stack.advance(15 * 60_000);
      expect((await app.exchangeCode(await tokenOf(device), nextCode(stack, secret))).status).toBe(200);
    });
  });

  describe('an authenticator app', () => {
    it('is set up once', async () => {
      const { device } = await enroll();
      const token = await tokenOf(device);
      expect(await app.associate(token)).toMatchObject(enrolledAlready);
      const unheard = await app.mfaChallenge(token, { authenticator_id: 'totp|dev_unheard' });
      expect(unheard).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect(await app.mfaChallenge(token, { challenge_type: 'oob' })).toMatchObject({
        status: 400,
        body: { error: 'unsupported_challenge_type' },
      });
    });

    it('that was set up on the login page meanwhile is the one that counts', async () => {
      const { device, reply } = await signUp();
      const { mfa_token } = reply.body;
      const stale = (await app.associate(mfa_token)).body.secret;
      const browser = await beginOverHttp(stack);
      const page = await browser.follow(await sendPasskey(browser, device));
      const secret = /<code>([^<]*)/.exec(page.text)![1]!.replaceAll(' ', '');
      hidden.push(stale, secret);
      await browser.post('/second-factor', { code: nextCode(stack, secret) });
      expect(await app.exchangeCode(mfa_token, nextCode(stack, stale))).toMatchObject(wrongCode);
      expect((await app.exchangeCode(mfa_token, nextCode(stack, secret))).status).toBe(200);
    });

    it('is the only factor that there is', async () => {
      const { reply } = await signUp();
      const refused = await app.associate(reply.body.mfa_token, { authenticator_types: ['oob'] });
      expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect(refused.body.error_description).toContain('"otp"');
    });
  });

  it('is at hand for pages of the application, and no others', async () => {
    const { device } = await enroll();
    const token = await tokenOf(device);
    const preflight = await fetch(`${stack.origin}/mfa/authenticators`, {
      method: 'OPTIONS',
      headers: {
        origin: pageOrigin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const list = (origin: string, mfaToken: string) =>
      fetch(`${stack.origin}/mfa/authenticators`, {
        headers: { origin, authorization: `Bearer ${mfaToken}` },
      });
    const allowed = await list(pageOrigin, token);
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(pageOrigin);
    const server = of('server', { clientSecret });
    const refused = await list(pageOrigin, await tokenOf(device, {}, server));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    for (const [path, method] of [
      ['/mfa/authenticators', 'POST'],
      ['/mfa/challenge', 'GET'],
    ] as const)
      expect((await fetch(stack.origin + path, { method })).status).toBe(405);
  });
});

it('refuses in the words that docs/passkeys.md has', async () => {
  const page = await readFile(new URL('../../docs/passkeys.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\d{3}) `(\w+)`, `([^`]+)` \|/gm)].map(([, status, error, sentence]) =>
    refusal(Number(status), error!, sentence!),
  );
  expect(rows).toEqual([wrongCode, expiredToken, unknownToken, tokenOfAnother, enrolledAlready]);
});

describe('a step that no native call knows', () => {
  const oneMore: Extension = { stepLeft: () => '/terms' };

  async function begin(extend: NonNullable<Parameters<typeof startStack>[0]>['extend'], grants: string[]) {
    const stack = await startStack({ extend, grantTypes: ['authorization_code', ...grants] });
    onTestFinished(() => stack[Symbol.asyncDispose]());
    const app = nativeApplication({ origin: stack.origin });
    const device = createSoftwareAuthenticator({ origin: stack.origin });
    const begun = await app.register({ email: 'somebody@example.com' });
    const made = device.create(begun.body.authn_params_public_key);
    return { stack, app, reply: await app.exchange(begun.body.auth_session, made) };
  }
  const onPage = {
    status: 403,
    body: { error: 'mfa_required', error_description: expect.stringContaining('login page') },
  };

  it('leads to the login page: a code where nothing takes codes', async () => {
    const { stack, reply } = await begin(
      (parts) => [createPostLogin(parts, { secondFactor: 'always' }), createNativeCalls(parts)],
      [webauthnGrant],
    );
    expect(reply).toMatchObject(onPage);
    expect(reply.body).not.toHaveProperty('mfa_token');
    expect((await fetch(`${stack.origin}/mfa/challenge`, { method: 'POST' })).status).toBe(404);
    await expect(
      startStack({
        extend: (parts) => [createNativeCalls(parts)],
        grantTypes: ['authorization_code', webauthnGrant, mfaOtpGrant],
      }),
    ).rejects.toThrow(`nothing here knows "${mfaOtpGrant}"`);
  });

  it('leads there after a code, too', async () => {
    const { app, reply } = await begin(
      (parts) => {
        const postLogin = createPostLogin(parts, { secondFactor: 'always' });
        return [postLogin, oneMore, createNativeCalls(parts, { codes: postLogin.codes })];
      },
      [webauthnGrant, mfaOtpGrant],
    );
    const { mfa_token } = reply.body;
    const { secret } = (await app.associate(mfa_token)).body;
    const after = await app.exchangeCode(mfa_token, new TOTP({ secret }).generate());
    expect(after).toMatchObject(onPage);
    expect(after.body).not.toHaveProperty('access_token');
  });
});
