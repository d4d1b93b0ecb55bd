import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import type { ExecutionEvent } from '../../sandbox/contract/messages.ts';
import type { Outcome, Timings } from '../../sandbox/contract/outcome.ts';

export interface Job {
  /** `exec_…`, unique. */
  execution: string;
  definition: ConnectionDefinition;
  action: ActionName;
  /** The arguments before the callback; JSON values. */
  args: readonly unknown[];
  /** Milliseconds from now. */
  wallMs: number;
  /** Whether it may be run again when the process under it dies: reads only. */
  repeatable: boolean;
  onEvent(event: ExecutionEvent): void;
}

export interface Finished {
  outcome: Outcome;
  timings: Timings;
}

/** Runs jobs in sandbox processes. Never rejects: whatever happens is an outcome. */
export interface Pool {
  execute(job: Job): Promise<Finished>;
  /** Tells the processes that no more jobs of this version will come. */
  retire(connection: string, version: string): void;
  /** At least one process is up. */
  ready(): boolean;
  /** For metrics. */
  stats(): { processes: number; underWay: number; waiting: number; restarts: number };
  close(): Promise<void>;
}
