import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import { ServiceError } from '../../src/errors.ts';
import { createLoginProtection, type LoginProtectionOptions } from '../../src/http/login/login-protection.ts';
import { fakeConnection, fakeStore, jane, type Ran, startApp, type TestApp } from './fake-parts.ts';

const right = 'the-right-password';

function checkPassword({ input }: Ran): object {
  const { password } = input as { password?: string };
  if (password === 'broken') throw new ServiceError('script_error');
  if (password !== right) throw new ServiceError('wrong_username_or_password', { logCode: 'fp' });
  return { user: jane };
}

interface Reached {
  limit: string;
  connection: string;
}

async function start(
  options: Partial<LoginProtectionOptions> = {},
  respond: (ran: Ran) => object | Promise<object> = checkPassword,
) {
  const reached: Reached[] = [];
  const unguarded: Connection = { ...fakeConnection('unguarded') };
  unguarded.options = { ...unguarded.options, brute_force_protection: false };
  const logins = createLoginProtection({
    attempts: 3,
    attemptsPerSource: 8,
    windowS: 60,
    onReached: (one) => reached.push(one),
    ...options,
  });
  const app = await startApp(respond, {
    logins,
    trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
    store: fakeStore([fakeConnection('acme'), fakeConnection('other'), unguarded]),
  });
  return { app, reached };
}

interface Login {
  identifier?: string;
  password?: string;
  /** The X-Forwarded-For header. */
  from?: string;
  connection?: string;
}

async function logIn(app: TestApp, login: Login = {}): Promise<number> {
  const { identifier = 'jane@example.com', password = 'wrong', from, connection = 'acme' } = login;
  const headers: Record<string, string> = from === undefined ? {} : { 'x-forwarded-for': from };
  const path = `/v1/connections/${connection}/login`;
  const response = await app.post(path, { identifier, password }, headers);
  await response.arrayBuffer();
  return response.status;
}

async function fail(app: TestApp, times: number, login: Login = {}): Promise<void> {
  for (let failures = 0; failures < times; failures++) expect(await logIn(app, login)).toBe(401);
}

