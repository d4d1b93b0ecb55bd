import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Outcome } from '../../sandbox/contract/outcome.ts';
import type { ErrorCode, ErrorDetails } from '../../src/errors.ts';
import { ServiceError } from '../../src/errors.ts';
import { createRunner } from '../../src/runner/create-runner.ts';
import type { CallOptions } from '../../src/runner/runner.ts';
import type { FinishedScript } from '../../src/runner/runner-parts.ts';
import type { ActionInputs } from '../../src/scripts/actions.ts';
import {
  createFakeConnection,
  createFakePool,
  type FakeConnection,
  rejected,
  returned,
  timings,
} from './fake-pool.ts';

const jane = { user_id: '42', email: 'jane@example.com' };
const inputs: ActionInputs = {
  login: { identifier: 'jane@example.com', password: 'correct horse' },
  get_user: { identifier: 'jane@example.com' },
  create: { user: { email: 'jane@example.com', password: 'correct horse' } },
  verify: { email: 'jane@example.com' },
  delete: { user_id: '42' },
  change_password: { identifier: 'jane@example.com', new_password: 'battery staple' },
  change_email: { email: 'jane@example.com', new_email: 'j@example.com', verified: true },
  change_username: { username: 'jane', new_username: 'j' },
  change_phone_number: { phone_number: '+1', new_phone_number: '+2', verified: false },
};

interface Scene {
  connection?: FakeConnection;
  options?: CallOptions;
}

function run<A extends ActionName>(
  action: A,
  outcome: Outcome | Outcome[],
  input: ActionInputs[A] = inputs[action],
  scene: Scene = {},
) {
  const fake = createFakePool({ [action]: outcome });
  const finished: FinishedScript[] = [];
  const runner = createRunner({
    pool: fake.pool,
    tenant: 'default',
    scriptTimeoutMs: 20_000,
    onFinished: (one) => finished.push(one),
  });
  const answer = runner.run(createFakeConnection(scene.connection), action, input, scene.options);
  return { answer, finished, ...fake };
}

async function result(answer: Promise<{ result: unknown }>): Promise<unknown> {
  return (await answer).result;
}

async function refusal(answer: Promise<unknown>): Promise<{ code: ErrorCode; details: ErrorDetails }> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServiceError)) throw new Error('Expected a ServiceError', { cause: error });
  return { code: error.code, details: error.details };
}

describe('what scripts return', () => {
  const rows: [what: string, action: ActionName, outcome: Outcome, expected: unknown][] = [
    ['a login with a profile', 'login', returned(jane), { user: jane }],
    ['a user that is found', 'get_user', returned(jane), { found: true, user: jane }],
    ['no user', 'get_user', returned(), { found: false, user: null }],
    ['null for a user', 'get_user', returned(null), { found: false, user: null }],
    ['false for a user', 'get_user', returned(false), { found: false, user: null }],
    ['a created user', 'create', returned({ id: 7 }), { user: { id: 7, user_id: '7' } }],
    ['verified', 'verify', returned(true), { verified: true }],
    ['affected rows as verified', 'verify', returned(1), { verified: true }],
    ['a deletion', 'delete', returned(), {}],
    ['a deletion with a result', 'delete', returned({ rows: 1 }), {}],
    ['a changed password', 'change_password', returned(true), { changed: true }],
    ['a password not changed', 'change_password', returned(false), { changed: false }],
    ['nothing of a password', 'change_password', returned(), { changed: false }],
    ['an object without a time', 'change_password', returned({ email_verified: true }), { changed: true }],
    [
      'a time as text',
      'change_password',
      returned({ last_password_reset: '2026-01-02T03:04:05+01:00' }),
      { changed: true, last_password_reset: '2026-01-02T02:04:05.000Z' },
    ],
    [
      'a time in milliseconds',
      'change_password',
      returned({ last_password_reset: 0 }),
      { changed: true, last_password_reset: '1970-01-01T00:00:00.000Z' },
    ],
    ['a changed email', 'change_email', returned(true), { changed: true }],
    ['an email not changed', 'change_email', returned(false), { changed: false }],
    ['a changed username', 'change_username', returned(true), { changed: true }],
    ['a username not changed', 'change_username', returned(), { changed: false }],
    ['a changed phone number', 'change_phone_number', returned(true), { changed: true }],
    ['a phone number not changed', 'change_phone_number', returned(false), { changed: false }],
  ];
  it.each(rows)('%s', async (_, action, outcome, expected) => {
    expect(await result(run(action, outcome).answer)).toEqual(expected);
  });
});

