import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Outcome } from '../../sandbox/contract/outcome.ts';
import { type ErrorCode, ServiceError } from '../../src/errors.ts';
import { createRunner } from '../../src/runner/create-runner.ts';
import type { FinishedScript } from '../../src/runner/runner-parts.ts';
import type { ActionInputs } from '../../src/scripts/actions.ts';
import {
  createFakeConnection,
  createFakePool,
  type FakeConnection,
  rejected,
  returned,
} from './fake-pool.ts';

const jane = { user_id: '42', email: 'jane@example.com' };
const withPassword: ActionInputs['create'] = {
  user: { email: 'jane@example.com', password: 'correct horse' },
};
const withPasskey: ActionInputs['create'] = { user: { email: 'jane@example.com' } };

type Answers = Partial<Record<ActionName, Outcome | Outcome[]>>;

function signUp(answers: Answers, input = withPassword, connection: FakeConnection = {}) {
  const fake = createFakePool(answers);
  const finished: FinishedScript[] = [];
  const runner = createRunner({
    pool: fake.pool,
    tenant: 'default',
    scriptTimeoutMs: 20_000,
    onFinished: (one) => finished.push(one),
  });
  return { answer: runner.signup(createFakeConnection(connection), input), finished, ...fake };
}

async function refusal(answer: Promise<unknown>): Promise<ServiceError> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServiceError)) throw new Error('Expected a ServiceError', { cause: error });
  return error;
}

describe('a signup', () => {
  it('with a password is get_user, create, login', async () => {
    const answers = { get_user: returned(), create: returned({ user_id: '42' }), login: returned(jane) };
    const { answer, actions, jobs, finished } = signUp(answers);
    const { result, execution } = await answer;
    expect(result).toEqual({ user: jane });
    expect(actions()).toEqual(['get_user', 'create', 'login']);
    expect(jobs[2]?.args).toEqual(['jane@example.com', 'correct horse', {}]);
    expect(execution.timings.scriptMs).toBe(30);
    expect(new Set(jobs.map((job) => job.execution)).size).toBe(3);
    expect(new Set(finished.map((one) => one.execution))).toEqual(new Set([execution.id]));
  });

  it('with a passkey is get_user, create, get_user by user_id', async () => {
    const answers = { get_user: [returned(), returned(jane)], create: returned(jane) };
    const { answer, actions, jobs } = signUp(answers, withPasskey);
    expect((await answer).result).toEqual({ user: jane });
    expect(actions()).toEqual(['get_user', 'create', 'get_user']);
    expect(jobs[2]?.args).toEqual(['42', { identifierType: 'user_id' }]);
  });

  it('looks every identifier up, in the order of precedence', async () => {
    const user = { ...withPassword.user, username: 'jane', phone_number: '+49301' };
    const answers = { get_user: returned(), create: returned(jane), login: returned(jane) };
    const { answer, jobs } = signUp(
      answers,
      { user },
      {
        options: { precedence: ['username', 'email', 'phone_number'] },
      },
    );
    await answer;
    expect(jobs.map((job) => job.args[0]).slice(0, 3)).toEqual(['jane', 'jane@example.com', '+49301']);
    expect(jobs.at(-1)?.args[0]).toBe('jane');
  });

  it('logs in with an identifier that users can log in with', async () => {
    const user = { ...withPassword.user, phone_number: '+49301' };
    const answers = {
      get_user: returned(),
      create: returned({ ...jane, phone_number: '+49301' }),
      login: returned({ ...jane, phone_number: '+49301' }),
    };
    const attributes = { email: {}, phone_number: { identifier: { active: true } } } as never;
    const { answer, jobs } = signUp(answers, { user }, { options: { attributes } });
    await answer;
    expect(jobs.at(-1)?.args[0]).toBe('+49301');
  });

  it('answers user_exists before create runs', async () => {
    const { answer, actions } = signUp({ get_user: returned(jane) });
    const error = await refusal(answer);
    expect(error.code).toBe('user_exists');
    expect(error.details.issues).toMatchObject([{ path: 'user.email', code: 'user_exists' }]);
    expect(actions()).toEqual(['get_user']);
  });

  it('answers user_exists when the second identifier is taken', async () => {
    const input = { user: { ...withPassword.user, username: 'jane' } };
    const { answer, actions } = signUp({ get_user: [returned(), returned(jane)] }, input);
    expect((await refusal(answer)).details.issues).toMatchObject([{ path: 'user.username' }]);
    expect(actions()).toEqual(['get_user', 'get_user']);
  });

  const outages: [what: string, outcome: Outcome, code: ErrorCode][] = [
    ['an Error', rejected({ message: 'down' }), 'script_error'],
    ['a refusal', rejected({ kind: 'WrongUsernameOrPasswordError' }), 'wrong_username_or_password'],
    ['a timeout', { kind: 'timeout', limit: 'wall', limitMs: 1 }, 'script_timeout'],
    ['no callback', { kind: 'no_callback' }, 'script_no_callback'],
    ['a crash', { kind: 'crashed' }, 'sandbox_crashed'],
    ['an overload', { kind: 'overloaded', retryAfterS: 1 }, 'overloaded'],
    ['a broken profile', returned({ email: 'jane@example.com' }), 'invalid_profile'],
  ];
  it.each(outages)('never creates after %s of a lookup', async (_, outcome, code) => {
    const { answer, actions } = signUp({ get_user: outcome });
    expect((await refusal(answer)).code).toBe(code);
    expect(actions()).toEqual(['get_user']);
  });

  it('never creates when the second lookup fails', async () => {
    const input = { user: { ...withPassword.user, username: 'jane' } };
    const { answer, actions } = signUp({ get_user: [returned(), rejected({})] }, input);
    expect((await refusal(answer)).code).toBe('script_error');
    expect(actions()).toEqual(['get_user', 'get_user']);
  });

  it('passes on that create found the user', async () => {
    const exists = rejected({ kind: 'ValidationError', code: 'user_exists' });
    const { answer, actions } = signUp({ get_user: returned(), create: exists });
    expect((await refusal(answer)).code).toBe('user_exists');
    expect(actions()).toEqual(['get_user', 'create']);
  });

  it('takes the profile of login when create returned none', async () => {
    const { answer, actions } = signUp({ get_user: returned(), create: returned(), login: returned(jane) });
    expect((await answer).result).toEqual({ user: jane });
    expect(actions()).toEqual(['get_user', 'create', 'login']);
  });
});

