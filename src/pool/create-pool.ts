import { createApartGroups } from './apart-groups.ts';
import { createBursts, GENERATION_MS } from './bursts.ts';
import { createChild } from './child.ts';
import { createFairQueue, type Offered, type Owner } from './fair-queue.ts';
import { logQuarantine } from './log-quarantine.ts';
import type { Slot } from './place-job.ts';
import type { Finished, Job, Pool, Refusal } from './pool.ts';
import type { PoolOptions } from './pool-options.ts';
import { createProcessGroup, endIfDrained, type ProcessGroup } from './process-group.ts';
import { createQuarantine, type Suspect } from './quarantine.ts';
import { noOwnProcess, notBegun, overloaded } from './refusals.ts';
import { planSandboxStart } from './sandbox-start.ts';
import { createServiceTimes } from './service-times.ts';
import { createShares } from './shares.ts';

interface Waiting {
  job: Job;
  owner: Owner;
  since: number;
  finish(finished: Finished): void;
  timer: NodeJS.Timeout;
}

/** Runs each job in the process that it belongs in, lets what is too much wait in turns, and refuses the rest. */
export function createPool(options: PoolOptions): Pool {
  const { processes, maxUnderWay, maxWaiting, connectionMaxWaiting, log } = options;
  const sandboxStart = options.sandboxStart ?? planSandboxStart(options);
  const places = processes * maxUnderWay;
  const { connectionMaxUnderWay: ofConnection = Infinity, tenantMaxUnderWay: ofTenant = Infinity } = options;
  const shares = createShares(ofConnection, ofTenant);
  const bursts = createBursts({ least: Math.max(8, 4 * processes), most: places });
  const queue = createFairQueue<Waiting>();
  const times = createServiceTimes();
  const quarantine = createQuarantine({ onEvent: (event) => logQuarantine(log, event) });
  let closing = false;
  let restarts = 0;
  let pumpTimer: NodeJS.Timeout | undefined;

  function createGroup(size: number): ProcessGroup {
    return createProcessGroup({
      size,
      maxUnderWay,
      createChild: (hooks) => createChild({ ...options, ...hooks, sandboxStart }),
      onRoom: pump,
      onHarm: quarantine.died,
      onRestart: () => restarts++,
      log,
    });
  }

  const shared = createGroup(processes);
  const apart = createApartGroups({ createGroup: () => createGroup(1), maxOwn: options.maxOwnProcesses });

  function pump(): void {
    if (queue.size() > 0) queue.offer(tryWaiting);
  }

  /** Time passes without anybody telling. */
  function pumpSoon(): void {
    if (pumpTimer) return;
    pumpTimer = setTimeout(() => {
      pumpTimer = undefined;
      pump();
    }, GENERATION_MS).unref();
  }

  function tryWaiting(waiting: Waiting): Offered {
    const refusal = quarantined(waiting.job);
    if (refusal) {
      clearTimeout(waiting.timer);
      waiting.finish(notBegun(refusal, performance.now() - waiting.since));
      return 'begun';
    }
    const slot = placeFor(waiting.job, waiting.owner);
    if (typeof slot === 'string') return slot;
    clearTimeout(waiting.timer);
    void run(slot, waiting.job, waiting.owner, waiting.since).then(waiting.finish);
    return 'begun';
  }

  function quarantined({ definition }: Pick<Job, 'definition'>): Refusal | undefined {
    const standing = quarantine.standing(suspectOf(definition));
    if (standing.kind !== 'quarantined') return undefined;
    const { reason, retryAfterMs } = standing;
    return { kind: 'quarantined', reason, retryAfterS: Math.ceil(retryAfterMs / 1_000) };
  }

  /** Whether a job that has to wait may. While none of its own is under way there is no telling how long. */
  function tooMuchWaits(
    { definition, wallMs }: Pick<Job, 'definition' | 'wallMs'>,
    owner: Owner,
  ): Refusal | undefined {
    if (definition.isolation === 'process' && !apart.hasRoomFor(owner.connection)) return noOwnProcess;
    const ahead = queue.waitingOf(owner);
    const underWay = shares.underWay(owner);
    const expected = underWay > 0 ? times.expectedMs(owner.connection, ahead, underWay) : undefined;
    const tooMany = ahead >= connectionMaxWaiting || queue.size() >= maxWaiting;
    const tooLate = expected !== undefined && expected.endMs > wallMs;
    return closing || tooMany || tooLate || wallMs <= 0 ? overloaded(expected?.waitMs) : undefined;
  }

  function placeFor({ definition }: Job, owner: Owner): Slot | Exclude<Offered, 'begun'> {
    const full = shares.full(owner);
    if (full) return full;
    if (bursts.full(owner.connection)) {
      pumpSoon();
      return 'connection_full';
    }
    const standing = quarantine.standing(suspectOf(definition));
    if (standing.kind === 'apart')
      return apart.ward(standing.ward).place(owner.connection) ?? 'connection_full';
    if (definition.isolation === 'process')
      return apart.own(owner.connection)?.place(owner.connection) ?? 'connection_full';
    if (!leavesRoom(owner)) return 'connection_full';
    return shared.place(owner.connection) ?? 'full';
  }

  /** However many connections take all they can get, there are places left: the more of them, the less each may have. */
  function leavesRoom(owner: Owner): boolean {
    return options.connectionMaxUnderWay !== undefined || shares.underWay(owner) < 3 * shared.free();
  }

  async function run(slot: Slot, job: Job, owner: Owner, since: number): Promise<Finished> {
    const begun = performance.now();
    const waitedMs = begun - since;
    shares.begin(owner);
    bursts.begin(owner.connection);
    const { outcome, timings } = await slot.child.execute({ ...job, wallMs: job.wallMs - waitedMs });
    shares.end(owner);
    const tookMs = performance.now() - begun;
    times.took(owner.connection, tookMs);
    if (outcome.kind === 'returned' && !timings.coldStart)
      bursts.onTheWay(tookMs - timings.queueMs - timings.scriptMs);
    if (outcome.kind !== 'crashed') quarantine.finished(suspectOf(job.definition));
    endIfDrained(slot);
    pump();
    const leftMs = job.wallMs - (performance.now() - since);
    if (outcome.kind === 'crashed' && job.repeatable && !closing && leftMs > 0)
      return execute({ ...job, repeatable: false, wallMs: leftMs });
    return { outcome, timings: { ...timings, queueMs: timings.queueMs + waitedMs } };
  }

  async function execute(job: Job): Promise<Finished> {
    const since = performance.now();
    const owner = { tenant: job.tenant, connection: job.definition.name };
    const refusal = quarantined(job);
    if (refusal) return notBegun(refusal);
    if (queue.waitingOf(owner) === 0) {
      const slot = placeFor(job, owner);
      if (typeof slot !== 'string') return run(slot, job, owner, since);
    }
    const tooMuch = tooMuchWaits(job, owner);
    if (tooMuch) return notBegun(tooMuch);
    return new Promise((finish) => {
      const waiting: Waiting = { job, owner, since, finish, timer: setTimeout(giveUp, job.wallMs) };
      function giveUp() {
        queue.remove(owner, waiting);
        finish(notBegun(overloaded(), performance.now() - since));
      }
      queue.add(owner, waiting);
    });
  }

  function* groups(): Iterable<ProcessGroup> {
    yield shared;
    yield* apart.groups();
  }

  const count = (chosen: Iterable<ProcessGroup>) => {
    let up = 0;
    for (const group of chosen) for (const slot of group.slots()) if (slot.up) up++;
    return up;
  };

  return {
    execute,
    refusal(job) {
      const owner = { tenant: job.tenant, connection: job.definition.name };
      return quarantined(job) ?? (queue.waitingOf(owner) > 0 ? tooMuchWaits(job, owner) : undefined);
    },
    retire(connection, version) {
      times.forget(connection);
      for (const group of groups()) for (const { child } of group.slots()) child.unload(connection, version);
    },
    ready: () => [...shared.slots()].some(({ up, draining }) => up && !draining),
    stats: () => ({
      processes: count(groups()),
      apart: count(apart.groups()),
      underWay: [...groups()].reduce((sum, group) => sum + group.underWay(), 0),
      waiting: queue.size(),
      restarts,
      quarantined: quarantine.count(),
    }),
    async close() {
      closing = true;
      await Promise.all([shared.close(), apart.close()]);
    },
  };
}

const suspectOf = ({ name, version }: Job['definition']): Suspect => ({ connection: name, version });
