import { join } from 'node:path';
import { layDown, revisionBefore } from './earlier-revision.ts';
import { type LoadResult, load } from './load.ts';
import { benchKey, lookUpBody, pathOf, type Running, startService } from './processes.ts';
import { middle, quick, row, say } from './say.ts';

const ROUNDS = quick ? 1 : 5;
const ROUND_MS = quick ? 1_000 : 3_000;

/** The service against what it was before it took scripts for hostile; rounds of both alternate. */
export async function measureHardening(service: Running, directory: string, upstreamPort: number) {
  const revision = revisionBefore();
  const root = layDown(revision, join(directory, 'before'));
  if (!root) {
    say(
      `\n(g) the cost of hardening is not measured: the revision ${revision.slice(0, 12)} is not in the history`,
    );
    return undefined;
  }
  const before = await startService(join(directory, 'tenant'), upstreamPort, root);
  try {
    const results: Record<string, { before: LoadResult; after: LoadResult; ratio: number }> = {};
    for (const underWay of [1, 32]) {
      const rounds = await alternate(before, service, underWay);
      const ratio = rounds.after.perSecond / rounds.before.perSecond;
      results[String(underWay)] = { ...rounds, ratio };
      say(`\n(g) get-user, warm, ${underWay} under way, before and after hardening`);
      say(row(`before (${revision.slice(0, 7)})`, rounds.before));
      say(row('after', rounds.after));
      say(`    after/before ${ratio.toFixed(2)}`);
    }
    return results;
  } finally {
    await before.stop();
  }
}

async function alternate(before: Running, after: Running, underWay: number) {
  const options = {
    body: lookUpBody,
    headers: { Authorization: `Bearer ${benchKey}` },
    path: pathOf(0),
    underWay,
    durationMs: ROUND_MS,
  };
  const rounds: { before: LoadResult[]; after: LoadResult[] } = { before: [], after: [] };
  for (const { port } of [before, after]) await load({ ...options, port });
  for (let round = 0; round < ROUNDS; round++) {
    rounds.before.push(await load({ ...options, port: before.port }));
    rounds.after.push(await load({ ...options, port: after.port }));
  }
  return { before: middle(rounds.before), after: middle(rounds.after) };
}
