import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ExecutionEvent } from '../../sandbox/contract/messages.ts';
import type { Outcome, Timings } from '../../sandbox/contract/outcome.ts';
import type { Connection } from '../connections/connection.ts';
import type { ErrorCode } from '../errors.ts';
import type { Pool } from '../pool/pool.ts';
import type { ObserveScript, ObserveSignup } from './script-observer.ts';

/** What a line for the operator's log is about. Configuration values and passwords are masked in `text`. */
export interface RunnerLogEntry {
  kind: 'script_event' | 'profile_warning';
  level: ExecutionEvent['level'];
  connection: string;
  script: ActionName;
  execution: string;
  /** script_event: the event's name, `console` for one. profile_warning: the warning's code. */
  code: string;
  /** script_event: a script's own words. profile_warning: the message for its author, without values. */
  text: string;
  /** profile_warning: the field, dotted. */
  path?: string;
}

/** One script that was run, for metrics: a signup is several. */
export interface FinishedScript {
  connection: string;
  script: ActionName;
  execution: string;
  outcome: Outcome['kind'];
  /** What the caller gets for it; `ok` where it is no error. */
  code: ErrorCode | 'ok';
  durationMs: number;
  timings: Timings;
}

/** What the runner is made of, given once. */
export interface RunnerParts {
  pool: Pool;
  /** Becomes `user.tenant` of create. */
  tenant: string;
  /** Wall-clock limit of each script. */
  scriptTimeoutMs: number;
  log(entry: RunnerLogEntry): void;
  /** A profile_warning, which reaches `log` once per script, field and version of the connection. */
  logWarning(connection: Connection, entry: RunnerLogEntry): void;
  onFinished(finished: FinishedScript): void;
  observe?: ObserveScript | undefined;
  /** Beside `observe`, for what comes of a signup's scripts together. */
  observeSignup?: ObserveSignup | undefined;
}
