import { afterEach, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import type { PoolOptions } from '../../src/pool/pool-options.ts';
import { createTestPool, jobOf, resultOf, runSource } from '../sandbox/sandbox-pool.ts';
import { recordedLog } from '../service/recorded-log.ts';

const script = (body: string) => `function getUser(id, context, callback) { ${body} }`;
const echo = script('callback(null, id);');
const slow = script('console.log("begun"); setTimeout(callback, 8000, null, id);');
const keep = (megabytes: number) => `(global.kept ??= []).push(Buffer.alloc(${megabytes}e6, 1));`;
const wallMs = 20_000;

let pool: Pool | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

async function start(options: Partial<PoolOptions> = {}) {
  const log = recordedLog();
  pool = await createTestPool({
    limits: { wallMs, cpuMs: 10_000, memoryMb: 1_024 },
    log: log.logger,
    ...options,
  });
  const running = pool;
  const pids = () =>
    log.lines.filter(({ message }) => message === 'a sandbox process is up').map(({ fields }) => fields.pid);
  await expect.poll(() => running.stats().processes, { timeout: 20_000 }).toBe(options.processes ?? 1);
  return { running, log, pids };
}

/** An execution that is under way, as its first event has shown. */
async function begin(running: Pool, source: string, connection: string) {
  const job = jobOf(source, { connection, wallMs });
  const finished = running.execute(job);
  await expect.poll(() => job.events.length, { timeout: 10_000 }).toBeGreaterThan(0);
  return { finished };
}

it('replaces a process that has grown too large before it hurts: its executions end, others are always served', async () => {
  const { running, log } = await start({ processMemoryMb: 400 });
  const beside = await begin(running, slow, 'beside');
  const grown = log.next(({ message }) => message === 'a sandbox process is replaced');
  expect(await resultOf(running, script(`${keep(360)} callback(null, 1);`), { connection: 'large' })).toBe(1);
  expect((await grown).fields.reason).toMatch(/^it had \d+ MB of memory$/);
  expect(running.ready()).toBe(true);
  expect(await resultOf(running, echo, { connection: 'other', args: ['jane', {}] })).toBe('jane');
  expect((await beside.finished).outcome).toMatchObject({ kind: 'returned' });
  await expect.poll(() => running.stats().processes, { timeout: 20_000 }).toBe(1);
  expect(running.stats()).toMatchObject({ restarts: 1, quarantined: 0 });
});

it('ends a process at once that has grown far too large', async () => {
  const { running, log } = await start({ processMemoryMb: 400 });
  const died = log.next(({ message }) => message === 'a sandbox process died; another is started');
  const { outcome } = await runSource(
    running,
    script(`${keep(300)} ${keep(300)} setTimeout(callback, 15000);`),
    {
      connection: 'huge',
      wallMs,
    },
  );
  expect(outcome).toEqual({ kind: 'crashed' });
  expect((await died).fields.reason).toMatch(/^it had \d+ MB of memory$/);
  expect(await resultOf(running, echo, { connection: 'other', args: ['jane', {}] })).toBe('jane');
});

it('ends a process that does not answer, answers what it carried, and begins nothing in it meanwhile', async () => {
  const { running, log, pids } = await start({ processes: 2 });
  const [stopped] = pids();
  const died = log.next(({ message }) => message === 'a sandbox process died; another is started');
  process.kill(Number(stopped), 'SIGSTOP');
  const names = Array.from({ length: 8 }, (_, index) => `c${index}`);
  const carried = names.map((connection) =>
    runSource(running, echo, { connection, wallMs, repeatable: true }),
  );
  await died;
  for (const { outcome } of await Promise.all(carried)) expect(outcome.kind).toBe('returned');
});

it('answers and says how a process ended that died under an execution', async () => {
  const { running, log, pids } = await start();
  const died = log.next(({ message }) => message === 'a sandbox process died; another is started');
  const { finished } = await begin(running, slow, 'acme');
  process.kill(Number(pids()[0]), 'SIGSEGV');
  expect((await finished).outcome).toEqual({ kind: 'crashed' });
  expect((await died).fields).toEqual({ livedMs: expect.any(Number), reason: 'it ended with SIGSEGV' });
});
