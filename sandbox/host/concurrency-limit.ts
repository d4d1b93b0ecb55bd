/** How many executions of one isolate should be under way at once. */
export interface ConcurrencyLimit {
  /** `underWay` of them are; the limit grows only where it is felt. */
  allows(underWay: number): boolean;
}

const LEAST = 4;
const MOST = 32;
const WINDOW_MS = 10;
const IDLE_BELOW = 0.7;
const BUSY_ABOVE = 0.95;

/**
 * More executions side by side help while the isolate's thread waits for upstreams. While it is busy they only cost:
 * each needs a context, which has to be warmed up by itself, and 16 on a busy thread take more than twice the CPU
 * time of 2. So the limit doubles while the thread idles and falls while it has no rest. `busyMs` counts up the
 * milliseconds in which the thread had something to do.
 */
export function createConcurrencyLimit(
  busyMs: () => number,
  now: () => number = () => performance.now(),
): ConcurrencyLimit {
  let limit = LEAST;
  let seenAt = now();
  let seenBusyMs = busyMs();
  return {
    allows(underWay) {
      const sinceMs = now() - seenAt;
      if (sinceMs < WINDOW_MS) return underWay < limit;
      const share = (busyMs() - seenBusyMs) / sinceMs;
      seenAt += sinceMs;
      seenBusyMs = busyMs();
      if (share > BUSY_ABOVE) limit = Math.max(LEAST, Math.floor(limit * 0.75));
      else if (share < IDLE_BELOW && underWay >= limit) limit = Math.min(MOST, limit * 2);
      return underWay < limit;
    },
  };
}