describe('what is an error', () => {
  const failure = { kind: 'Error' as const, name: 'TypeError', message: 'x is not a function', stack: [] };
  const rows: [
    what: string,
    action: ActionName,
    outcome: Outcome,
    code: ErrorCode,
    details?: ErrorDetails,
  ][] = [
    ['a login without a profile', 'login', returned(), 'wrong_username_or_password', { logCode: 'fu' }],
    ['a login with false', 'login', returned(false), 'wrong_username_or_password', { logCode: 'fu' }],
    [
      'text that is no JSON',
      'get_user',
      { kind: 'returned', result: '{garbage}', notes: [] },
      'script_error',
      { detail: expect.stringMatching(/^get_user returned what cannot be written as JSON/) },
    ],
    [
      'a wrong password of a known user',
      'login',
      rejected({ kind: 'WrongUsernameOrPasswordError', userKnown: true, message: 'no' }),
      'wrong_username_or_password',
      { logCode: 'fp', detail: 'no' },
    ],
    [
      'a wrong username',
      'login',
      rejected({ kind: 'WrongUsernameOrPasswordError', userKnown: false }),
      'wrong_username_or_password',
      { logCode: 'fu' },
    ],
    [
      'ValidationError user_exists',
      'create',
      rejected({ kind: 'ValidationError', code: 'user_exists', message: 'taken' }),
      'user_exists',
      { scriptCode: 'user_exists', detail: 'taken' },
    ],
    [
      'any other ValidationError',
      'create',
      rejected({ kind: 'ValidationError', code: 'email-too-long', message: 'shorter' }),
      'script_rejected',
      { scriptCode: 'email-too-long', detail: 'shorter' },
    ],
    ['a ValidationError without a code', 'create', rejected({ kind: 'ValidationError' }), 'script_rejected'],
    [
      'UnauthorizedError',
      'login',
      rejected({ kind: 'UnauthorizedError', message: 'verify your email first' }),
      'access_denied',
      { detail: 'verify your email first' },
    ],
    ['an Error', 'login', rejected({ message: 'down' }), 'script_error', { detail: 'down' }],
    [
      'an error of another name',
      'verify',
      rejected({ name: 'TypeError', message: 'x is not a function' }),
      'script_error',
      { detail: 'TypeError: x is not a function' },
    ],
    [
      'an Error without a message',
      'delete',
      rejected({}),
      'script_error',
      { detail: 'delete failed without a message' },
    ],
    ['a throw in a timer', 'create', { kind: 'uncaught', failure }, 'script_error'],
    [
      'an error class thrown in a timer',
      'create',
      { kind: 'uncaught', failure: { ...failure, kind: 'ValidationError', code: 'user_exists' } },
      'script_error',
    ],
    ['a script without a function', 'login', { kind: 'invalid', failure }, 'script_invalid'],
    ['no callback', 'login', { kind: 'no_callback' }, 'script_no_callback'],
    [
      'a wall-clock limit',
      'login',
      { kind: 'timeout', limit: 'wall', limitMs: 19_987.451 },
      'script_timeout',
      { detail: 'login ran longer than 20 s' },
    ],
    [
      'a CPU limit',
      'login',
      { kind: 'timeout', limit: 'cpu', limitMs: 500 },
      'script_timeout',
      { detail: 'login used more than 500 ms of CPU time' },
    ],
    ['too much memory', 'login', { kind: 'out_of_memory', limitMb: 128 }, 'script_out_of_memory'],
    [
      'too large a result',
      'login',
      { kind: 'result_too_large', bytes: 2, limitBytes: 1 },
      'result_too_large',
    ],
    ['a crash', 'login', { kind: 'crashed' }, 'sandbox_crashed'],
    ['too much under way', 'login', { kind: 'overloaded', retryAfterS: 3 }, 'overloaded', { retryAfterS: 3 }],
    ['a profile of no sort', 'login', returned('jane'), 'invalid_profile'],
    ['rows for a user', 'get_user', returned([jane]), 'invalid_profile'],
    ['an empty array for a user', 'get_user', returned([]), 'invalid_profile'],
    ['true for a created user', 'create', returned(true), 'invalid_profile'],
    ['not verified', 'verify', returned(false), 'script_rejected'],
    ['nothing of verify', 'verify', returned(), 'script_rejected'],
    ['no time', 'change_password', returned({ last_password_reset: 'soon' }), 'invalid_profile'],
    ['an endless time', 'change_password', returned({ last_password_reset: 1e300 }), 'invalid_profile'],
    ['an object for a time', 'change_password', returned({ last_password_reset: {} }), 'invalid_profile'],
  ];
  it.each(rows)('%s', async (_, action, outcome, code, details = {}) => {
    const { answer, finished } = run(action, outcome);
    const refused = await refusal(answer);
    expect(refused.code).toBe(code);
    expect(refused.details).toMatchObject({ ...details, connection: 'acme', script: action, timings });
    expect(refused.details.executionId).toMatch(/^exec_\w+$/);
    expect(finished).toMatchObject([{ connection: 'acme', script: action, outcome: outcome.kind, code }]);
  });

  it('says which fields of a profile break the rules', async () => {
    const { details } = await refusal(run('login', returned({ email: 'x' })).answer);
    expect(details.issues?.map(({ path, code }) => [path, code])).toEqual([
      ['user_id', 'user_id_missing'],
      ['email', 'email_malformed'],
    ]);
    expect(details.detail).toContain('1 more');
  });

  it('reads the serializer’s notes', async () => {
    const notes = [{ path: 'conn', code: 'circular' as const, message: '' }];
    const { details } = await refusal(
      run('login', { kind: 'returned', result: '{"user_id":"1"}', notes }).answer,
    );
    expect(details.issues).toMatchObject([{ path: 'conn', code: 'circular' }]);
  });
});

