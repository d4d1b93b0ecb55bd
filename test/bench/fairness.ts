import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from './load.ts';
import { type OpenLoadOptions, type OpenLoadResult, openLoad } from './open-load.ts';
import {
  axiosScript,
  benchKey,
  lookUpBody,
  pathOf,
  type Running,
  startServer,
  startService,
  writeConnection,
} from './processes.ts';
import { quick, say } from './say.ts';

const ROUNDS = quick ? 1 : 5;
const ROUND_MS = quick ? 3_000 : 8_000;
const VICTIM_PER_SECOND = 25;
const TIMES_ITS_SHARE = 100;

const hanging = `
function getUser(identifierValue, context, callback) {
  fetch(configuration.baseUrl + '/hang').then(() => callback(null, { user_id: '1' }), callback);
}
`;
const busy = `
function getUser(identifierValue, context, callback) {
  const until = Date.now() + 100;
  while (Date.now() < until) Math.sqrt(until);
  callback(null, { user_id: '1' });
}
`;

/** What the one does that sends too much. */
const neighbours = { quick: axiosScript, hanging, busy };

/** A connection at a steady small rate, alone and beside one that sends a hundred times as much; rounds of both alternate. */
export async function measureFairness() {
  const directory = mkdtempSync(join(tmpdir(), 'drawbridge-fairness-'));
  const results: Record<string, { alone: OpenLoadResult; beside: OpenLoadResult; ratio: number }> = {};
  say(
    `\n(h) p99 of a connection with ${VICTIM_PER_SECOND} calls/s, alone and beside one that sends ${TIMES_ITS_SHARE} times as many`,
  );
  try {
    Object.values({ victim: axiosScript, ...neighbours }).forEach((script, index) => {
      writeConnection(directory, index, script);
    });
    for (const [index, name] of Object.keys(neighbours).entries()) {
      const upstream = await startServer('upstream.ts');
      const service = await startService(directory, upstream.port);
      try {
        results[name] = await besideNeighbour(service, index + 1, name);
      } finally {
        await service.stop();
        await upstream.stop();
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return results;
}

async function besideNeighbour(service: Running, index: number, name: string) {
  const victim = optionsOf(service, 0, VICTIM_PER_SECOND, ROUND_MS);
  await openLoad({ ...victim, durationMs: 2_000 });
  const alone: OpenLoadResult[] = [];
  const beside: OpenLoadResult[] = [];
  const theirs: OpenLoadResult[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await openLoad(victim));
    const neighbour = await startNeighbour(
      // More than may be under way and wait: the rest is refused, which costs as well.
      {
        ...optionsOf(service, index, VICTIM_PER_SECOND * TIMES_ITS_SHARE, ROUND_MS + 1_000),
        maxSockets: 1_000,
      },
    );
    await pause(500);
    beside.push(await openLoad(victim));
    theirs.push(await neighbour.finished);
    // What hangs has gone with its sockets, but not yet in the sandbox processes.
    await pause(1_000);
  }
  const [before, after] = [middle(alone), middle(beside)];
  const ratio = after.p99Ms / before.p99Ms;
  say(`    ${name}`);
  say(row('alone', before));
  say(row('beside', after));
  say(row('the neighbour', middle(theirs)));
  say(`        p99 beside/alone ${ratio.toFixed(2)}`);
  return { alone: before, beside: after, ratio };
}

function optionsOf(service: Running, index: number, perSecond: number, durationMs: number): OpenLoadOptions {
  const headers = { Authorization: `Bearer ${benchKey}` };
  return { port: service.port, path: pathOf(index), headers, body: lookUpBody, perSecond, durationMs };
}

async function startNeighbour(options: OpenLoadOptions) {
  const child = fork(join(import.meta.dirname, 'neighbour.ts'));
  await once(child, 'message');
  child.send(options);
  const finished = once(child, 'message').then(([result]) => {
    child.kill();
    return result as OpenLoadResult;
  });
  return { finished };
}

function middle(rounds: OpenLoadResult[]): OpenLoadResult {
  const statuses: Record<string, number> = {};
  for (const round of rounds)
    for (const [status, count] of Object.entries(round.statuses))
      statuses[status] = (statuses[status] ?? 0) + count;
  return {
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    statuses,
    unsent: rounds.reduce((sum, { unsent }) => sum + unsent, 0),
  };
}

function row(name: string, { p50Ms, p99Ms, statuses, unsent }: OpenLoadResult): string {
  const answers = Object.entries(statuses).map(([status, count]) => `${count} x ${status}`);
  const all = [...answers, ...(unsent > 0 ? [`${unsent} unsent`] : [])].join(', ');
  return `        ${name.padEnd(16)}p50 ${p50Ms.toFixed(1).padStart(7)} ms  p99 ${p99Ms.toFixed(1).padStart(7)} ms  ${all}`;
}
