import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchProcess } from '../../src/pool/watch-process.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch({ memoryMb = 1_000, answer = true, afterMs = 0, rssMb = 100, cpuShare = 1 } = {}) {
  const told: string[] = [];
  const behaviour = { answer, afterMs, rssMb };
  const watched = watchProcess({
    // No process of the system has it: what is known of its memory is what it tells.
    pid: undefined,
    memoryMb,
    ping(id) {
      const pong = () => watched.pong({ id, rssMb: behaviour.rssMb, threadMs: performance.now() * cpuShare });
      if (behaviour.answer) setTimeout(pong, behaviour.afterMs);
    },
    onSpoiled: (reason) => told.push(`spoiled: ${reason}`),
    onLost: (reason) => told.push(`lost: ${reason}`),
  });
  return { watched, told, behaviour };
}

it('has nothing to say of a process that answers', () => {
  const { told, watched } = watch();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
  watched.close();
});

it('gives up a process that does not answer', () => {
  const { told, watched, behaviour } = watch();
  vi.advanceTimersByTime(3_500);
  behaviour.answer = false;
  vi.advanceTimersByTime(5_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual(['lost: it did not answer for 5 s']);
  watched.close();
});

it('has a process replaced whose answers keep coming late', () => {
  const { told, watched } = watch({ afterMs: 1_500 });
  vi.advanceTimersByTime(9_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual(['spoiled: its event loop was held up']);
  watched.close();
});

it('has none replaced that is slow because the machine is', () => {
  const { told, watched } = watch({ afterMs: 1_500, cpuShare: 0.2 });
  vi.advanceTimersByTime(30_000);
  expect(told).toEqual([]);
  watched.close();
});

it('has a process replaced whose memory does not come back', () => {
  const { told, watched, behaviour } = watch({ rssMb: 1_100 });
  vi.advanceTimersByTime(2_500);
  behaviour.rssMb = 900;
  vi.advanceTimersByTime(5_000);
  expect(told).toEqual([]);
  behaviour.rssMb = 1_200;
  vi.advanceTimersByTime(5_000);
  expect(told).toEqual(['spoiled: it had 1200 MB of memory']);
  watched.close();
});

it('ends a process at once that has far too much memory', () => {
  const { told, watched } = watch({ rssMb: 1_600 });
  vi.advanceTimersByTime(2_500);
  expect(told).toEqual(['lost: it had 1600 MB of memory']);
  watched.close();
});