describe('what is refused before anything runs', () => {
  const rows: [
    what: string,
    action: ActionName,
    connection: FakeConnection,
    input: ActionInputs[ActionName],
    code: ErrorCode,
    path?: string,
  ][] = [
    ['a script that is not there', 'login', { scripts: ['create'] }, inputs.login, 'script_not_found'],
    ['get_user that is not there', 'get_user', { scripts: [] }, inputs.get_user, 'script_not_found'],
    ['create that is not there', 'create', { scripts: [] }, inputs.create, 'script_not_found'],
    ['delete that is not there', 'delete', { scripts: [] }, inputs.delete, 'script_not_found'],
    [
      'a script with a problem',
      'verify',
      { script: { problem: { message: 'Unexpected token', line: 3, column: 9 } } },
      inputs.verify,
      'script_invalid',
      'acme/verify.js:3:9',
    ],
    [
      'a script with a problem of no place',
      'verify',
      { script: { problem: { message: 'Larger than 100 KB' } } },
      inputs.verify,
      'script_invalid',
      'acme/verify.js',
    ],
    [
      'a lookup by user_id without the context object',
      'get_user',
      { script: { arguments: 'plain' } },
      { user_id: '42' },
      'context_object_disabled',
    ],
    [
      'signup where it is disabled',
      'create',
      { options: { disable_signup: true } },
      inputs.create,
      'access_denied',
    ],
    [
      'a password signup without a password',
      'create',
      {},
      { user: { email: 'jane@example.com' }, method: 'password' },
      'invalid_request',
      'user.password',
    ],
    [
      'an empty password',
      'create',
      {},
      { user: { email: 'a@b', password: '' } },
      'invalid_request',
      'user.password',
    ],
    [
      'a password of null',
      'create',
      {},
      { user: { email: 'a@b', password: null } },
      'invalid_request',
      'user.password',
    ],
    [
      'a passkey signup with a password',
      'create',
      {},
      { user: { email: 'a@b', password: 'correct horse' }, method: 'passkey' },
      'invalid_request',
      'user.password',
    ],
    [
      'a signup without a required attribute',
      'create',
      { options: { attributes: { phone_number: { signup: { status: 'required' } } } } as never },
      inputs.create,
      'invalid_request',
      'user.phone_number',
    ],
  ];
  it.each(rows)('%s', async (_, action, connection, input, code, path) => {
    const { answer, jobs, finished } = run(action, returned(jane), input as never, { connection });
    const refused = await refusal(answer);
    expect(refused.code).toBe(code);
    expect(refused.details).toMatchObject({ connection: 'acme', script: action });
    if (path !== undefined) expect(refused.details.issues?.[0]?.path).toBe(path);
    expect([jobs, finished]).toEqual([[], []]);
    expect(refused.details.timings).toBeUndefined();
  });

  it('still looks up by identifier without the context object', async () => {
    const connection = { script: { arguments: 'plain' as const } };
    const { answer, jobs } = run('get_user', returned(jane), inputs.get_user, { connection });
    expect(await result(answer)).toEqual({ found: true, user: jane });
    expect(jobs[0]?.args).toEqual(['jane@example.com']);
  });
});

describe('lookups', () => {
  const rows: [what: string, input: ActionInputs['get_user'], code: ErrorCode | 'ok'][] = [
    ['the user_id asked for', { user_id: '42' }, 'ok'],
    ['another user_id', { user_id: '43' }, 'user_id_mismatch'],
    ['the email asked for', { identifier: 'JANE@example.com', identifier_type: 'email' }, 'ok'],
    ['another email', { identifier: 'john@example.com', identifier_type: 'email' }, 'identifier_mismatch'],
    ['an identifier of no stated type', { identifier: 'jane' }, 'ok'],
  ];
  it.each(rows)('%s', async (_, input, code) => {
    const { answer, finished } = run('get_user', returned(jane), input);
    if (code === 'ok') expect(await result(answer)).toEqual({ found: true, user: jane });
    else expect((await refusal(answer)).code).toBe(code);
    expect(finished[0]?.code).toBe(code);
  });

  it('compares a user_id that the script returned as a number', async () => {
    const { answer } = run('get_user', returned({ id: 42 }), { user_id: '42' });
    expect(await result(answer)).toMatchObject({ found: true, user: { user_id: '42' } });
  });
});

