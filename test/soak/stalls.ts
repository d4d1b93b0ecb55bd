const BEAT_MS = 20;
/** What timers are late by anyway. */
const USUAL_MS = 10;

export interface Stalls extends Disposable {
  /** For how long, within this time, nothing could run in this process. */
  between(from: number, to: number): number;
  /** The longest of them. */
  most(): number;
}

/** Watches this process itself: where it is held up, answers look late that were not. */
export function watchStalls(): Stalls {
  const stalls: { from: number; to: number }[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > BEAT_MS + USUAL_MS) stalls.push({ from: last + BEAT_MS, to: now });
    last = now;
  }, BEAT_MS);
  return {
    between: (from, to) =>
      stalls.reduce(
        (sum, stall) => sum + Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)),
        0,
      ),
    most: () => stalls.reduce((most, { from, to }) => Math.max(most, to - from), 0),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
