import type { Limits } from '../../sandbox/contract/messages.ts';
import type { Logger } from '../log.ts';
import type { SandboxStart } from './sandbox-start.ts';
import type { PerformUpstream } from './upstream-requests.ts';

/** What is the same for every sandbox process. */
export interface ProcessOptions {
  /** Where the guest's runtime, libraries and startup snapshot are. */
  guestDirectory: string;
  limits: Limits;
  /** Megabytes of a whole sandbox process from which it is replaced. */
  processMemoryMb: number;
  egressAllow: readonly string[];
  /** `network`: sandbox processes call upstreams themselves. Else this process does it for them. */
  upstream: 'network' | { perform: PerformUpstream };
  /** Whether events of level `debug` are wanted: there is one for each upstream call. */
  debugEvents: boolean;
  /** Whether each execution tells what it has run of the scripts, as an event. */
  coverage?: boolean | undefined;
  log: Logger;
}

export interface PoolOptions extends ProcessOptions {
  /** How processes are started, where `prepareSandboxStart` was asked; else as the user of this process. */
  sandboxStart?: SandboxStart;
  processes: number;
  /** Executions under way per process; what comes on top waits. */
  maxUnderWay: number;
  maxWaiting: number;
  /** Of one connection, in all processes; unless it is set, what leaves a third as many places free. */
  connectionMaxUnderWay?: number | undefined;
  connectionMaxWaiting: number;
  /** Of one tenant; all places unless it is set. */
  tenantMaxUnderWay?: number | undefined;
  /** Processes for connections that are to have one of their own. */
  maxOwnProcesses: number;
}
