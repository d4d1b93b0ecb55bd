import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRefusalPace } from '../../src/http/pace-refusals.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How many of so many refusals at once have been told after a while. */
async function toldAfter(
  ms: number,
  connection: string,
  refusals: number,
  pace = createRefusalPace(Date.now),
) {
  let told = 0;
  for (let n = 0; n < refusals; n++) void pace.turn(connection).then(() => told++);
  await vi.advanceTimersByTimeAsync(ms);
  return told;
}

it('tells the first ones at once', async () => {
  expect(await toldAfter(0, 'acme', 100)).toBe(100);
});

it('tells what comes on top at a hundred a second', async () => {
  expect(await toldAfter(500, 'acme', 180)).toBeLessThan(160);
});

it('keeps nobody for more than a second', async () => {
  expect(await toldAfter(1_000, 'acme', 5_000)).toBe(5_000);
});

it('keeps no connection for the sake of another', async () => {
  const pace = createRefusalPace(Date.now);
  void toldAfter(0, 'acme', 5_000, pace);
  expect(await toldAfter(0, 'other', 10, pace)).toBe(10);
});
