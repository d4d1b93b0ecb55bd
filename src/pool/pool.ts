import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import type { Exchange } from '../../sandbox/contract/exchange.ts';
import type { ExecutionEvent } from '../../sandbox/contract/messages.ts';
import type { Outcome, Timings } from '../../sandbox/contract/outcome.ts';

export interface Job {
  /** `exec_…`, unique. */
  execution: string;
  /** Whose connection it is: tenants take turns before connections do. */
  tenant: string;
  definition: ConnectionDefinition;
  action: ActionName;
  /** The arguments before the callback; JSON values. */
  args: readonly unknown[];
  /** Milliseconds from now. */
  wallMs: number;
  /** Whether it may be run again when the process under it dies: reads only. */
  repeatable: boolean;
  onEvent(event: ExecutionEvent): void;
  /**
   * Hears of each call of an upstream, until the outcome; without it nothing is recorded. Holds secrets.
   */
  onExchange?: ((exchange: Exchange) => void) | undefined;
}

export interface Finished {
  outcome: Outcome;
  timings: Timings;
}

export type Refusal = Extract<Outcome, { kind: 'overloaded' | 'quarantined' }>;

export interface PoolStats {
  /** Sandbox processes that are up, those of one connection and those set apart among them. */
  processes: number;
  /** Of these, the ones that serve one connection or connections that are under suspicion. */
  apart: number;
  underWay: number;
  waiting: number;
  restarts: number;
  /** Connections in quarantine. */
  quarantined: number;
}

/** Runs jobs in sandbox processes. Never rejects: whatever happens is an outcome. */
export interface Pool {
  execute(job: Job): Promise<Finished>;
  /**
   * What `execute` would answer at once without running anything, because the connection has too much waiting already;
   * undefined where it would not. For whoever can spare itself the work of making a job.
   */
  refusal(job: Pick<Job, 'tenant' | 'definition' | 'wallMs'>): Refusal | undefined;
  /** Tells the processes that no more jobs of this version will come. */
  retire(connection: string, version: string): void;
  /** At least one process is up. */
  ready(): boolean;
  /** For metrics. */
  stats(): PoolStats;
  close(): Promise<void>;
}
