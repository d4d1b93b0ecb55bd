import type { Limits } from '../../sandbox/contract/messages.ts';
import type { Logger } from '../log.ts';
import { createChild } from './child.ts';
import { placeJob, type Slot } from './place-job.ts';
import type { Finished, Job, Pool } from './pool.ts';
import { planSandboxStart, type SandboxStart } from './sandbox-start.ts';
import type { PerformUpstream } from './upstream-requests.ts';

export interface PoolOptions {
  /** Where the guest's runtime, libraries and startup snapshot are. */
  guestDirectory: string;
  /** How processes are started, where `prepareSandboxStart` was asked; else as the user of this process. */
  sandboxStart?: SandboxStart;
  processes: number;
  limits: Limits;
  egressAllow: readonly string[];
  /** `network`: sandbox processes call upstreams themselves. Else this process does it for them. */
  upstream: 'network' | { perform: PerformUpstream };
  /** Executions under way per process; what comes on top waits. */
  maxUnderWay: number;
  maxWaiting: number;
  /** Whether events of level `debug` are wanted: there is one for each upstream call. */
  debugEvents: boolean;
  log: Logger;
}

interface Waiting {
  job: Job;
  since: number;
  finish(finished: Finished): void;
  timer: NodeJS.Timeout;
}

/** How long a spoiled process may go on with what it carries. */
const DRAIN_MS = 1_000;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;
/** A process that has lived this long was no failed start. */
const SETTLED_AFTER_MS = 10_000;

/** Starts the processes, places jobs on them, and puts a new process in the place of each that ends. */
export function createPool(options: PoolOptions): Pool {
  const { processes, maxUnderWay, maxWaiting, log } = options;
  const sandboxStart = options.sandboxStart ?? planSandboxStart(options);
  const slots = new Set<Slot>();
  const waiting: Waiting[] = [];
  let closing = false;
  let restarts = 0;
  let backoffMs = FIRST_BACKOFF_MS;
  const closed = Promise.withResolvers<void>();

  for (let index = 0; index < processes; index++) start();

  function start(): void {
    try {
      slots.add(createSlot());
    } catch (error) {
      log.error({ err: error }, 'a sandbox process could not be started; it is tried again');
      startLater();
    }
  }

  function startLater(): void {
    setTimeout(() => !closing && start(), backoffMs).unref();
    backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
  }

  function createSlot(): Slot {
    const born = performance.now();
    const slot: Slot = {
      up: false,
      draining: false,
      child: createChild({
        guestDirectory: options.guestDirectory,
        start: sandboxStart,
        limits: options.limits,
        egressAllow: options.egressAllow,
        upstream: options.upstream,
        debugEvents: options.debugEvents,
        log,
        onReady() {
          slot.up = true;
          pump();
        },
        onSpoiled: (reason) => drain(slot, reason),
        onExit: () => onExit(slot, performance.now() - born),
      }),
    };
    return slot;
  }

  function drain(slot: Slot, reason: string): void {
    if (slot.draining) return;
    log.warn({ reason }, 'a sandbox process is replaced');
    slot.draining = true;
    setTimeout(slot.child.kill, DRAIN_MS).unref();
    restarts++;
    start();
  }

  function onExit(slot: Slot, livedMs: number): void {
    slots.delete(slot);
    if (closing) {
      if (slots.size === 0) closed.resolve();
      return;
    }
    if (slot.draining) return;
    restarts++;
    log.warn({ livedMs: Math.round(livedMs) }, 'a sandbox process died; another is started');
    if (livedMs > SETTLED_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
    startLater();
  }

  function pump(): void {
    while (waiting.length > 0) {
      const next = waiting[0] as Waiting;
      const slot = placeJob(slots, next.job.definition.name, maxUnderWay);
      if (!slot) return;
      waiting.shift();
      clearTimeout(next.timer);
      void run(slot, next.job, next.since).then(next.finish);
    }
  }

  async function run(slot: Slot, job: Job, since: number): Promise<Finished> {
    const waitedMs = performance.now() - since;
    const { outcome, timings } = await slot.child.execute({ ...job, wallMs: job.wallMs - waitedMs });
    const again = outcome.kind === 'crashed' && job.repeatable && !closing;
    pump();
    if (again)
      return execute({ ...job, repeatable: false, wallMs: job.wallMs - (performance.now() - since) });
    return { outcome, timings: { ...timings, queueMs: timings.queueMs + waitedMs } };
  }

  function execute(job: Job): Promise<Finished> {
    const since = performance.now();
    const slot = waiting.length === 0 ? placeJob(slots, job.definition.name, maxUnderWay) : undefined;
    if (slot) return run(slot, job, since);
    if (closing || waiting.length >= maxWaiting || job.wallMs <= 0) return Promise.resolve(overloaded(0));
    return new Promise((finish) => {
      const entry: Waiting = { job, since, finish, timer: setTimeout(giveUp, job.wallMs) };
      function giveUp() {
        waiting.splice(waiting.indexOf(entry), 1);
        finish(overloaded(performance.now() - since));
      }
      waiting.push(entry);
    });
  }

  return {
    execute,
    retire(connection, version) {
      for (const { child } of slots) child.unload(connection, version);
    },
    ready: () => [...slots].some(({ up, draining }) => up && !draining),
    stats: () => ({
      processes: [...slots].filter(({ up }) => up).length,
      underWay: [...slots].reduce((sum, { child }) => sum + child.underWay(), 0),
      waiting: waiting.length,
      restarts,
    }),
    close() {
      closing = true;
      for (const { child } of slots) child.kill();
      if (slots.size === 0) closed.resolve();
      return closed.promise;
    },
  };
}

function overloaded(queueMs: number): Finished {
  const timings = { queueMs, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };
  return { outcome: { kind: 'overloaded', retryAfterS: 1 }, timings };
}
