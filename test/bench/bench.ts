/** `npm run bench`: every figure of docs/performance.md, from one run on one machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LoadResult, load, median, percentile } from './load.ts';
import {
  benchKey,
  type Running,
  residentMb,
  startServer,
  startService,
  writeConnections,
} from './processes.ts';

const quick = process.argv.includes('--quick');
const json = process.argv.includes('--json');
const ROUNDS = quick ? 1 : 5;
const ROUND_MS = quick ? 1_000 : 3_000;
const COLD_CONNECTIONS = quick ? 10 : 40;
const WARM_CONNECTIONS = quick ? 20 : 80;

const say = (text: string) => json || console.log(text);
const body = JSON.stringify({ identifier: 'jane@example.com' });
const headers = { Authorization: `Bearer ${benchKey}` };
const pathOf = (index: number) => `/v1/connections/bench-${index}/get-user`;

const directory = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
const started: Running[] = [];
const keep = (running: Running) => {
  started.push(running);
  return running;
};

try {
  say(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`);
  writeConnections(directory, 1 + 2 * COLD_CONNECTIONS + WARM_CONNECTIONS);
  const upstream = keep(await startServer('upstream.ts'));
  const plain = keep(await startServer('plain-express.ts', `http://127.0.0.1:${upstream.port}`));
  const service = keep(await startService(directory, upstream.port));

  const throughput = await measureThroughput(service, plain);
  const cold = await measureColdCalls(service);
  const memory = await measureMemory(service);
  if (json) console.log(JSON.stringify({ throughput, cold, memory }, null, 2));
} finally {
  for (const running of started.reverse()) await running.stop();
  rmSync(directory, { recursive: true });
}

async function measureThroughput(service: Running, plain: Running) {
  const results: Record<string, { a: LoadResult; b: LoadResult; ratio: number; morePerCallMs: number }> = {};
  for (const underWay of [1, 32]) {
    const a: LoadResult[] = [];
    const b: LoadResult[] = [];
    const options = { body, headers, underWay, durationMs: ROUND_MS };
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

/** The first call on each of a number of connections: with a moment between them, and at once one after the other. */
async function measureColdCalls(service: Running) {
  const measure = async (from: number, gapMs: number) => {
    const times: number[] = [];
    for (let index = from; index < from + COLD_CONNECTIONS; index++) {
      await pause(gapMs);
      times.push(await timeOneCall(service, index));
    }
    times.sort((x, y) => x - y);
    return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
  };
  const spaced = await measure(1, 100);
  const backToBack = await measure(1 + COLD_CONNECTIONS, 0);
  say(`\n(c) first call on a connection never used before (${COLD_CONNECTIONS} connections)`);
  say(`    100 ms apart  p50 ${spaced.p50Ms.toFixed(1)} ms, p99 ${spaced.p99Ms.toFixed(1)} ms`);
  say(`    back to back  p50 ${backToBack.p50Ms.toFixed(1)} ms, p99 ${backToBack.p99Ms.toFixed(1)} ms`);
  return { spaced, backToBack };
}

/** The slope of the resident memory of the service and its sandbox processes over connections that become warm. */
async function measureMemory(service: Running) {
  const first = 1 + 2 * COLD_CONNECTIONS;
  await pause(500);
  const before = residentMb(service.pid);
  for (let index = first; index < first + WARM_CONNECTIONS; index++) {
    for (let call = 0; call < 5; call++) await timeOneCall(service, index);
  }
  await pause(500);
  const perConnectionMb = (residentMb(service.pid) - before) / WARM_CONNECTIONS;
  say(
    `\n(d) memory per further warm connection: ${perConnectionMb.toFixed(2)} MB (${WARM_CONNECTIONS} connections)`,
  );
  return { perConnectionMb };
}

async function timeOneCall(service: Running, index: number): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`http://127.0.0.1:${service.port}${pathOf(index)}`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`bench-${index} answered ${response.status}: ${text}`);
  return performance.now() - begun;
}

function middle(rounds: LoadResult[]): LoadResult {
  const pick = (key: keyof LoadResult) => median(rounds.map((round) => round[key]));
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
  return {
    requests: pick('requests'),
    errors,
    perSecond: pick('perSecond'),
    p50Ms: pick('p50Ms'),
    p99Ms: pick('p99Ms'),
  };
}

function row(name: string, { perSecond, p50Ms, p99Ms, errors }: LoadResult): string {
  const figures = `${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`;
  return `    ${name.padEnd(26)}${figures}${errors > 0 ? `  ${errors} ERRORS` : ''}`;
}
