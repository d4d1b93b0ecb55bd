import { expect, it } from 'vitest';
import { createConcurrencyLimit } from '../../../sandbox/host/concurrency-limit.ts';

/** A limit whose thread is busy for `share` of each step of 10 ms; answers how many it allows after `steps`. */
function limitAfter(steps: number, share: number, wanted: number): number {
  let now = 0;
  let busyMs = 0;
  const limit = createConcurrencyLimit(
    () => busyMs,
    () => now,
  );
  let underWay = 0;
  for (let step = 0; step < steps; step++) {
    now += 10;
    busyMs += 10 * share;
    while (underWay < wanted && limit.allows(underWay)) underWay++;
    while (underWay > 0 && !limit.allows(underWay - 1)) underWay--;
  }
  return underWay;
}

it('begins with four', () => expect(limitAfter(1, 1, 100)).toBe(4));
it('grows while the thread idles', () => expect(limitAfter(20, 0.1, 100)).toBe(32));
it('does not grow while the thread has enough to do', () => expect(limitAfter(20, 0.8, 100)).toBe(4));
it('does not grow where it is not felt', () => expect(limitAfter(20, 0.1, 3)).toBe(3));

it('falls again when the thread has no rest', () => {
  let now = 0;
  let busyMs = 0;
  const limit = createConcurrencyLimit(
    () => busyMs,
    () => now,
  );
  for (; now < 100; now += 10) limit.allows(32);
  expect(limit.allows(31)).toBe(true);
  for (; now < 300; now += 10, busyMs += 10) limit.allows(32);
  expect(limit.allows(4)).toBe(false);
  expect(limit.allows(1)).toBe(true);
});
