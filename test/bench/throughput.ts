import { type LoadResult, load } from './load.ts';
import { benchKey, lookUpBody, pathOf, type Running } from './processes.ts';
import { middle, quick, row, say } from './say.ts';

const ROUNDS = quick ? 1 : 5;
const ROUND_MS = quick ? 1_000 : 3_000;

/** The whole service against a plain Express handler with the script's body in it; rounds of both alternate. */
export async function measureThroughput(service: Running, plain: Running) {
  const results: Record<string, { a: LoadResult; b: LoadResult; ratio: number; morePerCallMs: number }> = {};
  const headers = { Authorization: `Bearer ${benchKey}` };
  for (const underWay of [1, 32]) {
    const a: LoadResult[] = [];
    const b: LoadResult[] = [];
    const options = { body: lookUpBody, headers, underWay, durationMs: ROUND_MS };
    await load({ ...options, port: service.port, path: pathOf(0) });
    await load({ ...options, port: plain.port, path: '/get-user' });
    for (let round = 0; round < ROUNDS; round++) {
      a.push(await load({ ...options, port: service.port, path: pathOf(0) }));
      b.push(await load({ ...options, port: plain.port, path: '/get-user' }));
    }
    const [ours, theirs] = [middle(a), middle(b)];
    const ratio = ours.perSecond / theirs.perSecond;
    const morePerCallMs = ours.p50Ms - theirs.p50Ms;
    results[String(underWay)] = { a: ours, b: theirs, ratio, morePerCallMs };
    say(`\nget-user, warm, ${underWay} under way (median of ${ROUNDS} rounds of ${ROUND_MS / 1000} s)`);
    say(row('(a) the whole service', ours));
    say(row('(b) plain express + axios', theirs));
    say(`    a/b ${ratio.toFixed(2)}; p50 ${morePerCallMs.toFixed(2)} ms more`);
  }
  return results;
}
