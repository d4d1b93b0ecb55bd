/** Measures the time in which at least one of several overlapping things is going on. */
export interface Stopwatch {
  /** Call the result once, when it has ended. */
  start(): () => void;
  elapsedMs(): number;
}

export function createStopwatch(): Stopwatch {
  let running = 0;
  let since = 0;
  let total = 0;
  const stop = () => {
    if (--running === 0) total += performance.now() - since;
  };
  return {
    start() {
      if (running++ === 0) since = performance.now();
      return stop;
    },
    elapsedMs: () => total + (running > 0 ? performance.now() - since : 0),
  };
}
