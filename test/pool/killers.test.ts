import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { STRIKES } from '../../src/pool/quarantine.ts';
import { createTestPool, jobOf, resultOf, runSource } from '../sandbox/sandbox-pool.ts';

/** Long enough for the script to be stuck, on a busy machine too; its process is up by then. */
const wallMs = 2_000;
const echo = 'function getUser(id, context, callback) { callback(null, id); }';
const script = (body: string) => `function getUser(id, context, callback) { ${body} }`;
/** Beyond the reach of V8's interrupts, unless it is asked for `nobody`. */
const stuck = script(
  'if (id === "nobody") return callback(null); Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);',
);
const slow = script('console.log("begun"); setTimeout(callback, 4_000, null, id);');

let pool: Pool;
beforeAll(async () => {
  pool = await createTestPool({ limits: { wallMs: 20_000, cpuMs: 20_000, memoryMb: 64 } });
});
afterAll(() => pool.close());

it('quarantines a connection that keeps spoiling processes, and lets the others end what they have begun', {
  timeout: 120_000,
}, async () => {
  const kinds: string[] = [];
  for (let n = 0; n < STRIKES; n++) {
    // Waits for its process, which is another each time.
    await resultOf(pool, stuck, { connection: 'stuck', args: ['nobody', {}], wallMs: 20_000 });
    const beside = jobOf(slow, { connection: 'beside', wallMs: 20_000 });
    const restarts = pool.stats().restarts;
    const running = pool.execute(beside);
    const { outcome } = await runSource(pool, stuck, { connection: 'stuck', wallMs });
    kinds.push(outcome.kind);
    expect((await running).outcome).toMatchObject({ kind: 'returned' });
    await expect.poll(() => pool.stats().restarts, { timeout: 10_000 }).toBeGreaterThan(restarts);
    expect(await resultOf(pool, echo, { connection: 'beside', args: ['jane', {}] })).toBe('jane');
  }
  expect(kinds).toEqual(['timeout', 'timeout', 'timeout']);
  const { outcome } = await runSource(pool, stuck, { connection: 'stuck', wallMs });
  expect(outcome).toMatchObject({
    kind: 'quarantined',
    reason: 'its scripts have ended 3 sandbox processes: a script could not be interrupted',
  });
  expect(pool.stats()).toMatchObject({ quarantined: 1 });
});

it('runs the mended version at once', async () => {
  expect(await resultOf(pool, echo, { connection: 'stuck', args: ['jane', {}] })).toBe('jane');
  expect(pool.stats()).toMatchObject({ quarantined: 0 });
});
