import { expect, test } from 'vitest';
import type { Exchange, HttpExchange } from '../../sandbox/contract/exchange.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { Job } from '../../src/pool/pool.ts';
import { createRunner } from '../../src/runner/create-runner.ts';
import { createRecordings } from '../../src/runner/recordings.ts';
import { createFakeConnection, createFakePool, rejected, returned, timings } from './fake-pool.ts';

const recordedConnection = { ...createFakeConnection({ options: { recording: true } }) };

function call(text: string): HttpExchange {
  const body = { base64: Buffer.from(text).toString('base64'), cut: false };
  return {
    kind: 'http',
    method: 'GET',
    url: 'https://store.example.com/users',
    headers: [],
    body: { base64: '', cut: false },
    response: { status: 200, statusText: '', headers: [], body, decompressed: false },
    cut: false,
    startedMs: 1,
    durationMs: 1,
    unfinished: false,
  };
}

/** A second of a clock of its own passes with each execution. */
function stage() {
  let now = 1_800_000_000_000;
  const recordings = createRecordings(() => now);
  let count = 0;
  function run(code: ErrorCode | 'ok', exchanges: Exchange[] = [], passesMs = 1_000): string {
    now += passesMs;
    const execution = `exec_${++count}`;
    const observer = recordings.observe({
      connection: recordedConnection,
      script: 'get_user',
      input: { identifier: 'jane@acme-corp.com' },
      organization: undefined,
      execution,
    });
    for (const exchange of exchanges) observer?.onExchange?.(exchange);
    observer?.onEnd?.({ code, timings });
    return execution;
  }
  return { recordings, run, ids: () => recordings.list('acme').map(({ id }) => id) };
}

test('a connection without the option is not observed: nothing is recorded, at no cost', () => {
  const { recordings } = stage();
  const connection = createFakeConnection();
  const script = {
    connection,
    script: 'login' as const,
    input: {},
    organization: undefined,
    execution: 'exec_1',
  };
  expect(recordings.observe(script)).toBeUndefined();
});

test('failures of scripts are kept, answers are not', () => {
  const { run, ids } = stage();
  const kept = (['script_error', 'script_timeout', 'invalid_profile'] as const).map((code) => run(code));
  for (const code of ['ok', 'wrong_username_or_password', 'user_exists', 'overloaded'] as const) run(code);
  expect(ids()).toEqual(kept.reverse());
});

test('the last hundred are kept', () => {
  const { run, ids } = stage();
  const all = Array.from({ length: 120 }, () => run('script_error'));
  expect(ids()).toEqual(all.slice(20).reverse());
});

test('a connection that fails all the time is recorded once a second', () => {
  const { run, ids } = stage();
  const first = run('script_error');
  for (let turn = 0; turn < 9; turn++) run('script_error', [], 100);
  expect(ids()).toEqual([first]);
  expect(ids()).not.toContain(run('script_error', [], 50));
});

test('what a connection has is not given to whoever asks for another', () => {
  const { recordings, run } = stage();
  const id = run('script_error', [call('{"email":"jane@acme-corp.com"}')]);
  expect(recordings.get('other', id)).toBeUndefined();
  const kept = recordings.get('acme', id);
  expect(kept).toMatchObject({ code: 'script_error', fixture: { cases: [{ script: 'get_user' }] } });
  expect(JSON.stringify(kept)).not.toContain('acme-corp');
});

test.each([
  ['more than it may have', call('x'.repeat(200_000)), /more calls, or larger ones, than a recording holds/],
  [
    'what takes too long',
    call(JSON.stringify(Array.from({ length: 6_000 }, (_, id) => ({ id })))),
    /in time/,
  ],
])('an execution with %s is listed with the reason, and is not a fixture', (_, exchange, problem) => {
  const { recordings, run } = stage();
  const id = run('script_error', [exchange]);
  expect(recordings.get('acme', id)).toMatchObject({ problem: expect.stringMatching(problem) });
  expect(recordings.get('acme', id)).not.toHaveProperty('fixture');
});

test('an answer that is nested too deeply for the redaction is listed with a problem, and changes nothing else', () => {
  const { recordings, run } = stage();
  const id = run('script_error', [call('['.repeat(20_000) + ']'.repeat(20_000))]);
  expect(recordings.list('acme')).toEqual([
    expect.objectContaining({ id, problem: 'it holds what cannot be redacted (RangeError)' }),
  ]);
});

test('a signup whose scripts do not agree is kept as a signup, with the calls of all of them', async () => {
  const recordings = createRecordings();
  const asking = (value?: unknown) => (job: Job) => {
    job.onExchange?.(call('{"id":"1"}'));
    return returned(value);
  };
  const { pool } = createFakePool({
    get_user: asking(),
    create: asking({ user_id: '1', email: 'ann@acme-corp.com' }),
    login: asking({ user_id: '2', email: 'ann@acme-corp.com' }),
  });
  const { observe, observeSignup } = recordings;
  const runner = createRunner({ pool, tenant: 't', scriptTimeoutMs: 1_000, observe, observeSignup });
  const user = { email: 'ann@acme-corp.com', password: 'hunter22' };
  const signup = runner.signup(recordedConnection, { user }, { executionId: 'exec_s' });
  await expect(signup).rejects.toMatchObject({ code: 'user_id_mismatch' });
  expect(recordings.list('acme')).toMatchObject([
    { id: 'exec_s', script: 'signup', code: 'user_id_mismatch' },
  ]);
  const fixture = recordings.get('acme', 'exec_s')?.fixture;
  expect(fixture?.cases[0]).toMatchObject({ script: 'signup', expect: { error: 'user_id_mismatch' } });
  expect(fixture?.cases[0].http).toHaveLength(3);
  expect(JSON.stringify(fixture)).not.toMatch(/hunter|acme-corp/);
});

test('of a signup whose script fails the script is kept alone', async () => {
  const recordings = createRecordings();
  const { pool } = createFakePool({ get_user: rejected({ message: 'down' }) });
  const { observe, observeSignup } = recordings;
  const runner = createRunner({ pool, tenant: 't', scriptTimeoutMs: 1_000, observe, observeSignup });
  const user = { email: 'ann@acme-corp.com', password: 'hunter22' };
  await expect(runner.signup(recordedConnection, { user })).rejects.toMatchObject({ code: 'script_error' });
  expect(recordings.list('acme')).toMatchObject([{ script: 'get_user' }]);
});