describe('failed logins of one user', () => {
  it('are refused before anything runs once there were too many, the right password too', async () => {
    const { app, reached } = await start();
    await using _ = app;
    await fail(app, 3);
    const response = await app.post('/v1/connections/acme/login', {
      identifier: 'jane@example.com',
      password: right,
    });
    expect(response.status).toBe(429);
    const wait = Number(response.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(await response.json()).toMatchObject({
      code: 'too_many_attempts',
      retryable: true,
      script: 'login',
    });
    expect(app.ran).toHaveLength(3);
    expect(reached).toEqual([{ limit: 'identifier', connection: 'acme' }]);
    expect(await logIn(app, { identifier: 'joe@example.com' })).toBe(401);
    expect(await logIn(app, { connection: 'other' })).toBe(401);
  });

  it.each(['JANE@example.com', ' jane@example.com ', 'ｊａｎｅ@example.com'])(
    'are counted together with those of %j',
    async (identifier) => {
      const { app } = await start();
      await using _ = app;
      await fail(app, 3);
      expect(await logIn(app, { identifier })).toBe(429);
    },
  );

  it('are forgotten by a success, and not by an error that says nothing of the password', async () => {
    const { app } = await start();
    await using _ = app;
    await fail(app, 2);
    expect(await logIn(app, { password: right })).toBe(200);
    await fail(app, 2);
    for (let times = 0; times < 5; times++) expect(await logIn(app, { password: 'broken' })).toBe(502);
    await fail(app, 1);
    expect(await logIn(app)).toBe(429);
  });

  it('are forgotten after the window', async () => {
    const { app } = await start({ windowS: 1 });
    await using _ = app;
    await fail(app, 3);
    await expect.poll(() => logIn(app, { password: right }), { timeout: 10_000 }).toBe(200);
  });

  it('are not counted where the connection says so, or the setting is 0', async () => {
    const { app } = await start();
    await using _ = app;
    await fail(app, 6, { connection: 'unguarded' });
    const off = await start({ attempts: 0, attemptsPerSource: 0 });
    await using _off = off.app;
    await fail(off.app, 12, { from: '203.0.113.1' });
  });

  it('let no more through when a thousand come at once', async () => {
    const { app } = await start({ attempts: 10 });
    await using _ = app;
    const statuses = await Promise.all(Array.from({ length: 1_000 }, () => logIn(app)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(990);
    expect(app.ran).toHaveLength(10);
  });

  it('do not keep many good logins from being made at once', async () => {
    let [underWay, most] = [0, 0];
    const { app } = await start({}, async (ran) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return checkPassword(ran);
    });
    await using _ = app;
    const all = Array.from({ length: 200 }, () => logIn(app, { password: right }));
    expect(new Set(await Promise.all(all))).toEqual(new Set([200]));
    expect(most).toBeLessThanOrEqual(3);
  });

  it('refuse what has waited too long for those before it', async () => {
    const held = Promise.withResolvers<object>();
    const protection = createLoginProtection({
      attempts: 1,
      attemptsPerSource: 0,
      windowS: 60,
      maxWaitMs: 1,
    });
    const attempt = { connection: fakeConnection('acme'), identifier: 'jane', source: undefined };
    const first = protection.attempt(attempt, () =>
      held.promise.then(() => ({ answer: { status: 200, headers: {} } })),
    );
    const second = protection.attempt(attempt, () => Promise.reject(new Error('must not run')));
    await expect(second).rejects.toMatchObject({ code: 'too_many_attempts', details: { retryAfterS: 1 } });
    held.resolve({});
    expect(await first).toMatchObject({ answer: { status: 200 } });
  });
});

describe('where the end user’s address is known', () => {
  it('guesses from elsewhere do not lock the user out', async () => {
    const { app } = await start();
    await using _ = app;
    await fail(app, 3, { from: '203.0.113.1' });
    expect(await logIn(app, { from: '203.0.113.1' })).toBe(429);
    expect(await logIn(app, { from: '203.0.113.2', password: right })).toBe(200);
  });

  it('guesses from everywhere do not lock the user out where they have logged in from', async () => {
    const { app } = await start();
    await using _ = app;
    expect(await logIn(app, { from: '203.0.113.1', password: right })).toBe(200);
    for (let source = 10; source < 40; source++) await fail(app, 1, { from: `203.0.113.${source}` });
    expect(await logIn(app, { from: '203.0.113.99' })).toBe(429);
    expect(await logIn(app, { from: '203.0.113.1', password: right })).toBe(200);
  });

  it('one address may not try many users', async () => {
    const { app, reached } = await start();
    await using _ = app;
    for (let user = 0; user < 8; user++) await fail(app, 1, { identifier: `u${user}`, from: '203.0.113.1' });
    expect(await logIn(app, { identifier: 'u9', password: right, from: '203.0.113.1' })).toBe(429);
    expect(await logIn(app, { identifier: 'u9', from: '203.0.113.2' })).toBe(401);
    expect(reached).toEqual([{ limit: 'source', connection: 'acme' }]);
    expect(await app.call('/metrics').then((response) => response.text())).not.toContain('203.0.113');
  });

  it('takes the /64 of an IPv6 address for one source', async () => {
    const { app } = await start();
    await using _ = app;
    await fail(app, 1, { from: '2001:db8:1:2::1' });
    await fail(app, 1, { from: '2001:db8:1:2:ffff::2' });
    await fail(app, 1, { from: '[2001:db8:1:2::3]:4711' });
    expect(await logIn(app, { from: '2001:db8:1:2::4' })).toBe(429);
    expect(await logIn(app, { from: '2001:db8:1:3::1' })).toBe(401);
  });

  it('takes the address on the right, whatever is claimed on the left', async () => {
    const { app } = await start();
    await using _ = app;
    for (let claim = 1; claim <= 3; claim++) await fail(app, 1, { from: `198.51.100.${claim}, 203.0.113.1` });
    expect(await logIn(app, { from: '198.51.100.9, 203.0.113.1, 10.1.2.3' })).toBe(429);
  });

  it.each([undefined, '10.1.1.1', 'unknown', '203.0.113.1, nonsense'])(
    'counts by the user alone, and no address, where it is %j',
    async (from) => {
      const { app } = await start({ attemptsPerSource: 3 });
      await using _ = app;
      const login = from === undefined ? {} : { from };
      for (let user = 0; user < 5; user++) await fail(app, 1, { ...login, identifier: `u${user}` });
      await fail(app, 3, login);
      expect(await logIn(app, { from: '203.0.113.1', password: right })).toBe(200);
    },
  );
});

it('of whom nobody is trusted to speak, no address is taken', async () => {
  const logins = createLoginProtection({ attempts: 3, attemptsPerSource: 1, windowS: 60 });
  await using app = await startApp(checkPassword, { logins });
  await fail(app, 1, { from: '203.0.113.1', identifier: 'joe' });
  for (let claim = 1; claim <= 3; claim++) await fail(app, 1, { from: `203.0.113.${claim}` });
  expect(await logIn(app, { from: '203.0.113.4' })).toBe(429);
});

it('a limit that refuses is counted without saying whom', async () => {
  await using app = await startApp(checkPassword);
  const { metrics } = app.parts;
  metrics.loginRefused({ limit: 'identifier' });
  expect(await app.call('/metrics').then((response) => response.text())).toContain(
    'drawbridge_logins_refused_total{limit="identifier"} 1',
  );
});
