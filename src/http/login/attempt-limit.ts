import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** How an attempt ended: `neutral` where that says nothing of the password. */
export type AttemptEnd = 'failed' | 'succeeded' | 'neutral';

/** An attempt that is under way; it counts as a failure until it has ended. */
export interface Attempt {
  /** Resolves with whether this failure was the last that is let through. */
  end(as: AttemptEnd): Promise<boolean>;
}

export interface AttemptLimit {
  /** Resolves when the attempt may be made. Rejects with TooManyAttempts. */
  begin(key: string): Promise<Attempt>;
}

export class TooManyAttempts extends Error {
  override readonly name = 'TooManyAttempts';
  readonly retryAfterS: number;

  constructor(retryAfterMs: number) {
    super('too many attempts');
    this.retryAfterS = Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
}

export interface AttemptLimitOptions {
  /** Failures until more attempts are refused. */
  failures: number;
  /** A failure's window: counted from the first of them. */
  windowS: number;
  /** Whether a success makes up for the failures before it. */
  successResets: boolean;
  /** At more keys than this the one that failed longest ago is forgotten. */
  maxKeys?: number;
  /** For attempts before it to end, while those could be failures too many. */
  maxWaitMs?: number;
}

interface Standing {
  failures: number;
  forgottenInMs: number;
}

/** There is one for each key with attempts under way or waiting. */
interface Gate {
  standing: Promise<Standing>;
  underWay: number;
  waiting: Set<() => void>;
  /** All of its callers; the last one takes the gate away. */
  users: number;
}

const MAX_WAITING = 1_000;

const standingOf = (found: RateLimiterRes | null): Standing => ({
  failures: found?.consumedPoints ?? 0,
  forgottenInMs: found?.msBeforeNext ?? 0,
});

/**
 * Counts failures by key. Attempts under way are counted with them: of a thousand guesses at once as many are made as may
 * fail, and the rest waits for what comes of these. So a limit never refuses what goes well, however much of it at once.
 */
export function createAttemptLimit(options: AttemptLimitOptions): AttemptLimit {
  const { failures: most, windowS, successResets, maxKeys = 50_000, maxWaitMs = 10_000 } = options;
  const counters = new RateLimiterMemory({ points: most, duration: windowS });
  /** The keys that have failures, in the order of the last one: the limiter itself has no bound. */
  const failed = new Set<string>();
  const gates = new Map<string, Gate>();

  function gateOf(key: string): Gate {
    const known = gates.get(key);
    if (known) return known;
    const standing = counters.get(key).then(standingOf);
    const gate: Gate = { standing, underWay: 0, waiting: new Set(), users: 0 };
    gates.set(key, gate);
    return gate;
  }

  function leave(key: string, gate: Gate): void {
    gate.users -= 1;
    if (gate.users === 0) gates.delete(key);
  }

  function countFailure(key: string): Promise<Standing> {
    failed.delete(key);
    failed.add(key);
    for (const oldest of failed) {
      if (failed.size <= maxKeys) break;
      failed.delete(oldest);
      void counters.delete(oldest);
    }
    return counters.penalty(key).then(standingOf);
  }

  function forgetFailures(key: string): Promise<Standing> {
    failed.delete(key);
    return counters.delete(key).then(() => standingOf(null));
  }

  async function end(key: string, gate: Gate, as: AttemptEnd): Promise<boolean> {
    if (as === 'failed') gate.standing = countFailure(key);
    if (as === 'succeeded' && successResets) gate.standing = forgetFailures(key);
    // Who reads a standing from before this looks again, see `begin`.
    gate.underWay -= 1;
    const { failures } = await gate.standing;
    const woken = failures >= most ? gate.waiting.size : most - failures - gate.underWay;
    for (const wake of [...gate.waiting].slice(0, Math.max(woken, 1))) wake();
    leave(key, gate);
    return as === 'failed' && failures === most;
  }

  async function begin(key: string): Promise<Attempt> {
    const gate = gateOf(key);
    gate.users += 1;
    try {
      const deadline = performance.now() + maxWaitMs;
      for (;;) {
        const { standing } = gate;
        const { failures, forgottenInMs } = await standing;
        if (standing !== gate.standing) continue;
        if (failures >= most) throw new TooManyAttempts(forgottenInMs);
        if (failures + gate.underWay < most) {
          gate.underWay += 1;
          return { end: (as) => end(key, gate, as) };
        }
        const leftMs = deadline - performance.now();
        if (leftMs <= 0 || gate.waiting.size >= MAX_WAITING) throw new TooManyAttempts(1_000);
        await nextEnd(gate, leftMs);
      }
    } catch (error) {
      leave(key, gate);
      throw error;
    }
  }

  return { begin };
}

/** Resolves when an attempt has ended, or after `ms`. */
function nextEnd({ waiting }: Gate, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      waiting.delete(go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    waiting.add(go);
  });
}
