import * as timersOfTheRuntime from '../timers.ts';

const {
  clearImmediate,
  clearInterval,
  clearTimeout,
  nextImmediate,
  setImmediate,
  setInterval,
  setTimeout,
  sleep,
} = timersOfTheRuntime;

/** One turn for each interval that passes while it is iterated. */
async function* interval(ms?: unknown, value?: unknown, options?: timersOfTheRuntime.TimerOptions) {
  for (;;) {
    await sleep(ms, value, options);
    yield value;
  }
}

export const timersPromises = {
  setTimeout: sleep,
  setImmediate: nextImmediate,
  setInterval: interval,
  scheduler: {
    wait: (ms: number, options?: timersOfTheRuntime.TimerOptions) => sleep(ms, undefined, options),
    yield: () => nextImmediate(),
  },
};

export const timers = {
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval,
  clearImmediate,
  promises: timersPromises,
};
