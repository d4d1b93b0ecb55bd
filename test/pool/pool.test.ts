import { execFileSync } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { createTestPool, jobOf, resultOf, runSource } from '../sandbox/sandbox-pool.ts';

const echo = 'function getUser(id, context, callback) { callback(null, id); }';
const forever =
  'function getUser(id, context, callback) { console.log("begun"); setTimeout(callback, 4000, null, id); }';

let pool: Pool | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

/** The sandbox processes of this test's own process. */
function sandboxPids(): number[] {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  }).split('\n');
  return lines.filter((line) => line.includes('/host.cjs')).map((line) => Number.parseInt(line, 10));
}

async function startAndKill(job: ReturnType<typeof jobOf>, running: Pool) {
  const finished = running.execute(job);
  await expect.poll(() => job.events.length, { timeout: 5_000 }).toBeGreaterThan(0);
  for (const pid of sandboxPids()) process.kill(pid, 'SIGKILL');
  return finished;
}

it('answers the executions of a process that dies, and puts another in its place', async () => {
  pool = await createTestPool();
  const { outcome } = await startAndKill(jobOf(forever, { wallMs: 10_000 }), pool);
  expect(outcome).toEqual({ kind: 'crashed' });
  expect(await resultOf(pool, echo, { args: ['next', {}] })).toBe('next');
  expect(pool.stats().restarts).toBe(1);
});

it('runs what may be repeated once more when its process dies', async () => {
  pool = await createTestPool();
  await resultOf(pool, echo);
  const { outcome } = await startAndKill(jobOf(forever, { wallMs: 25_000, repeatable: true }), pool);
  expect(outcome).toMatchObject({ kind: 'returned', result: '"jane@example.com"' });
});

it('runs nothing a third time', async () => {
  pool = await createTestPool();
  await resultOf(pool, echo);
  const job = jobOf(forever, { wallMs: 25_000, repeatable: true });
  const finished = startAndKill(job, pool);
  await expect.poll(() => job.events.length, { timeout: 20_000 }).toBe(2);
  for (const pid of sandboxPids()) process.kill(pid, 'SIGKILL');
  expect((await finished).outcome).toEqual({ kind: 'crashed' });
});

it('lets what is too much wait, and refuses what is too much to wait', async () => {
  pool = await createTestPool({ maxUnderWay: 1, maxWaiting: 1 });
  await resultOf(pool, echo);
  const slow = 'function getUser(id, context, callback) { setTimeout(callback, 200, null, id); }';
  const all = await Promise.all([runSource(pool, slow), runSource(pool, slow), runSource(pool, slow)]);
  expect(all.map(({ outcome }) => outcome.kind)).toEqual(['returned', 'returned', 'overloaded']);
  expect(all[1]?.timings.queueMs).toBeGreaterThan(50);
});

it('refuses at its deadline what has waited too long', async () => {
  pool = await createTestPool({ maxUnderWay: 1 });
  const held = pool.execute(jobOf(forever, { wallMs: 20_000 }));
  const { outcome } = await runSource(pool, echo, { wallMs: 300 });
  expect(outcome.kind).toBe('overloaded');
  expect((await held).outcome.kind).toBe('returned');
});

it('forgets a version that was retired and loads it again when it comes back', async () => {
  pool = await createTestPool();
  const job = jobOf('global.n = 0; function getUser(id, context, callback) { callback(null, ++global.n); }');
  const result = async () =>
    (await (pool as Pool).execute({ ...job, execution: `${Math.random()}` })).outcome;
  expect(await result()).toMatchObject({ result: '1' });
  expect(await result()).toMatchObject({ result: '2' });
  pool.retire(job.definition.name, job.definition.version);
  expect(await result()).toMatchObject({ result: '1' });
});

it('leaves no process behind', async () => {
  pool = await createTestPool({ processes: 2 });
  await resultOf(pool, echo);
  expect(sandboxPids()).toHaveLength(2);
  await pool.close();
  expect(sandboxPids()).toHaveLength(0);
});

it('keeps the connections warm that were used last, and lets go of the others', async () => {
  pool = await createTestPool();
  const count = 'global.n = 0; function getUser(id, context, callback) { callback(null, ++global.n); }';
  for (let index = 0; index < 104; index++) await resultOf(pool, count, { connection: `warm-${index}` });
  expect(await resultOf(pool, count, { connection: 'warm-103' })).toBe(2);
  expect(await resultOf(pool, count, { connection: 'warm-0' })).toBe(1);
});
