import type { Logger } from '../log.ts';
import type { Child, ChildOptions, Death } from './child.ts';
import { placeJob, type Slot } from './place-job.ts';
import type { Suspect } from './quarantine.ts';

/** Some sandbox processes that stand in for one another: each that ends has another put in its place. */
export interface ProcessGroup {
  /** A process with a free place for the connection. */
  place(connection: string): Slot | undefined;
  slots(): Iterable<Slot>;
  underWay(): number;
  /** When it was last asked for a place, by performance.now. */
  lastUsedAt(): number;
  close(): Promise<void>;
}

export interface ProcessGroupOptions {
  size: number;
  /** Executions under way per process. */
  maxUnderWay: number;
  createChild(hooks: Pick<ChildOptions, 'onReady' | 'onSpoiled' | 'onExit'>): Child;
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

export function createProcessGroup(options: ProcessGroupOptions): ProcessGroup {
  const { size, maxUnderWay, log } = options;
  const slots = new Set<Slot>();
  let closing = false;
  let backoffMs = FIRST_BACKOFF_MS;
  let usedAt = performance.now();
  const closed = Promise.withResolvers<void>();

  for (let index = 0; index < size; index++) start();

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
    const blamed = new Set<string>();
    const slot: Slot = {
      up: false,
      draining: false,
      child: options.createChild({
        onReady() {
          slot.up = true;
          options.onRoom();
        },
        onSpoiled(reason, suspect) {
          // Several of its executions may be stuck: that is still one process that it has spoiled.
          if (suspect && !blamed.has(suspect.connection)) {
            blamed.add(suspect.connection);
            options.onHarm([suspect], reason);
          }
          drain(slot, reason);
        },
        onExit: (death) => onExit(slot, death, performance.now() - born),
      }),
    };
    return slot;
  }

  /** Its successor comes first. What it carries may end, each at its own deadline at the latest. */
  function drain(slot: Slot, reason: string): void {
    if (slot.draining || closing) return;
    log.warn({ reason }, 'a sandbox process is replaced');
    slot.draining = true;
    endOneTooMany();
    if (slot.child.underWay() === 0) slot.child.kill();
    options.onRestart();
    start();
  }

  /** As many as there are processes may be on their way out: each of them still has its memory. */
  function endOneTooMany(): void {
    const draining = [...slots].filter((slot) => slot.draining);
    if (draining.length > size) draining[0]?.child.kill();
  }

  function onExit(slot: Slot, death: Death, livedMs: number): void {
    slots.delete(slot);
    if (closing) {
      if (slots.size === 0) closed.resolve();
      return;
    }
    if (slot.draining) return;
    options.onRestart();
    log.warn(
      { livedMs: Math.round(livedMs), reason: death.reason },
      'a sandbox process died; another is started',
    );
    if (death.ofItself) options.onHarm(death.suspects, death.reason);
    if (livedMs > SETTLED_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
    startLater();
  }

  return {
    place(connection) {
      usedAt = performance.now();
      return placeJob(slots, connection, maxUnderWay);
    },
    slots: () => slots,
    underWay() {
      let sum = 0;
      for (const { child } of slots) sum += child.underWay();
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

/** To be called when an execution has ended: a process that was only kept for it goes. */
export function endIfDrained({ draining, child }: Slot): void {
  if (draining && child.underWay() === 0) child.kill();
}
