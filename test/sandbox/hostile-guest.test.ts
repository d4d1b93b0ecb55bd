import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { createTestPool, jobOf, resultOf, runSource } from './sandbox-pool.ts';

/** Scripts that replace what the guest's own code is made of, or drown the host. */

let pool: Pool;
beforeAll(async () => {
  pool = await createTestPool();
});
afterAll(() => pool.close());

const script = (body: string) => `function getUser(id, context, callback) { ${body} }`;
const good = script("callback(null, { user_id: '1' })");

/** Nothing of it may end the process that all scripts share. */
async function expectNoRestart(): Promise<void> {
  expect(await resultOf(pool, good, { connection: 'good' })).toEqual({ user_id: '1' });
  expect(pool.stats().restarts).toBe(0);
}

it.each([
  ['a message', "callback(new Error('x'))", 'uncaught'],
  ['an unhandled rejection', "Promise.reject(new Error('x'.repeat(5e6)))", 'uncaught'],
  ['a result', "callback(null, { user_id: '1' })", 'returned'],
])('cuts %s of many megabytes, whoever made it so', async (_, body, kind) => {
  const { outcome } = await runSource(
    pool,
    script(`String.prototype.slice = () => 'x'.repeat(5e6); ${body}`),
    { connection: `long-${kind}` },
  );
  expect(outcome.kind).toBe(kind);
  expect(JSON.stringify(outcome).length).toBeLessThan(10_000);
  await expectNoRestart();
});

it('refuses a result whose notes are larger than any result', async () => {
  // Of a field without a value only the note is left, which names its path.
  const body = `Array.prototype.join = () => '';
    const user = {};
    for (let n = 0; n < 50; n++) user['k'.repeat(3e4) + n] = () => {};
    callback(null, user);`;
  const { outcome } = await runSource(pool, script(body), { connection: 'notes' });
  expect(outcome).toMatchObject({ kind: 'result_too_large' });
  await expectNoRestart();
});

it('takes nothing but an ArrayBuffer for bytes', async () => {
  const body = `ArrayBuffer.prototype.slice = () => -1;
    try { require('crypto').createHash('sha256').update(Buffer.from('x')).digest('hex'); } catch {}
    require('axios').post('http://127.0.0.1:1/', Buffer.from('x')).catch((e) => callback(new Error(e.code)));`;
  const { outcome } = await runSource(pool, script(body), { connection: 'bytes' });
  expect(outcome).toMatchObject({ kind: 'rejected', failure: { message: 'ECONNREFUSED' } });
  await expectNoRestart();
});

it('tells of so many late calls of the callback and no more', async () => {
  const job = jobOf(script("for (let n = 0; n < 20_000; n++) callback(null, { user_id: '1' });"), {
    connection: 'late',
  });
  expect(await pool.execute(job)).toMatchObject({ outcome: { kind: 'returned' } });
  await expect.poll(() => job.events.at(-1)?.text).toBe('Further events are dropped');
  await expectNoRestart();
  expect(job.events).toHaveLength(200);
});

it.each([
  ['refused', 1e6],
  ['that have run out', 0],
])('ends a script that floods the host with timers %s', async (_, ms) => {
  const { outcome } = await runSource(pool, script(`for (;;) setTimeout(() => {}, ${ms});`), {
    connection: `flood-${ms}`,
  });
  expect(outcome).toMatchObject({
    kind: 'uncaught',
    failure: { message: 'More than 4000 timers and requests have ended while the script was busy' },
  });
  await expectNoRestart();
});

it.each([
  [
    'answers of the host that it does not read',
    "const { randomBytes } = require('crypto'); for (;;) randomBytes(1e6, () => {});",
    { kind: 'uncaught', failure: { message: 'More than 64 MB have come in while the script was busy' } },
  ],
])('does not hold for a script %s without end', async (what, body, expected) => {
  const { outcome } = await runSource(pool, script(body), { connection: `held ${what}` });
  expect(outcome).toMatchObject(expected);
  await expectNoRestart();
});

it('says nothing of isolated-vm when a promise is rejected with what is no error', async () => {
  const { outcome } = await runSource(pool, script('Promise.reject({ a: 1 });'), { connection: 'no error' });
  expect(outcome).toMatchObject({
    kind: 'uncaught',
    failure: { message: 'A promise was rejected with what is no Error, and nobody handled it', stack: [] },
  });
});

it('gives a result up as soon as it is too long', async () => {
  const body =
    "let wide = 'x'; for (let n = 0; n < 60; n++) wide = [wide, wide]; callback(null, { user_id: '1', wide });";
  const { outcome } = await runSource(pool, script(body), { connection: 'wide' });
  expect(outcome).toMatchObject({ kind: 'result_too_large' });
});

it('counts what it does synchronously for a script as the CPU time of that script', async () => {
  const body = "const { hashSync } = require('bcrypt'); for (;;) hashSync('x', 11);";
  const started = performance.now();
  const { outcome } = await runSource(pool, script(body), { connection: 'bcrypt' });
  expect(outcome).toEqual({ kind: 'timeout', limit: 'cpu', limitMs: 2_000 });
  expect(performance.now() - started).toBeLessThan(4_000);
  await expectNoRestart();
});

it.each([
  ['a Proxy', "new Proxy(new Error('x'), { getPrototypeOf() { throw new Error('trap'); } })"],
  ['revoked errors', 'Object.assign(new Error("inner"), { errors: revoked })'],
  [
    'a getter for its first error',
    "Object.assign(new Error('inner'), { errors: Object.defineProperty([], 0, { get() { throw new Error('trap'); } }) })",
  ],
])('tells of an error though its cause is %s', async (what, cause) => {
  const body = `const { proxy: revoked, revoke } = Proxy.revocable([], {}); revoke();
    callback(new Error('outer', { cause: ${cause} }));`;
  const { outcome } = await runSource(pool, script(body), { connection: `cause ${what}` });
  expect(outcome).toMatchObject({
    kind: 'rejected',
    failure: { message: expect.stringMatching(/^outer(: inner)?$/) },
  });
});