describe('the proof of a signup', () => {
  const before = { get_user: returned(), create: returned(jane) };

  it('refuses another user_id from login', async () => {
    const error = await refusal(signUp({ ...before, login: returned({ user_id: '43' }) }).answer);
    expect([error.code, error.details.script]).toEqual(['user_id_mismatch', 'login']);
  });

  it('refuses another user_id from get_user', async () => {
    const answers = { ...before, get_user: [returned(), returned({ user_id: '43' })] };
    const error = await refusal(signUp(answers, withPasskey).answer);
    expect([error.code, error.details.script]).toEqual(['user_id_mismatch', 'get_user']);
  });

  it('is a script_error when get_user does not find the user', async () => {
    const error = await refusal(signUp({ ...before, get_user: returned() }, withPasskey).answer);
    expect([error.code, error.details.script]).toEqual(['script_error', 'get_user']);
    expect(error.details.detail).toContain('The user was created');
  });

  it('is a script_error, no 401, when login refuses the new user', async () => {
    for (const login of [returned(), rejected({ kind: 'WrongUsernameOrPasswordError', userKnown: true })]) {
      const error = await refusal(signUp({ ...before, login }).answer);
      expect([error.code, error.details.script]).toEqual(['script_error', 'login']);
    }
  });

  it('keeps the code of any other failure and says that the user was created', async () => {
    const denied = rejected({ kind: 'UnauthorizedError', message: 'verify your email' });
    const error = await refusal(signUp({ ...before, login: denied }).answer);
    expect([error.code, error.details.detail]).toEqual([
      'access_denied',
      'The user was created, but could not be proven to exist: verify your email',
    ]);
    expect(error.details.timings?.scriptMs).toBe(30);
  });
});

describe('a signup that cannot be carried through', () => {
  const plain = { script: { arguments: 'plain' as const } };
  const rows: [
    what: string,
    input: ActionInputs['create'],
    connection: FakeConnection,
    code: ErrorCode,
    script: ActionName,
  ][] = [
    ['without get_user', withPassword, { scripts: ['create', 'login'] }, 'script_not_found', 'get_user'],
    ['without create', withPassword, { scripts: ['get_user', 'login'] }, 'script_not_found', 'create'],
    ['without login', withPassword, { scripts: ['get_user', 'create'] }, 'script_not_found', 'login'],
    ['with a passkey and no context object', withPasskey, plain, 'context_object_disabled', 'get_user'],
    ['without an identifier', { user: { password: 'correct horse' } }, {}, 'invalid_request', 'create'],
    [
      'where signup is disabled',
      withPassword,
      { options: { disable_signup: true } },
      'access_denied',
      'create',
    ],
  ];
  it.each(rows)('runs nothing: %s', async (_, input, connection, code, script) => {
    const { answer, jobs } = signUp({}, input, connection);
    const error = await refusal(answer);
    expect([error.code, error.details.script]).toEqual([code, script]);
    expect(jobs).toEqual([]);
  });

  it('needs no login script with a passkey', async () => {
    const answers = { get_user: [returned(), returned(jane)], create: returned(jane) };
    const { answer } = signUp(answers, withPasskey, { scripts: ['get_user', 'create'] });
    expect((await answer).result).toEqual({ user: jane });
  });
});
