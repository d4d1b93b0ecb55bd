import pg from 'pg';
import { createTestPool, resultOf } from '../sandbox/sandbox-pool.ts';
import { median } from './load.ts';
import { say } from './say.ts';

/** The loop that is timed, in the isolate and on the host alike: one query after the other over a pool's client. */
const loop = `
async function timeSelects(pool, selects) {
  const begun = performance.now();
  for (let index = 0; index < selects; index++) {
    const { rows } = await pool.query('select $1::text as user_id, $2::text as email', [String(index), 'jane@example.com']);
    if (rows[0].user_id !== String(index)) throw new Error('not the row that was asked for');
  }
  return (performance.now() - begun) / selects;
}
`;

const settings = { host: '127.0.0.1', port: 5432, user: 'postgres', database: 'postgres', max: 1 };

export interface PgSelect {
  isolateMs: number;
  hostMs: number;
  ratio: number;
}

/** A select through pg in an isolate against the same in plain Node; rounds of both alternate. */
export async function measurePgSelect({ rounds, selects }: { rounds: number; selects: number }) {
  const host = new pg.Pool(settings);
  const sandbox = await createTestPool({
    egressAllow: ['127.0.0.1:5432'],
    limits: { wallMs: 60_000, cpuMs: 60_000, memoryMb: 128 },
  });
  const timeOnHost = new Function(`${loop} return timeSelects;`)() as (
    pool: InstanceType<typeof pg.Pool>,
    selects: number,
  ) => Promise<number>;
  const source = `
const { Pool } = require('pg');
${loop}
async function getUser(id, context, callback) {
  global.pool ??= new Pool(${JSON.stringify(settings)});
  callback(null, await timeSelects(global.pool, Number(id)));
}`;
  const inIsolate = (count: number) =>
    resultOf(sandbox, source, { args: [String(count), {}], wallMs: 60_000 }) as Promise<number>;
  try {
    await inIsolate(selects);
    await timeOnHost(host, selects);
    const isolateTimes: number[] = [];
    const hostTimes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      isolateTimes.push(await inIsolate(selects));
      hostTimes.push(await timeOnHost(host, selects));
    }
    const [isolateMs, hostMs] = [median(isolateTimes), median(hostTimes)];
    const ratio = isolateMs / hostMs;
    say(`\n(e) a select through pg, one after the other (median of ${rounds} rounds of ${selects})`);
    say(
      `    in an isolate ${isolateMs.toFixed(3)} ms, in plain Node ${hostMs.toFixed(3)} ms: ratio ${ratio.toFixed(2)}`,
    );
    return { isolateMs, hostMs, ratio } satisfies PgSelect;
  } finally {
    await sandbox.close();
    await host.end();
  }
}
