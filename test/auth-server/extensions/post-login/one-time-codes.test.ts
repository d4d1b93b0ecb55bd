import { DatabaseSync } from 'node:sqlite';
import { TOTP } from 'otpauth';
import { expect, it, vi } from 'vitest';
import { createOneTimeCodes } from '../../../../src/auth-server/extensions/post-login/one-time-codes.ts';
import type { Proven } from '../../../../src/auth-server/login/logins.ts';
import type { EventContext, Parts } from '../../../../src/auth-server/parts.ts';

function setUp() {
  const emit = vi.fn();
  const clock = { now: 1_800_000_000_000 };
  const parts = {
    database: new DatabaseSync(':memory:'),
    now: () => clock.now,
    settings: { name: 'Acme', bridge: { connection: 'acme' } },
    events: { emit },
  } as unknown as Parts;
  const codes = createOneTimeCodes(parts);
  const begin = (user_id = '42'): EventContext & { login: { proven: Proven } } => {
    const proven: Proven = { user: { user_id }, methods: [{ name: 'phr' }] };
    codes.demand(proven);
    const about = { parts, domain: { host: 'localhost' }, req: { headers: {} }, client: undefined };
    return { ...about, login: { proven } } as unknown as ReturnType<typeof begin>;
  };
  const codeOf = (secret: string) => new TOTP({ secret }).generate({ timestamp: clock.now });
  return { codes, clock, begin, codeOf, told: () => emit.mock.calls.map(([{ type }]) => type) };
}

it('tries no code of a login that five were wrong in, not even the right one', () => {
  const { codes, begin, codeOf } = setUp();
  const about = begin();
  const { secret } = codes.setUp(about.login)!;
  const right = codeOf(secret);
  const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0');
  const outcomes = [wrong, wrong, wrong, wrong, wrong, right].map((code) => codes.take(about, code));
  expect(outcomes).toEqual([...Array(4).fill('code_wrong'), 'login_over', 'login_over']);
  expect(codes.isSetUp('42')).toBe(false);
});

it('keeps the secret of each login apart, until a code confirms one', () => {
  const { codes, clock, begin, codeOf, told } = setUp();
  const [one, two] = [begin(), begin()];
  const secrets = [one, two].map(({ login }) => codes.setUp(login)!.secret);
  expect(new Set(secrets).size).toBe(2);
  expect(codes.take(two, codeOf(secrets[0]!))).toBe('code_wrong');
  expect(codes.take(one, codeOf(secrets[0]!))).toBe('passed');
  expect([codes.isDue(one.login.proven), codes.isDue(two.login.proven)]).toEqual([false, true]);
  expect(one.login.proven.methods).toEqual([{ name: 'phr' }, { name: 'otp' }]);
  expect(codes.take(one, codeOf(secrets[0]!))).toBe('not_due');
  expect(codes.take(two, codeOf(secrets[0]!))).toBe('code_used');
  clock.now += 30_000;
  expect(codes.take(two, codeOf(secrets[1]!))).toBe('code_wrong');
  expect(codes.take(two, codeOf(secrets[0]!))).toBe('passed');
  expect(told()).toEqual([
    'gd_auth_failed',
    'gd_enrollment_complete',
    'gd_auth_succeed',
    'gd_auth_failed',
    'gd_auth_failed',
    'gd_auth_succeed',
  ]);
});

it('has an app set up whatever the user is called', () => {
  const { codes, begin } = setUp();
  const { login } = begin();
  const { uri } = codes.setUp({ ...login, identifier: 'ann\ud83c' })!;
  expect(new URL(uri).pathname).toContain(encodeURIComponent('ann\ufffd'));
});

it('takes six digits, with spaces between, and only where an app is being set up or there', () => {
  const { codes, begin, codeOf } = setUp();
  const about = begin();
  expect(codes.take(about, '123456')).toBe('no_code');
  const right = codeOf(codes.setUp(about.login)!.secret);
  for (const given of [undefined, 7, '12345', '1234567', '12345x'])
    expect([given, codes.take(about, given)]).toEqual([given, 'no_code']);
  expect(codes.take(about, `${right.slice(0, 3)} ${right.slice(3)}`)).toBe('passed');
});