describe('what scripts are given', () => {
  it('is the identifier and the context with the kind of lookup', async () => {
    const organization = { id: 'org_1', name: 'acme' };
    const byId = run('get_user', returned(jane), { user_id: '42' }, { options: { organization } });
    const byIdentifier = run('get_user', returned(jane), { identifier: 'jane', identifier_type: 'username' });
    await Promise.all([byId.answer, byIdentifier.answer]);
    expect(byId.jobs[0]?.args).toMatchObject(['42', { identifierType: 'user_id', organization }]);
    expect(byIdentifier.jobs[0]?.args).toEqual(['jane', {}]);
  });

  it('is the user of a password signup with its origin', async () => {
    const { answer, jobs } = run('create', returned(jane), { ...inputs.create, client_id: 'app' });
    await answer;
    expect(jobs[0]?.args[0]).toEqual({
      ...inputs.create.user,
      client_id: 'app',
      tenant: 'default',
      connection: 'acme',
    });
  });

  it('has no password key on a passkey signup', async () => {
    const { answer, jobs } = run('create', returned(jane), { user: { email: 'jane@example.com' } });
    await answer;
    expect(Object.keys(jobs[0]?.args[0] as object)).not.toContain('password');
  });

  it.each(Object.keys(inputs) as ActionName[])('%s is repeatable only if it reads', async (action) => {
    const { answer, jobs } = run(
      action,
      returned(action.startsWith('change') || action === 'verify' ? true : jane),
    );
    await answer;
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).toMatchObject({ repeatable: action === 'get_user', wallMs: 20_000, action });
  });
});

describe('a create without a profile', () => {
  const attributes = { email: { identifier: { active: true } } } as never;
  const rows: [what: string, connection: FakeConnection, input: ActionInputs['create']][] = [
    ['on a passkey signup', {}, { user: { email: 'jane@example.com' } }],
    ['with attributes', { options: { attributes } }, inputs.create],
    ['without an identifier to look up', {}, { user: { password: 'correct horse' } }],
    ['without a get_user script', { scripts: ['create'] }, inputs.create],
  ];
  it.each(rows)('is refused %s', async (_, connection, input) => {
    const { code, details } = await refusal(run('create', returned(), input, { connection }).answer);
    expect([code, details.issues?.[0]?.code]).toEqual(['invalid_profile', 'profile_missing']);
  });

  it('is completed by get_user without attributes', async () => {
    const { pool, jobs } = createFakePool({ create: returned(), get_user: returned(jane) });
    const runner = createRunner({ pool, tenant: 'default', scriptTimeoutMs: 1 });
    const { result, execution } = await runner.run(createFakeConnection(), 'create', inputs.create);
    expect(result).toEqual({ user: jane });
    expect(jobs.map((job) => job.args[0])).toMatchObject([inputs.create.user, 'jane@example.com']);
    expect(jobs.map((job) => job.execution)).toEqual([execution.id, `${execution.id}.2`]);
    expect(execution.timings).toEqual({
      queueMs: 2,
      scriptMs: 20,
      upstreamMs: 10,
      cpuMs: 4,
      coldStart: false,
    });
  });

  it('is refused when get_user does not find the user', async () => {
    const { pool } = createFakePool({ create: returned(), get_user: returned() });
    const runner = createRunner({ pool, tenant: 'default', scriptTimeoutMs: 1 });
    const refused = await refusal(runner.run(createFakeConnection(), 'create', inputs.create));
    expect(refused.details.issues?.[0]?.code).toBe('profile_missing');
  });
});

describe('the execution', () => {
  it('keeps the id it is given and tells its timings', async () => {
    const { answer, jobs, finished } = run('delete', returned(), inputs.delete, {
      options: { executionId: 'exec_1' },
    });
    const { execution, warnings } = await answer;
    expect(execution).toMatchObject({ id: 'exec_1', timings });
    expect(execution.durationMs).toBeGreaterThanOrEqual(0);
    expect(warnings).toEqual([]);
    expect(jobs[0]?.execution).toBe('exec_1');
    expect(finished).toMatchObject([{ execution: 'exec_1', code: 'ok', outcome: 'returned', timings }]);
  });

  it('keeps the id in errors', async () => {
    const { answer } = run('delete', { kind: 'crashed' }, inputs.delete, {
      options: { executionId: 'exec_1' },
    });
    expect((await refusal(answer)).details.executionId).toBe('exec_1');
  });
});
