import { afterEach, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { createTestPool, jobOf, resultOf, runSource } from '../sandbox/sandbox-pool.ts';

const hanging =
  'function getUser(id, context, callback) { console.log("begun"); setTimeout(callback, 60_000); }';
const echo = 'function getUser(id, context, callback) { callback(null, id); }';

let pool: Pool | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

/** So many executions of one connection that hang; resolves when those that begin have begun. */
async function hang(running: Pool, jobs: number, connection: string, tenant = 'default') {
  const all = Array.from({ length: jobs }, () => jobOf(hanging, { connection, tenant, wallMs: 30_000 }));
  const finished = all.map((job) => running.execute(job));
  await expect.poll(() => running.stats().underWay + running.stats().waiting).toBeGreaterThan(0);
  return finished;
}

it('leaves places for others, however much of one connection hangs', async () => {
  pool = await createTestPool({ maxUnderWay: 8, connectionMaxUnderWay: undefined });
  await resultOf(pool, echo);
  await hang(pool, 80, 'hanging');
  await expect.poll(() => pool?.stats()).toMatchObject({ underWay: 6, waiting: 74 });
  expect(await resultOf(pool, echo, { connection: 'other', args: ['jane', {}] })).toBe('jane');
});

it('leaves places for others though two connections take all that they can get', async () => {
  pool = await createTestPool({ maxUnderWay: 16, connectionMaxUnderWay: undefined });
  await resultOf(pool, echo);
  for (const connection of ['one', 'two']) await hang(pool, 15, connection);
  expect(await resultOf(pool, echo, { connection: 'other', args: ['jane', {}] })).toBe('jane');
});

it('refuses a connection that has to have a process of its own while all of these are busy', async () => {
  pool = await createTestPool({ maxOwnProcesses: 1 });
  const first = jobOf(hanging, { connection: 'one', isolation: 'process', wallMs: 30_000 });
  void pool.execute(first);
  await expect.poll(() => first.events.length, { timeout: 10_000 }).toBe(1);
  const { outcome } = await runSource(pool, echo, { connection: 'two', isolation: 'process' });
  expect(outcome).toEqual({
    kind: 'overloaded',
    reason: expect.stringContaining('DRAWBRIDGE_MAX_OWN_PROCESSES'),
    retryAfterS: 1,
  });
});

it('leaves places for other tenants, however many connections of one hang', async () => {
  pool = await createTestPool({ maxUnderWay: 8, connectionMaxUnderWay: 2, tenantMaxUnderWay: 4 });
  await resultOf(pool, echo);
  for (const connection of ['one', 'two', 'three']) await hang(pool, 4, connection, 'busy');
  await expect.poll(() => pool?.stats()).toMatchObject({ underWay: 4, waiting: 8 });
  const { outcome } = await pool.execute(jobOf(echo, { connection: 'four', tenant: 'calm' }));
  expect(outcome.kind).toBe('returned');
});

it('refuses what a connection has too much waiting of', async () => {
  pool = await createTestPool({ maxUnderWay: 8, connectionMaxUnderWay: 2, connectionMaxWaiting: 3 });
  await resultOf(pool, echo);
  const finished = await hang(pool, 6, 'hanging');
  const refused = await Promise.race(finished);
  expect(refused.outcome).toEqual({ kind: 'overloaded', retryAfterS: 1 });
});

it('refuses at once what would not be answered in time, and says when it may be', async () => {
  pool = await createTestPool({
    connectionMaxUnderWay: 1,
    limits: { wallMs: 10_000, cpuMs: 2_000, memoryMb: 64 },
  });
  const slow = 'function getUser(id, context, callback) { setTimeout(callback, 1_200, null, id); }';
  const job = () => jobOf(slow, { wallMs: 2_000 });
  // A process is up from here on; another connection's times count for nothing.
  await resultOf(pool, echo, { connection: 'other' });
  await pool.execute(job());
  const first = pool.execute(job());
  const began = performance.now();
  const { outcome } = await pool.execute(job());
  expect(outcome).toEqual({ kind: 'overloaded', retryAfterS: 2 });
  expect(performance.now() - began).toBeLessThan(500);
  expect((await first).outcome.kind).toBe('returned');
});

it('gives a connection a process of its own, and others the shared ones', async () => {
  pool = await createTestPool({ maxOwnProcesses: 1 });
  await resultOf(pool, echo);
  const job = () => jobOf(echo, { connection: 'own', isolation: 'process' });
  expect((await pool.execute(job())).outcome.kind).toBe('returned');
  expect(pool.stats()).toMatchObject({ processes: 2, apart: 1 });
  const counting = 'global.n = 0; function getUser(id, context, callback) { callback(null, ++global.n); }';
  expect(await resultOf(pool, counting, { connection: 'own-2', isolation: 'process' })).toBe(1);
  expect(await resultOf(pool, counting, { connection: 'own-2', isolation: 'process' })).toBe(2);
  await expect.poll(() => pool?.stats()).toMatchObject({ processes: 2, apart: 1 });
});
