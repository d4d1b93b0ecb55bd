import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { Connection } from '../../connections/connection.ts';
import { silentLog } from '../../log.ts';
import { type OpenLiveScripts, openLiveScripts } from '../../passkeys/behaviour/live-scripts.ts';
import { createPool } from '../../pool/create-pool.ts';
import { createRunner } from '../../runner/create-runner.ts';
import type { ActionInputs } from '../../scripts/actions.ts';

export interface LiveOptions {
  guestDirectory: string;
  tenant: string;
  /** What scripts may reach although it is not public. */
  egressAllow: readonly string[];
}

export interface Live extends AsyncDisposable {
  scriptsOf(connection: Connection): OpenLiveScripts;
}

/** One sandbox process that runs connections as `serve` would, their calls going where they really go. */
export function openLive({ guestDirectory, tenant, egressAllow }: LiveOptions): Live {
  const wallMs = 20_000;
  const pool = createPool({
    guestDirectory,
    processes: 1,
    limits: { wallMs, cpuMs: 5_000, memoryMb: 128 },
    processMemoryMb: 1_536,
    egressAllow,
    upstream: 'network',
    maxUnderWay: 8,
    maxWaiting: 100,
    connectionMaxUnderWay: 8,
    connectionMaxWaiting: 100,
    maxOwnProcesses: 1,
    debugEvents: false,
    log: silentLog,
  });
  const calledAgain = new Map<string, Set<ActionName>>();
  const runner = createRunner({
    pool,
    tenant,
    scriptTimeoutMs: wallMs,
    log({ code, connection, script }) {
      if (code !== 'late_callback') return;
      calledAgain.set(connection, (calledAgain.get(connection) ?? new Set()).add(script));
    },
  });
  return {
    scriptsOf: (connection) =>
      openLiveScripts({
        connection,
        run: (of, action, input) => runner.run(of, action, input as ActionInputs[typeof action]),
        retire: pool.retire,
        calledAgain: () => calledAgain.get(connection.name) ?? new Set(),
      }),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
