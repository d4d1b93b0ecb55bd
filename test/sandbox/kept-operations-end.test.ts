import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { keptContext, returned } from './kept-context.ts';
import { type LineServer, startLineServer } from './line-server.ts';
import { createTestPool } from './sandbox-pool.ts';

/** What closes the sockets that scripts leave open: as the server sees it. */

let pool: Pool;
let server: LineServer;

beforeAll(async () => {
  server = await startLineServer();
  pool = await createTestPool();
});

afterAll(async () => {
  await pool?.close();
  await server.close();
});

beforeEach(async () => {
  await allClosed();
  server.clients.length = 0;
  server.lines.length = 0;
});

const allClosed = () => expect.poll(() => server.connections()).toBe(0);
const connect = "global.kept = net.connect(port, '127.0.0.1'); await ask(global.kept, 'ping');";

describe('the sockets of a context are closed', () => {
  it('at the end of each execution with isolation: execution', async () => {
    const context = keptContext(pool, 'isolated', server.port, { isolation: 'execution' });
    expect(await context.result(`${connect} return 'done'`)).toBe('done');
    expect(server.clients).toHaveLength(1);
  });

  it('when an execution runs into its deadline', async () => {
    const context = keptContext(pool, 'deadline', server.port);
    const { outcome } = await context.run(`${connect} await ask(global.kept, 'hold')`, { wallMs: 500 });
    expect(outcome).toMatchObject({ kind: 'timeout', limit: 'wall' });
    await allClosed();
    expect(await context.result("return global.kept ? 'kept' : 'fresh'")).toBe('fresh');
  });

  it('when an execution spends its CPU time', async () => {
    const context = keptContext(pool, 'cpu', server.port);
    const { outcome } = await context.run(`${connect} for (;;);`);
    expect(outcome).toMatchObject({ kind: 'timeout', limit: 'cpu' });
  });

  it('when an execution ends by an uncaught error', async () => {
    const context = keptContext(pool, 'uncaught', server.port);
    const { outcome } = await context.run(`${connect} setTimeout(() => { throw new Error('uncaught') })`);
    expect(outcome).toMatchObject({ kind: 'uncaught' });
    await allClosed();
    expect(await context.result("return global.kept ? 'kept' : 'fresh'")).toBe('fresh');
  });

  it('when an execution takes too much memory', async () => {
    const context = keptContext(pool, 'memory', server.port);
    const { outcome } = await context.run(
      `${connect} const all = []; for (;;) all.push(new Array(10_000).fill({}));`,
    );
    expect(outcome).toMatchObject({ kind: 'out_of_memory' });
  });

  it('when their version of the connection is not served any more', async () => {
    const context = keptContext(pool, 'unloaded', server.port);
    await context.result(`${connect} return 'done'`);
    await context.inKept("return 'again'");
    expect(server.connections()).toBe(1);
    pool.retire('unloaded', context.definition.version);
  });

  it('when their version is not served any more while an execution is under way: at its end', async () => {
    const context = keptContext(pool, 'unloaded-busy', server.port);
    const running = context.result(`${connect} return ask(global.kept, 'hold')`);
    await expect.poll(() => server.lines).toContain('hold');
    pool.retire('unloaded-busy', context.definition.version);
    server.answerLater();
    expect(await running).toBe('later hold\n');
  });

  it('when another execution breaks their isolate', async () => {
    const context = keptContext(pool, 'broken', server.port);
    await context.result(`${connect} return 'done'`);
    await context.inKept("return 'again'");
    const looping = context.run('for (;;);', { wallMs: 300 });
    expect((await looping).outcome).toMatchObject({ kind: 'timeout' });
  });

  it('when more of them are left open than are kept', async () => {
    const context = keptContext(pool, 'thirteen', server.port);
    const open = (count: number) => `global.kept = [];
      for (let index = 0; index < ${count}; index++) {
        const socket = net.connect(port, '127.0.0.1'); global.kept.push(socket); await ask(socket, 'ping');
      }
      return 'opened'`;
    await context.result(open(12));
    expect(returned((await context.inKept('return global.kept.length')).outcome)).toBe(12);
    expect(server.connections()).toBe(12);
    await context.inKept(`${open(13)}`);
    await allClosed();
    expect(await context.result("return global.kept ? 'kept' : 'fresh'")).toBe('fresh');
  });

  it('when the contexts of a connection have left open more than are kept of all', async () => {
    const context = keptContext(pool, 'many', server.port);
    const body = `for (let index = 0; index < 12; index++) {
        const socket = net.connect(port, '127.0.0.1'); (global.kept ??= []).push(socket); await ask(socket, 'ping');
      }
      await new Promise((resolve) => setTimeout(resolve, 300)); return 'opened'`;
    const answers = await Promise.all(Array.from({ length: 24 }, () => context.result(body)));
    expect(new Set(answers)).toEqual(new Set(['opened']));
    await expect.poll(() => server.connections()).toBeLessThanOrEqual(128);
    expect(server.clients.length).toBeGreaterThan(128);
    pool.retire('many', context.definition.version);
  });

  it('when the process ends', async () => {
    const other = await createTestPool();
    const context = keptContext(other, 'parent', server.port);
    await context.result(`${connect} return 'done'`);
    expect(server.connections()).toBe(1);
    await other.close();
  });
});

