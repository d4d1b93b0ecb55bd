/** How many contexts an isolate's memory has room for. */
export interface ContextRoom {
  /** Whether one more may be made, beside those there are. */
  allows(contexts: number): boolean;
  /** One has been made; what it takes shows when its first execution is over. */
  made(): void;
  /** An execution is over; `first`: of its context. */
  ended(contexts: number, first: boolean): void;
}

/** So many there may be in any case: an isolate that has no memory for them has none for its scripts. */
const LEAST = 4;
/** Contexts at a time of which nobody knows yet what they will take. */
const MAX_UNPROVEN = 4;
const MEASURE_EVERY = 16;
/** Of the limit; the rest is for what executions need while they run. */
const FILL_TO = 0.5;

/**
 * A driver takes megabytes in each context that loads it, and a burst of calls would make more contexts than an
 * isolate can hold before the first of them has shown what it takes. So they are made a few at a time, and as many as
 * fit by what those before them took; the calls left over wait for one of these.
 */
export function createContextRoom(limitBytes: number, usedBytes: () => Promise<number>): ContextRoom {
  let unproven = 0;
  let used = 0;
  let perContext = 0;
  let sinceMeasured = 0;

  async function measure(contexts: number): Promise<void> {
    sinceMeasured = 0;
    used = await usedBytes().catch(() => used);
    perContext = used / Math.max(1, contexts);
  }

  return {
    allows(contexts) {
      if (contexts < LEAST) return true;
      return unproven < MAX_UNPROVEN && used + perContext * (unproven + 1) < FILL_TO * limitBytes;
    },
    made() {
      unproven++;
    },
    ended(contexts, first) {
      if (first) unproven--;
      if (first || ++sinceMeasured >= MEASURE_EVERY) void measure(contexts);
    },
  };
}
