import { createHash } from 'node:crypto';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import type { ExecutionEvent } from '../../sandbox/contract/messages.ts';
import { silentLog } from '../../src/log.ts';
import { createPool } from '../../src/pool/create-pool.ts';
import { locateGuestBuild } from '../../src/pool/guest-build.ts';
import type { Finished, Job, Pool } from '../../src/pool/pool.ts';
import type { PoolOptions } from '../../src/pool/pool-options.ts';
import { findEntry } from '../../src/scripts/find-entry.ts';

/** A pool of real sandbox processes for tests. */
export async function createTestPool(options: Partial<PoolOptions> = {}): Promise<Pool> {
  return createPool({
    guestDirectory: (await locateGuestBuild()).directory,
    processes: 1,
    limits: { wallMs: 5_000, cpuMs: 2_000, memoryMb: 64 },
    egressAllow: ['127.0.0.1'],
    upstream: 'network',
    maxUnderWay: 64,
    maxWaiting: 100,
    processMemoryMb: 1_536,
    connectionMaxUnderWay: 64,
    connectionMaxWaiting: options.maxWaiting ?? 100,
    maxOwnProcesses: 4,
    debugEvents: true,
    log: silentLog,
    ...options,
  });
}

export interface SourceOptions extends Partial<Omit<Job, 'definition'>> {
  connection?: string;
  isolation?: ConnectionDefinition['isolation'];
  configuration?: Record<string, string>;
  /** Files that the script and these themselves require, by their paths beside the script. */
  helpers?: Record<string, string>;
}

let executions = 0;

/** A job whose connection has this one script; the same source is the same connection version. */
export function jobOf(source: string, options: SourceOptions = {}): Job & { events: ExecutionEvent[] } {
  const { connection = 'acme', isolation = 'connection', configuration = {}, helpers, ...job } = options;
  const action: ActionName = job.action ?? 'get_user';
  const found = findEntry(source, action);
  if ('problem' in found) throw new Error(found.problem.message);
  const events: ExecutionEvent[] = [];
  const version = createHash('sha256')
    .update(JSON.stringify([source, isolation, configuration, helpers]))
    .digest('hex');
  const files = Object.entries(helpers ?? {}).map(([path, text]) => ({
    file: `${connection}/${path}`,
    source: text,
  }));
  const script = {
    action,
    file: `${connection}/${action}.js`,
    source,
    entry: found.entry,
    requires: found.requires.map(({ request }) => request),
    ...(helpers ? { helpers: { set: 0, from: `${connection}/${action}.js` } } : {}),
  };
  return {
    execution: `exec_${++executions}`,
    tenant: 'default',
    definition: {
      name: connection,
      version,
      isolation,
      configuration,
      scripts: [script],
      ...(helpers ? { helperSets: [files] } : {}),
    },
    action,
    args: ['jane@example.com', {}],
    wallMs: 5_000,
    repeatable: false,
    onEvent: (event) => events.push(event),
    events,
    ...job,
  };
}

export function runSource(pool: Pool, source: string, options?: SourceOptions): Promise<Finished> {
  return pool.execute(jobOf(source, options));
}

/** The result of a script that is expected to return one. */
export async function resultOf(pool: Pool, source: string, options?: SourceOptions): Promise<unknown> {
  const { outcome } = await runSource(pool, source, options);
  if (outcome.kind !== 'returned') throw new Error(`The script did not return: ${JSON.stringify(outcome)}`);
  return outcome.result === undefined ? undefined : JSON.parse(outcome.result);
}
