import type { Logger } from '../log.ts';
import type { Child, ChildHooks, Death } from './child.ts';
import { placeJob, type Slot } from './place-job.ts';
import type { Suspect } from './quarantine.ts';

/** Some sandbox processes that stand in for one another: each that ends has another put in its place. */
export interface ProcessGroup {
  /** A process with a free place for the connection. */
  place(connection: string): Slot | undefined;
  slots(): Iterable<Slot>;
  underWay(): number;
  /** Places that nobody has taken, in processes that are up. */
  free(): number;
  /** When it was last asked for a place, by performance.now. */
  lastUsedAt(): number;
  close(): Promise<void>;
}

export interface ProcessGroupOptions {
  size: number;
  /** Executions under way per process. */
  maxUnderWay: number;
  createChild(hooks: ChildHooks): Child;
  /** There may be a free place where there was none. */
  onRoom(): void;
  /** A process had to be ended or ended itself; `suspects` are those who can have brought it about. */
  onHarm(suspects: readonly Suspect[], reason: string): void;
  /** Another process is put in the place of one. */
  onRestart(): void;
  log: Logger;
}

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;
/** A process that has lived this long was no failed start. */
const SETTLED_AFTER_MS = 10_000;
/** What scripts do after their callback may go on for so long. */
const GRACE_MS = 1_000;

export function createProcessGroup(options: ProcessGroupOptions): ProcessGroup {
  const { size, maxUnderWay, log } = options;
  const slots = new Set<Slot>();
  /** What is to be replaced when another has gone. */
  const postponed = new Map<Slot, string>();
  let closing = false;
  let backoffMs = FIRST_BACKOFF_MS;
  let usedAt = performance.now();
  const closed = Promise.withResolvers<void>();

  for (let seat = 0; seat < size; seat++) start(seat);

  function start(seat: number): void {
    try {
      slots.add(createSlot(seat));
    } catch (error) {
      log.error({ err: error }, 'a sandbox process could not be started; it is tried again');
      startLater(seat);
    }
  }

  function startLater(seat: number): void {
    setTimeout(() => !closing && start(seat), backoffMs).unref();
    backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
  }

  function createSlot(seat: number): Slot {
    const born = performance.now();
    const slot: Slot = {
      seat,
      up: false,
      leaving: false,
      draining: false,
      spoiledBy: new Set(),
      child: options.createChild({
        onReady() {
          slot.up = true;
          drainPredecessor(seat);
          options.onRoom();
        },
        onResponsive: options.onRoom,
        onSpoiled(reason, suspect) {
          // Several of its executions may be stuck: that is still one process that it has spoiled.
          if (suspect && !slot.spoiledBy.has(suspect.connection)) {
            slot.spoiledBy.add(suspect.connection);
            options.onHarm([suspect], reason);
          }
          replace(slot, reason);
        },
        onExit: (death) => onExit(slot, death, performance.now() - born),
      }),
    };
    return slot;
  }

  /** Its successor is up first: until then it goes on. */
  function replace(slot: Slot, reason: string): void {
    if (slot.leaving || closing) return;
    // Each of them still has its memory, and executions that may end. So as many as there are processes leave at a time.
    if ([...slots].filter(({ leaving }) => leaving).length >= size) return void postponed.set(slot, reason);
    log.warn({ reason }, 'a sandbox process is replaced');
    slot.leaving = true;
    options.onRestart();
    start(slot.seat);
  }

  /** The successor is up: whom it replaces gets no more work. What that one carries may end. */
  function drainPredecessor(seat: number): void {
    const slot = [...slots].find((each) => each.seat === seat && each.leaving && !each.draining);
    if (!slot) return;
    slot.draining = true;
    endIfDrained(slot);
  }

  function onExit(slot: Slot, death: Death, livedMs: number): void {
    slots.delete(slot);
    postponed.delete(slot);
    if (closing) {
      if (slots.size === 0) closed.resolve();
      return;
    }
    if (death.ofItself) options.onHarm(death.suspects, death.reason);
    if (!slot.leaving) {
      options.onRestart();
      restart(slot, death, livedMs);
    }
    const [next] = postponed;
    if (next && postponed.delete(next[0])) replace(...next);
  }

  /** At once where a script can have ended it, for the others wait for it; else it may be the start that fails. */
  function restart({ up, seat }: Slot, { reason, suspects }: Death, livedMs: number): void {
    log.warn({ livedMs: Math.round(livedMs), reason }, 'a sandbox process died; another is started');
    if (livedMs > SETTLED_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
    if (up && suspects.length > 0) start(seat);
    else startLater(seat);
  }

  return {
    place(connection) {
      usedAt = performance.now();
      return placeJob(slots, connection, { seats: size, maxUnderWay });
    },
    slots: () => slots,
    underWay() {
      let sum = 0;
      for (const { child } of slots) sum += child.underWay();
      return sum;
    },
    free() {
      let sum = 0;
      for (const { up, draining, child } of slots) if (up && !draining) sum += maxUnderWay - child.underWay();
      return sum;
    },
    lastUsedAt: () => usedAt,
    close() {
      closing = true;
      for (const { child } of slots) child.kill();
      if (slots.size === 0) closed.resolve();
      return closed.promise;
    },
  };
}

/** To be called when an execution has ended: a process that was only kept for it goes when its script is at rest. */
export function endIfDrained({ draining, child }: Slot): void {
  if (draining && child.underWay() === 0) setTimeout(child.kill, GRACE_MS).unref();
}
