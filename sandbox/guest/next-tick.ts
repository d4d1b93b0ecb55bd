import { queueMicrotask } from './timers.ts';

/**
 * `process.nextTick`. As in Node, what is queued in an entry of the host's runs at its end and before any promise:
 * streams tell of their end in this order, and iterators over them rely on it.
 */

type Tick = () => void;

/** Ticks that have run are let go of so many at a time: one that queues another, for ever, is to take no memory. */
const MANY = 1_000;
let ticks: Tick[] = [];
let isInEntry = false;
let isScheduled = false;

export function nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
  if (typeof callback !== 'function') {
    throw Object.assign(new TypeError('The "callback" argument must be of type function'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  ticks.push(() => callback(...args));
  if (!isInEntry) schedule();
}

/** The host enters: ticks wait for the end of it. */
export function beginEntry(): void {
  isInEntry = true;
}

/** Throws what a tick throws; those after it run later. */
export function endEntry(): void {
  runTicks();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  queueMicrotask(() => {
    isScheduled = false;
    runTicks();
  });
}

/** Those that are queued meanwhile, too. */
function runTicks(): void {
  isInEntry = true;
  let done = 0;
  try {
    while (done < ticks.length) {
      ticks[done++]!();
      if (done < MANY) continue;
      ticks = ticks.slice(done);
      done = 0;
    }
  } finally {
    ticks = ticks.slice(done);
    isInEntry = false;
    if (ticks.length > 0) schedule();
  }
}