describe('a script that does not call back', () => {
  it('is answered at once though an unused socket and an idle time of it lie in global', async () => {
    const context = keptContext(pool, 'unused', server.port);
    await context.result(
      `${connect} global.kept.setTimeout(60_000); AbortSignal.timeout(60_000); return 'done'`,
    );
    const { outcome, timings } = await context.inKept('');
    expect(outcome).toEqual({ kind: 'no_callback' });
    expect(timings.scriptMs).toBeLessThan(1_000);
    // What it waited for, a client of a pool perhaps, the next one would wait for as well: it begins anew.
    await expect.poll(() => server.connections()).toBe(0);
    expect(await context.result("return global.kept ? 'kept' : 'fresh'")).toBe('fresh');
  });

  it('is answered at its deadline when it waits for an answer', async () => {
    const context = keptContext(pool, 'waiting', server.port);
    await context.result(`${connect} return 'done'`);
    const { outcome } = await context.inKept("await ask(global.kept, 'hold'); return 'never'", {
      wallMs: 400,
    });
    expect(outcome).toMatchObject({ kind: 'timeout', limit: 'wall' });
  });

  it('is waited for when what it wants to ask stands behind what an earlier one has asked', async () => {
    const context = keptContext(pool, 'queued', server.port);
    // As a driver does that sends one query at a time.
    await context.result(`${connect} global.busy = ask(global.kept, 'hold'); return 'done'`);
    const running = context.inKept("await global.busy; return ask(global.kept, 'ping 2')");
    await expect.poll(() => server.lines).toContain('hold');
    await new Promise((resolve) => setTimeout(resolve, 300));
    server.answerLater();
    expect(returned((await running).outcome)).toBe('pong 2\n');
    pool.retire('queued', context.definition.version);
  });

  it('is waited for while a socket is connected and shaken hands with', async () => {
    const context = keptContext(pool, 'connecting', server.port);
    const { outcome } = await context.run(
      "const socket = require('tls').connect({ port, host: '127.0.0.1' }); await next(socket, 'secureConnect')",
      { wallMs: 300 },
    );
    expect(outcome).toMatchObject({ kind: 'timeout', limit: 'wall' });
  });
});

describe('after the callback', () => {
  it('what is written then is sent', async () => {
    const context = keptContext(pool, 'update', server.port);
    await context.result(`${connect} callback(null, 'answered'); global.kept.write('update\\n')`);
    await expect.poll(() => server.lines).toContain('update');
    pool.retire('update', context.definition.version);
  });

  it('what needs a new socket is sent, too, and its answer is waited for', async () => {
    const context = keptContext(pool, 'connect-later', server.port);
    const body = `callback(null, 'answered');
      const socket = net.connect(port, '127.0.0.1');
      await ask(socket, 'ping 1'); await ask(socket, 'ping 2'); socket.end('update\\n')`;
    expect(await context.result(body)).toBe('answered');
    await expect.poll(() => server.lines).toEqual(['ping 1', 'ping 2', 'update']);
  });

  it('a write that is not answered does not cost the context, as what is under way at the end of grace does', async () => {
    const context = keptContext(pool, 'unanswered', server.port);
    await context.result(`${connect} callback(null, 'answered'); global.kept.write('hold\\n')`);
    expect(returned((await context.inKept("return 'free again'")).outcome)).toBe('free again');
    expect(server.connections()).toBe(1);
    pool.retire('unanswered', context.definition.version);
  });

  it('a script that is still connecting at the end of its grace is stopped', async () => {
    const context = keptContext(pool, 'connecting-late', server.port);
    // The server never shakes hands.
    const body = `${connect} callback(null, 'answered'); require('tls').connect({ port, host: '127.0.0.1' })`;
    expect(await context.result(body)).toBe('answered');
    await expect.poll(() => server.connections()).toBe(2);
    await expect.poll(() => server.connections(), { timeout: 5_000 }).toBe(0);
    expect(await context.result("return global.kept ? 'kept' : 'fresh'")).toBe('fresh');
  });
});
