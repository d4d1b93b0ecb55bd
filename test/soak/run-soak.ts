import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, lateness, type Verdict, windowMb } from './checks.ts';
import { filesOf, goodConnections, writeFiles } from './connections.ts';
import { type Counts, disturb } from './disturb.ts';
import type { SoakOptions } from './options.ts';
import { planDisturbances } from './plan.ts';
import { type MemorySample, type SoakedService, startService } from './processes.ts';
import { watchStalls } from './stalls.ts';
import { type Exchange, runTraffic } from './traffic.ts';
import { goodPassword, startUserStore } from './user-store.ts';

export interface SoakResult {
  seed: number;
  seconds: number;
  requests: number;
  codes: Record<string, number>;
  /** Of the good connections' calls. */
  latencyMs: { p50: number; p99: number; max: number };
  latestMs: number;
  disturbances: Counts;
  restarts: number;
  memoryMb: { service: [begin: number, end: number]; sandbox: [begin: number, end: number] };
  /** How long this process was held up at most, which makes what it measures late. */
  stalledMs: number;
  verdicts: Verdict[];
  kept: boolean;
}

export interface Progress {
  leftS: number;
  requests: number;
  disturbances: Counts;
}

const deadlineMs = 3_000;
const graceMs = 500;
const sampleMs = 1_000;
const recoverWithinMs = 15_000;

/** One run against the real service, from its start to its end. Rejects when the service cannot be started. */
export async function runSoak(
  options: SoakOptions,
  onProgress: (now: Progress) => void = () => {},
): Promise<SoakResult> {
  const lengthMs = options.seconds * 1_000;
  const apiKey = randomBytes(16).toString('hex');
  const dir = await mkdtemp(join(tmpdir(), 'drawbridge-soak-'));
  await using _removed = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
  await using store = await startUserStore(options);
  await writeFiles(dir, filesOf(store.url, goodPassword, options));
  await using service = await startService(dir, {
    DRAWBRIDGE_API_KEY: apiKey,
    DRAWBRIDGE_EGRESS_ALLOW: new URL(store.url).host,
    DRAWBRIDGE_SANDBOX_PROCESSES: '2',
    DRAWBRIDGE_SCRIPT_TIMEOUT_MS: String(deadlineMs),
    DRAWBRIDGE_SCRIPT_CPU_MS: '500',
    DRAWBRIDGE_SCRIPT_MEMORY_MB: '64',
    DRAWBRIDGE_LOG_LEVEL: 'warn',
  });
  using stalls = watchStalls();

  const exchanges: Exchange[] = [];
  const memory: MemorySample[] = [];
  const begun = performance.now();
  const disturbing = disturb({ plan: planDisturbances(options.seed, lengthMs), service, dir });
  const sampling = setInterval(() => {
    memory.push(service.memory());
    const leftS = Math.max(0, Math.ceil((lengthMs - (performance.now() - begun)) / 1_000));
    onProgress({ leftS, requests: exchanges.length, disturbances: disturbing.counts });
  }, sampleMs);
  const { unaskedBytes } = await runTraffic({
    port: service.port,
    apiKey,
    seed: options.seed,
    lengthMs,
    giveUpMs: deadlineMs + 10_000,
    onExchange: (exchange) => exchanges.push(exchange),
  }).finally(() => {
    clearInterval(sampling);
    disturbing.end();
  });
  const recovered = await recoveredOf(service, apiKey);
  const restarts = await service.restarts();

  const verdicts = check({
    exchanges,
    unaskedBytes,
    created: store.created,
    deadlineMs,
    graceMs,
    stalledMs: stalls.between,
    memory,
    lengthMs,
    recovered: { connections: recovered, of: goodConnections.length },
  });
  const died = service.ended();
  if (died !== undefined) verdicts.push({ promise: 'the service does not end', kept: false, detail: died });
  const steady = exchanges.filter(({ call }) => call.party === 'steady').map(({ tookMs }) => tookMs);
  const late = exchanges.map((exchange) => lateness(exchange, deadlineMs, stalls.between));
  return {
    seed: options.seed,
    seconds: options.seconds,
    requests: exchanges.length,
    codes: countBy(exchanges.map(({ code }) => code)),
    latencyMs: { p50: percentile(steady, 0.5), p99: percentile(steady, 0.99), max: percentile(steady, 1) },
    latestMs: Math.round(percentile(late, 1)),
    disturbances: disturbing.counts,
    restarts,
    memoryMb: { service: bothEnds(memory, 'service'), sandbox: bothEnds(memory, 'sandbox') },
    stalledMs: Math.round(stalls.most()),
    verdicts,
    kept: verdicts.every(({ kept }) => kept),
  };
}

/** How many of the good connections answer a look-up, each asked until it does or the time is over. */
async function recoveredOf(service: SoakedService, apiKey: string): Promise<number> {
  const signal = AbortSignal.timeout(recoverWithinMs);
  const answers = goodConnections.map(async (name) => {
    for (;;) {
      try {
        const response = await fetch(`http://127.0.0.1:${service.port}/v1/connections/${name}/get-user`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
          body: JSON.stringify({ identifier: 'afterwards@example.com' }),
          signal,
        });
        await response.arrayBuffer();
        if (response.status === 200) return 1;
      } catch {
        return 0;
      }
    }
  });
  return (await Promise.all(answers)).reduce((sum: number, one) => sum + one, 0);
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
}

const bothEnds = (memory: readonly MemorySample[], whose: 'service' | 'sandbox'): [number, number] => [
  windowMb(memory, whose, 0.2, 0.45),
  windowMb(memory, whose, 0.75, 1),
];
