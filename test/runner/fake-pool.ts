import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Outcome, ScriptFailure, Timings } from '../../sandbox/contract/outcome.ts';
import type { Connection, LoadedScript } from '../../src/connections/connection.ts';
import type { Job, Pool } from '../../src/pool/pool.ts';

export const timings: Timings = { queueMs: 1, scriptMs: 10, upstreamMs: 5, cpuMs: 2, coldStart: false };

type Answer = Outcome | ((job: Job) => Outcome);

/** What a script gives to its callback: `returned({…})`, `returned()` for callback(null). */
export function returned(value?: unknown): Outcome {
  const result = value === undefined ? {} : { result: JSON.stringify(value) };
  return { kind: 'returned', ...result, notes: [] };
}

export function rejected(failure: Partial<ScriptFailure>): Outcome {
  return { kind: 'rejected', failure: { kind: 'Error', name: 'Error', message: '', stack: [], ...failure } };
}

/** A pool that runs nothing: each action answers as told, one answer per call, the last for all further ones. */
export function createFakePool(answers: Partial<Record<ActionName, Answer | Answer[]>>) {
  const jobs: Job[] = [];
  const calls = new Map<ActionName, number>();
  const pool: Pool = {
    async execute(job) {
      jobs.push(job);
      const count = calls.get(job.action) ?? 0;
      calls.set(job.action, count + 1);
      const all = [answers[job.action] ?? []].flat();
      const answer = all[Math.min(count, all.length - 1)];
      if (!answer) throw new Error(`Nothing was said about ${job.action}`);
      return { outcome: typeof answer === 'function' ? answer(job) : answer, timings };
    },
    refusal: () => undefined,
    retire() {},
    ready: () => true,
    stats: () => ({ processes: 1, underWay: 0, waiting: 0, restarts: 0, apart: 0, quarantined: 0 }),
    close: async () => {},
  };
  return { pool, jobs, actions: () => jobs.map((job) => job.action) };
}

const all: ActionName[] = [
  'login',
  'get_user',
  'create',
  'verify',
  'delete',
  'change_password',
  'change_email',
  'change_username',
  'change_phone_number',
];

export interface FakeConnection {
  scripts?: ActionName[];
  script?: Partial<LoadedScript>;
  options?: Partial<Connection['options']>;
  configuration?: Record<string, string>;
}

export function createFakeConnection(given: FakeConnection = {}): Connection {
  const { scripts = all, script, options = {}, configuration = {} } = given;
  const loaded = scripts.map((action): [ActionName, LoadedScript] => [
    action,
    {
      action,
      file: `acme/${action}.js`,
      sha256: '',
      bytes: 1,
      arguments: 'context',
      warnings: [],
      ...script,
    },
  ]);
  return {
    name: 'acme',
    realms: ['acme'],
    version: '1',
    options: options as Connection['options'],
    configurationKeys: Object.keys(configuration),
    scripts: Object.fromEntries(loaded),
    warnings: [],
    definition: { name: 'acme', version: '1', isolation: 'connection', configuration, scripts: [] },
  };
}
