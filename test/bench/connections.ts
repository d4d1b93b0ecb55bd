import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from './load.ts';
import { type Running, residentMb, timeOneCall } from './processes.ts';
import { quick, say } from './say.ts';

/** How many connections each measurement takes for itself. */
export const counts = quick ? { cold: 10, warm: 20, pg: 10 } : { cold: 40, warm: 80, pg: 40 };

/** Numbers of connections, each of which one measurement has to itself. */
export const ranges = {
  spaced: 1,
  backToBack: 1 + counts.cold,
  warm: 1 + 2 * counts.cold,
  pg: 1 + 2 * counts.cold + counts.warm,
  all: 1 + 2 * counts.cold + counts.warm + counts.pg,
};

/** The first call on each of a number of connections: with a moment between them, and at once one after the other. */
export async function measureColdCalls(service: Running) {
  const measure = async (from: number, gapMs: number) => {
    const times: number[] = [];
    for (let index = from; index < from + counts.cold; index++) {
      await pause(gapMs);
      times.push(await timeOneCall(service, index));
    }
    times.sort((x, y) => x - y);
    return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
  };
  const spaced = await measure(ranges.spaced, 100);
  const backToBack = await measure(ranges.backToBack, 0);
  say(`\n(c) first call on a connection never used before (${counts.cold} connections)`);
  say(`    100 ms apart  p50 ${spaced.p50Ms.toFixed(1)} ms, p99 ${spaced.p99Ms.toFixed(1)} ms`);
  say(`    back to back  p50 ${backToBack.p50Ms.toFixed(1)} ms, p99 ${backToBack.p99Ms.toFixed(1)} ms`);
  return { spaced, backToBack };
}

/** The slope of the resident memory of the service and its sandbox processes over connections that become warm. */
export async function measureMemory(service: Running) {
  const measure = async (from: number, connections: number) => {
    await pause(500);
    const before = residentMb(service.pid);
    for (let index = from; index < from + connections; index++) {
      for (let call = 0; call < 5; call++) await timeOneCall(service, index);
    }
    await pause(500);
    return (residentMb(service.pid) - before) / connections;
  };
  const perConnectionMb = await measure(ranges.warm, counts.warm);
  const perPgConnectionMb = await measure(ranges.pg, counts.pg);
  say(`\n(d) memory per further warm connection`);
  say(`    with axios    ${perConnectionMb.toFixed(2)} MB (${counts.warm} connections)`);
  say(`    with pg       ${perPgConnectionMb.toFixed(2)} MB (${counts.pg} connections, each with its pool)`);
  return { perConnectionMb, perPgConnectionMb };
}
