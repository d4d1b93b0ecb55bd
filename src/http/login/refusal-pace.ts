import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptEnd } from './attempt-limit.ts';

/** Makes refusals of a login last alike, whether the user is unknown or the password wrong. */
export interface RefusalPace {
  /** Takes note of how long a login took; one that failed is held back until most of the others would have ended. */
  keep(connection: object, as: AttemptEnd, took: Took): Promise<void>;
}

export interface Took {
  /** `performance.now()` */
  startedAt: number;
  /** Whether to learn from it: what had to be loaded first is no measure. */
  usual: boolean;
}

/** The latest durations, in milliseconds. */
interface Durations {
  succeeded: number[];
  failed: number[];
}

const REMEMBERED = 64;
const QUANTILE = 0.9;

function remember(durations: number[], ms: number): void {
  durations.push(ms);
  if (durations.length > REMEMBERED) durations.shift();
}

function quantileOf(durations: readonly number[]): number {
  const sorted = [...durations].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * QUANTILE) - 1] ?? 0;
}

/**
 * A script that answers at once when there is no such user, and else compares hashes, tells by its time who has an
 * account. A refusal is held until 90 % of the connection's latest refusals, or of its latest successes if those take
 * longer, would have ended. Successes count because nobody can make quick ones: refusals alone would let a hundred
 * guesses at unknown users teach the service that refusals are quick. Slow stores hold nobody for longer than `capMs`.
 */
export function createRefusalPace({ capMs = 1_000 }: { capMs?: number } = {}): RefusalPace {
  const known = new WeakMap<object, Durations>();
  return {
    async keep(connection, as, { startedAt, usual }) {
      if (as === 'neutral') return;
      const durations = known.get(connection) ?? { succeeded: [], failed: [] };
      known.set(connection, durations);
      const tookMs = performance.now() - startedAt;
      if (usual) remember(durations[as], tookMs);
      if (as !== 'failed') return;
      const untilMs = Math.min(
        Math.max(quantileOf(durations.succeeded), quantileOf(durations.failed)),
        capMs,
      );
      const heldMs = untilMs - (performance.now() - startedAt);
      if (heldMs > 0) await delay(heldMs);
    },
  };
}
