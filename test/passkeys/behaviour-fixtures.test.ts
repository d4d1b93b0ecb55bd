import { expect, test } from 'vitest';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import { behaviourCodes } from '../../src/passkeys/behaviour/behaviour-codes.ts';
import { judgeBehaviour } from '../../src/passkeys/behaviour/judge-behaviour.ts';
import type { RunOutcome, Upstream } from '../../src/passkeys/behaviour/observation.ts';
import { type FixtureCase, observeFixtures } from '../../src/passkeys/behaviour/observe-fixtures.ts';

const jane = { user_id: '42', email: 'jane@example.com' };
const ann = { user_id: '50', email: 'ann@example.com' };

const returns = (result: object): RunOutcome => ({ ok: true, result, durationMs: 1 });
const found = (user: object) => returns({ found: true, user });
const nobody = returns({ found: false, user: null });
const fails = (code: string, issue = 'some'): RunOutcome => ({
  ok: false,
  code,
  message: 'it failed',
  issues: [{ path: 'email', code: issue, message: 'it failed' }],
});

interface Outcomes {
  usual: RunOutcome;
  /** In every outage; an error where it is not given. */
  outage?: RunOutcome;
}

function fixture(
  name: string,
  action: ActionName,
  input: object,
  { usual, outage = fails('script_error') }: Outcomes,
  about: Partial<FixtureCase> = {},
): FixtureCase {
  const run = async (upstream: Upstream = 'as_written') => (upstream === 'as_written' ? usual : outage);
  return { name, action, input, run, ...about };
}

const sound: Record<string, FixtureCase> = {
  byIdentifier: fixture('jane', 'get_user', { identifier: jane.email }, { usual: found(jane) }),
  byUserId: fixture('jane', 'get_user', { user_id: '42' }, { usual: found(jane) }),
  absent: fixture(
    'nobody',
    'get_user',
    { identifier: 'x@example.com' },
    { usual: nobody },
    { expectFound: false },
  ),
  login: fixture(
    'jane',
    'login',
    { identifier: jane.email, password: 'p' },
    { usual: returns({ user: jane }) },
  ),
  create: fixture(
    'ann',
    'create',
    { user: { email: ann.email }, method: 'passkey' },
    { usual: returns({ user: ann }) },
  ),
  created: fixture('ann', 'get_user', { user_id: '50' }, { usual: found(ann) }),
  again: fixture(
    'ann again',
    'create',
    { user: { email: ann.email } },
    { usual: fails('user_exists') },
    { expectError: 'user_exists' },
  ),
};

async function judge(change: Record<string, FixtureCase | undefined> = {}) {
  const cases = Object.values({ ...sound, ...change }).filter((each) => each !== undefined);
  return judgeBehaviour(await observeFixtures({ cases }), {
    from: 'fixtures',
    budgetMs: 1_000,
    signupDisabled: false,
  });
}
const withStatus = async (status: string, change?: Record<string, FixtureCase | undefined>) =>
  Object.entries(await judge(change)).flatMap(([code, verdict]) => (verdict.status === status ? [code] : []));

const replaced = (key: string, usual: RunOutcome, outage?: RunOutcome) => {
  const { name, action, input, run: _, ...about } = sound[key]!;
  return { [key]: fixture(name, action, input as object, { usual, ...(outage ? { outage } : {}) }, about) };
};

test('what fixtures show of sound scripts passes; only time and late callbacks they cannot show', async () => {
  expect(await withStatus('failed')).toEqual([]);
  expect(await withStatus('unknown')).toEqual(['callback_more_than_once', 'slow']);
});

/** Beside the ways in which the faulty connections show them. */
test.each<[string, Record<string, FixtureCase>]>([
  ['user_id_lookup_fails', replaced('byUserId', fails('script_error'))],
  ['lookups_disagree', replaced('byUserId', found({ ...jane, email: 'john@example.com' }))],
  ['passkey_signup_fails', replaced('create', fails('access_denied'))],
  ['second_signup_not_refused', replaced('again', returns({ user: ann }))],
])('%s is found, and nothing else', async (code, change) => {
  expect(await withStatus('failed', change)).toEqual([code]);
});

test('a look-up that finds the user through an outage shows nothing of outages', async () => {
  const cached = {
    ...replaced('byIdentifier', found(jane), found(jane)),
    byUserId: undefined,
    created: undefined,
  };
  expect(await withStatus('unknown', cached)).toContain('outage_reported_as_not_found');
});

test('a behaviour without a fixture is unknown, with the fixture that would show it', async () => {
  const verdicts = await judge({
    create: undefined,
    created: undefined,
    again: undefined,
    absent: undefined,
  });
  expect(verdicts.passkey_signup_fails).toEqual({
    status: 'unknown',
    detail: 'no fixture creates a user without a password: add one',
  });
  expect(verdicts.not_found_reported_as_error).toMatchObject({ status: 'unknown' });
  const nothing = Object.fromEntries(Object.keys(sound).map((key) => [key, undefined]));
  expect(await withStatus('unknown', nothing)).toEqual(Object.keys(behaviourCodes));
});

test('where a fixture is there and failed, none is asked for', async () => {
  const verdicts = await judge({
    ...replaced('byUserId', fails('user_id_mismatch')),
    ...replaced('created', nobody),
    ...replaced('login', fails('invalid_profile', 'email_invalid')),
  });
  const failedOtherwise = 'what would show it failed, as another finding says';
  expect(verdicts.user_id_lookup_fails).toEqual({ status: 'unknown', detail: failedOtherwise });
  expect(verdicts.login_and_get_user_disagree).toEqual({ status: 'unknown', detail: failedOtherwise });
  expect(verdicts.create_returns_other_profile).toEqual({
    status: 'unknown',
    detail: 'the look-up of the user who was created failed',
  });
});

test.each([
  [20, 1_001, 'failed'],
  [20, 1_000, 'passed'],
  [19, 1_001, 'unknown'],
])('%s look-ups of %s ms with a budget of 1000 ms: %s', (count, durationMs, status) => {
  const lookup = {
    name: 'jane',
    action: 'get_user' as const,
    input: { user_id: '42' },
    upstream: 'as_written' as const,
    outcome: { ...found(jane), durationMs } as RunOutcome,
  };
  const { slow } = judgeBehaviour(Array(count).fill(lookup), {
    from: 'live',
    budgetMs: 1_000,
    signupDisabled: false,
  });
  expect(slow.status).toBe(status);
});

test('a case that has no answer for a call of its script is not judged', async () => {
  const unanswered = { ...sound.absent!, run: async () => undefined };
  expect(await withStatus('failed', { absent: unanswered })).toEqual([]);
  expect(await withStatus('unknown', { absent: unanswered })).toContain('not_found_reported_as_error');
});
