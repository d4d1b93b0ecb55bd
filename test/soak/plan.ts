import { createRandom } from './random.ts';

export interface Disturbance {
  atMs: number;
  /** `kill`, `stop`: the signal to a sandbox process, `victim` of those there are. `change`: a connection's files. */
  kind: 'kill' | 'stop' | 'change' | 'break';
  victim: number;
}

/** What is done to the service, and when; the same for the same seed and length. */
export function planDisturbances(seed: number, lengthMs: number): Disturbance[] {
  const random = createRandom(seed);
  const plan: Disturbance[] = [];
  // The last seconds are quiet, so that what was disturbed can be seen to recover.
  const until = lengthMs - Math.min(8_000, lengthMs / 3);
  for (let atMs = 2_000, count = 0; atMs < until; atMs += random.between(1_500, 5_000), count++) {
    // A short run has at least one of each.
    const kind =
      count < 2 ? (['kill', 'stop'] as const)[count]! : random.pick(['kill', 'kill', 'stop'] as const);
    plan.push({ atMs, kind, victim: random.between(0, 1_000) });
  }
  for (let atMs = 1_000; atMs < until; atMs += random.between(1_000, 6_000)) {
    plan.push({ atMs, kind: random.pick(['change', 'break'] as const), victim: 0 });
  }
  return plan.sort((one, other) => one.atMs - other.atMs);
}
