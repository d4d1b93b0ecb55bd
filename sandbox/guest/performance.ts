/** Milliseconds since the context's first look at the clock: V8 alone has none finer than `Date`. */
let origin: number | undefined;
let last = 0;

export const performance = {
  get timeOrigin(): number {
    origin ??= Date.now();
    return origin;
  },
  now(): number {
    last = Math.max(last, Date.now() - performance.timeOrigin);
    return last;
  },
  mark: (name: string) => ({ name, entryType: 'mark', startTime: performance.now(), duration: 0 }),
  measure: (name: string) => ({ name, entryType: 'measure', startTime: performance.now(), duration: 0 }),
  clearMarks(): void {},
  clearMeasures(): void {},
  getEntries: () => [],
  getEntriesByName: () => [],
  getEntriesByType: () => [],
  toJSON: () => ({ timeOrigin: performance.timeOrigin }),
};
