import { expect, test } from 'vitest';
import { ServiceError } from '../../src/errors.ts';
import { ReadinessAnswer } from '../../src/http/readiness-schemas.ts';
import { scopes } from '../../src/keys/api-key.ts';
import type { KeyRing, Principal } from '../../src/keys/key-ring.ts';
import { jane, type Ran, startApp } from './fake-parts.ts';

const path = '/v1/connections/acme/passkey-readiness';

/** A key ring whose every caller has these scopes. */
function keysWith(...given: (typeof scopes)[number][]): KeyRing {
  const principal: Principal = { keyId: 'key', tenant: 'default', scopes: new Set(given) };
  return { open: false, count: () => 1, authenticate: () => principal };
}

function answer({ action, input }: Ran): object {
  const { identifier, user_id: userId, password } = input as Record<string, string | undefined>;
  if (action === 'login' && password !== 'right')
    throw new ServiceError('wrong_username_or_password', { detail: 'no' });
  if (action === 'login') return { user: jane };
  return identifier === jane.email || userId === jane.user_id
    ? { found: true, user: jane }
    : { found: false, user: null };
}

test('without a body nothing is run, and the answer is a report', async () => {
  await using app = await startApp(answer);
  const response = await app.call(path, { method: 'POST' });
  expect(response.status).toBe(200);
  const report = await response.json();
  expect(ReadinessAnswer.strict().parse(report)).toEqual(report);
  expect(report).toMatchObject({ connection: 'acme', ready: false });
  expect(report.findings.map(({ code }: { code: string }) => code)).toContain('passkey_method_off');
  expect(report.checks.some(({ family }: { family: string }) => family === 'behaviour')).toBe(false);
  expect(app.ran).toEqual([]);
});

test('with a test user what only reads is run, once more without a network, and created is nobody', async () => {
  await using app = await startApp(answer);
  const response = await app.post(path, { test_user: { identifier: jane.email, password: 'right' } });
  const { checks } = await response.json();
  expect(checks).toContainEqual(
    expect.objectContaining({ name: 'login_and_get_user_disagree', status: 'passed' }),
  );
  expect(checks).toContainEqual(expect.objectContaining({ name: 'slow', status: 'passed' }));
  expect(checks).toContainEqual(expect.objectContaining({ name: 'passkey_signup_fails', status: 'unknown' }));
  expect(new Set(app.ran.map(({ action }) => action))).toEqual(new Set(['get_user', 'login']));
});

test('wrong passwords of a test user are counted with those of logins', async () => {
  await using app = await startApp(answer);
  const guess = { identifier: jane.email, password: 'wrong' };
  for (let index = 0; index < 10; index++) await (await app.post('/v1/connections/acme/login', guess)).text();
  const before = app.ran.length;
  const { notes } = await (await app.post(path, { test_user: guess })).json();
  expect(notes).toEqual([expect.stringContaining('too_many_attempts')]);
  expect(app.ran.slice(before).map(({ action }) => action)).not.toContain('login');
});

test.each([
  [['read:connections'], {}, 200],
  [['execute'], {}, 403],
  [['read:connections'], { test_user: { identifier: jane.email } }, 403],
  [[...scopes], { test_user: { identifier: jane.email } }, 200],
] as const)('a key with %j that sends %j gets %s', async (given, body, status) => {
  await using app = await startApp(answer, { keys: keysWith(...given) });
  expect((await app.post(path, body)).status).toBe(status);
});

test.each([
  [{ test_user: {} }, 'test_user.identifier', 'required'],
  [{ budget_ms: 0 }, 'budget_ms', 'out_of_range'],
  [{ live: true }, 'live', 'unknown_field'],
])('%j is an invalid request', async (body, field, code) => {
  await using app = await startApp(answer);
  const response = await app.post(path, body);
  expect(response.status).toBe(400);
  expect((await response.json()).issues).toMatchObject([{ path: field, code }]);
});

test('a connection that is not there is connection_not_found', async () => {
  await using app = await startApp(answer);
  const response = await app.post('/v1/connections/nowhere/passkey-readiness', {});
  expect(await response.json()).toMatchObject({ status: 404, code: 'connection_not_found' });
});

test('the answers of a script that cannot be run are a note', async () => {
  await using app = await startApp(() => {
    throw new ServiceError('script_not_found', { detail: 'The connection acme has no get_user script' });
  });
  const { notes } = await (await app.post(path, { test_user: { identifier: jane.email } })).json();
  expect(notes).toEqual([expect.stringContaining('script_not_found')]);
  expect(app.ran).toHaveLength(1);
});
