import { expect, test, vi } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import { ServiceError } from '../../src/errors.ts';
import type { Runner } from '../../src/runner/runner.ts';
import { createShadowReports } from '../../src/shadow/shadow-reports.ts';
import { createShadowingRunner, type ShadowRun } from '../../src/shadow/shadow-runner.ts';

const timings = { queueMs: 0, scriptMs: 1, upstreamMs: 0, cpuMs: 1, coldStart: false };
const jane = { user_id: '42', email: 'jane@example.com' };

function connectionWith(shadow: object = { dir: './next' }): Connection {
  const scripts = { get_user: {}, login: {} };
  const base = { name: 'acme', version: 'v1', options: { shadow }, scripts };
  return { ...base, shadow: { ...base, name: 'acme~shadow', scripts: { get_user: {} } } } as never;
}

type Run = (connection: Connection, action: string, input: unknown) => Promise<object>;

const answers = (result: object): Run => {
  return async () => ({ result, warnings: [], execution: { id: 'exec_1', durationMs: 3, timings } });
};
const fails =
  (code: 'script_error' | 'overloaded', details = {}): Run =>
  async () => {
    throw new ServiceError(code, { executionId: 'exec_1', durationMs: 2, timings, ...details });
  };

function shadowing(served: Run, shadow: Run, { waiting = 0 } = {}) {
  const reports = createShadowReports(() => new Date('2026-01-01T00:00:00Z'));
  const runs: ShadowRun[] = [];
  const ran = vi.fn(shadow);
  const runner = createShadowingRunner({
    runner: { run: served, refusal: () => undefined, signup: served } as unknown as Runner,
    shadowRunner: { run: ran } as unknown as Runner,
    pool: { stats: () => ({ waiting }) as never },
    reports,
    onRun: (run) => runs.push(run),
  });
  return { runner, reports, runs, ran };
}

test('callers get the served answer, and the report the difference', async () => {
  const connection = connectionWith();
  const found = { found: true, user: jane };
  const { runner, reports, runs, ran } = shadowing(answers(found), answers({ found: false, user: null }));
  expect((await runner.run(connection, 'get_user', { user_id: '42' })).result).toEqual(found);
  await vi.waitFor(() => expect(runs).toHaveLength(1));
  expect(runs[0]).toEqual({
    script: 'get_user',
    result: 'different',
    kind: 'found',
    servedMs: 3,
    shadowMs: 3,
  });
  expect(ran.mock.calls[0]?.[0]?.name).toBe('acme~shadow');
  expect(reports.of(connection)).toEqual({
    connection: 'acme',
    dir: './next',
    since: '2026-01-01T00:00:00.000Z',
    problems: [],
    scripts: {
      get_user: {
        compared: 1,
        different: 1,
        skipped: 0,
        timing: { served: { p50: 3, p95: 3 }, shadow: { p50: 3, p95: 3 } },
        differences: [
          {
            kind: 'found',
            count: 1,
            first_at: expect.any(String),
            last_at: expect.any(String),
            examples: [
              {
                execution: 'exec_1',
                at: expect.any(String),
                by: 'user_id',
                served: 'found',
                shadow: 'not_found',
                fields: [],
              },
            ],
          },
        ],
      },
    },
  });
});

test('a failure is answered as it came, and compared', async () => {
  const { runner, runs } = shadowing(fails('script_error'), answers({ found: true, user: jane }));
  const call = runner.run(connectionWith(), 'get_user', { identifier: 'jane' });
  await expect(call).rejects.toMatchObject({ code: 'script_error' });
  await vi.waitFor(() => expect(runs).toMatchObject([{ result: 'different', kind: 'outcome' }]));
});

test('a new version that breaks in any way breaks nothing', async () => {
  const broken = async () => {
    throw new TypeError('a fault of ours');
  };
  const { runner, runs } = shadowing(answers({ found: true, user: jane }), broken);
  await runner.run(connectionWith(), 'get_user', { identifier: 'jane' });
  await vi.waitFor(() => expect(runs).toEqual([{ script: 'get_user', result: 'skipped' }]));
});

test.each([
  ['others wait for their turn', { waiting: 1 }, answers({ found: true, user: jane })],
  ['the served version had no room', {}, fails('overloaded')],
])('is left out while %s', async (_, options, served) => {
  const { runner, reports, ran } = shadowing(served, answers({}), options);
  const connection = connectionWith();
  await runner.run(connection, 'get_user', { identifier: 'jane' }).catch(() => {});
  expect(ran).not.toHaveBeenCalled();
  expect(reports.of(connection)?.scripts.get_user).toMatchObject({ compared: 0, skipped: 1 });
});

test('never runs what has no new version, what writes, and a call that was refused before it ran', async () => {
  const { runner, ran } = shadowing(answers({ user: jane }), answers({ user: jane }));
  await runner.run(connectionWith(), 'login', { identifier: 'jane', password: 'secret' });
  await runner.run(connectionWith(), 'create', { user: {} });
  await runner.signup(connectionWith(), { user: {} });
  expect(ran).not.toHaveBeenCalled();
  const refused = shadowing(fails('script_error', { timings: undefined }), answers({}));
  await refused.runner.run(connectionWith(), 'get_user', { user_id: '1' }).catch(() => {});
  expect(refused.ran).not.toHaveBeenCalled();
});

test('at most eight new versions are under way at once', async () => {
  const gate = Promise.withResolvers<object>();
  const { runner, reports, ran } = shadowing(answers({ found: false, user: null }), () => gate.promise);
  const connection = connectionWith();
  for (let call = 0; call < 10; call++) await runner.run(connection, 'get_user', { identifier: 'jane' });
  expect(ran).toHaveBeenCalledTimes(8);
  expect(reports.of(connection)?.scripts.get_user?.skipped).toBe(2);
  gate.resolve(await answers({ found: false, user: null })(connection, '', {}));
});

test('another version of the connection begins a report anew; a call of the old one does not end it', () => {
  const reports = createShadowReports();
  const old = connectionWith();
  const changed = { ...old, version: 'v2' };
  const comparison = {
    execution: 'exec_1',
    at: new Date(),
    by: 'identifier' as const,
    difference: undefined,
    servedMs: 1,
    shadowMs: 1,
  };
  reports.add(old, 'get_user', comparison);
  expect(reports.of(changed)?.scripts).toEqual({});
  reports.add(changed, 'get_user', comparison);
  reports.add(old, 'get_user', comparison);
  expect(reports.of(changed)?.scripts.get_user?.compared).toBe(1);
});
