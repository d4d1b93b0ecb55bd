import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { keptContext, returned } from './kept-context.ts';
import { type LineServer, startLineServer } from './line-server.ts';
import { createTestPool } from './sandbox-pool.ts';

/** Sockets and timers that stay with a context from one execution to the next, while nothing of it runs in between. */

let pool: Pool;
let server: LineServer;
let barrier: ReturnType<typeof keptContext>;

beforeAll(async () => {
  server = await startLineServer();
  pool = await createTestPool();
  barrier = keptContext(pool, 'barrier', server.port, { isolation: 'execution' });
});

afterAll(async () => {
  await pool?.close();
  await server.close();
});

beforeEach(() => {
  server.clients.length = 0;
  server.lines.length = 0;
});

/** When it returns, the sandbox process has read what the server had sent before: packets of one host keep their order. */
async function processHasRead(): Promise<void> {
  expect(await barrier.result("return ask(net.connect(port, '127.0.0.1'), 'ping')")).toBe('pong\n');
}

/** The context is frozen: nothing goes on in it any more. `alsoRun`: beforehand, in it. */
async function atRest(context: ReturnType<typeof keptContext>, alsoRun = ''): Promise<void> {
  await context.inKept(`${alsoRun}; return 'at rest soon'`);
  await processHasRead();
}

const connectAndKeep = `global.kept = net.connect(port, '127.0.0.1');
  global.seen = [];
  for (const name of ['data', 'end', 'error', 'close']) {
    global.kept.on(name, (arg) => global.seen.push([name, Buffer.isBuffer(arg) ? String(arg) : arg instanceof Error ? arg.code : arg]));
  }`;

describe('a socket left in global', () => {
  it('works in the next executions: the server sees one connection', async () => {
    const context = keptContext(pool, 'works', server.port);
    expect(await context.result(`${connectAndKeep} return ask(global.kept, 'ping 1')`)).toBe('pong 1\n');
    for (const round of [2, 3, 4]) {
      const { outcome } = await context.inKept(`return ask(global.kept, 'ping ${round}')`);
      expect(returned(outcome)).toBe(`pong ${round}\n`);
    }
    expect(server.clients).toHaveLength(1);
  });

  it('has told what came while nothing ran, before the next execution begins', async () => {
    const context = keptContext(pool, 'news', server.port);
    await context.result(`${connectAndKeep} return ask(global.kept, 'ping 1')`);
    await atRest(context, 'global.seen.length = 0');
    for (const text of ['a', 'b', 'c']) server.clients[0]?.write(text);
    await processHasRead();
    const { outcome } = await context.inKept('return global.seen');
    expect(returned(outcome)).toEqual([['data', 'abc']]);
  });

  it('that the server has closed meanwhile is known to be dead when the next execution begins', async () => {
    const context = keptContext(pool, 'dead', server.port);
    await context.result(`${connectAndKeep} return ask(global.kept, 'ping 1')`);
    await atRest(context, 'global.seen.length = 0');
    server.clients[0]?.end('farewell');
    await processHasRead();
    const { outcome } = await context.inKept(
      'return [global.seen, global.kept.readable, global.kept.writable]',
    );
    const [seen, readable, writable] = returned(outcome) as [unknown[], boolean, boolean];
    expect(seen.slice(0, 2)).toEqual([
      ['data', 'farewell'],
      ['end', null],
    ]);
    expect([readable, writable]).toEqual([false, false]);
    await expect.poll(() => server.clients[0]?.destroyed).toBe(true);
  });

  it('that the server has reset meanwhile has told of its error when the next execution begins', async () => {
    const context = keptContext(pool, 'reset', server.port);
    await context.result(`${connectAndKeep} return ask(global.kept, 'ping 1')`);
    await atRest(context, 'global.seen.length = 0');
    server.clients[0]?.resetAndDestroy();
    await processHasRead();
    const { outcome } = await context.inKept('return [global.seen, global.kept.destroyed]');
    expect(returned(outcome)).toEqual([
      [
        ['error', 'ECONNRESET'],
        ['close', true],
      ],
      true,
    ]);
  });

  it('is told of a flood of small pieces in one event', async () => {
    const context = keptContext(pool, 'flood', server.port);
    await context.result(`${connectAndKeep} return ask(global.kept, 'ping 1')`);
    await atRest(context, 'global.seen.length = 0');
    const [client] = server.clients;
    client?.setNoDelay(true);
    for (let count = 0; count < 2_000; count++) {
      client?.write('x');
      if (count % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await processHasRead();
    const { outcome } = await context.inKept(
      'return [global.seen.length, global.seen.map(([, text]) => text).join("").length]',
    );
    expect(returned(outcome)).toEqual([1, 2_000]);
  });

  it('is sent no more than a small window while nothing runs, and the rest afterwards', async () => {
    const context = keptContext(pool, 'window', server.port);
    await context.result(`global.kept = net.connect(port, '127.0.0.1'); global.bytes = 0;
      global.kept.on('data', (bytes) => { global.bytes += bytes.length; });
      global.kept.write('ping 1\\n'); await next(global.kept, 'data'); return 'connected'`);
    await atRest(context, 'global.bytes = 0');
    server.clients[0]?.write(Buffer.alloc(2 * 1024 * 1024, 'x'));
    await processHasRead();
    const { outcome } = await context.inKept(`const before = global.bytes;
      while (global.bytes < 2 * 1024 * 1024) await next(global.kept, 'data');
      return before`);
    expect(returned(outcome)).toBeGreaterThan(0);
    expect(returned(outcome)).toBeLessThanOrEqual(16 * 1024 + 64 * 1024);
  });
});

describe('an error of what an earlier execution left', () => {
  it('that nobody listens to is logged, and does not fail the execution', async () => {
    const context = keptContext(pool, 'late-error', server.port);
    await context.result("global.kept = net.connect(port, '127.0.0.1'); return ask(global.kept, 'ping 1')");
    await atRest(context);
    server.clients[0]?.resetAndDestroy();
    await processHasRead();
    const { outcome, events } = await context.inKept("return 'unharmed'");
    expect(returned(outcome)).toBe('unharmed');
    await expect
      .poll(() => events)
      .toContainEqual(
        expect.objectContaining({ event: 'late_error', level: 'warn', text: 'read ECONNRESET' }),
      );
  });

  it('on a socket that this execution does not use does not fail it either', async () => {
    const context = keptContext(pool, 'idle-error', server.port);
    await context.result("global.kept = net.connect(port, '127.0.0.1'); return ask(global.kept, 'ping 1')");
    const running = context.inKept(
      "const own = net.connect(port, '127.0.0.1'); await ask(own, 'ping own'); await ask(own, 'hold'); return 'unharmed'",
    );
    await expect.poll(() => server.lines).toContain('hold');
    server.clients[0]?.resetAndDestroy();
    await processHasRead();
    server.answerLater();
    const { outcome, events } = await running;
    expect(returned(outcome)).toBe('unharmed');
    await expect.poll(() => events).toContainEqual(expect.objectContaining({ event: 'late_error' }));
  });

  it('on a socket that this execution uses is its own', async () => {
    const context = keptContext(pool, 'own-error', server.port);
    await context.result("global.kept = net.connect(port, '127.0.0.1'); return ask(global.kept, 'ping 1')");
    const running = context.inKept("await ask(global.kept, 'hold'); return 'not reached'");
    await expect.poll(() => server.lines).toContain('hold');
    server.clients[0]?.resetAndDestroy();
    expect((await running).outcome).toMatchObject({
      kind: 'uncaught',
      failure: { message: 'read ECONNRESET' },
    });
  });

  it('of a guard timer is logged, and does not fail the execution', async () => {
    const context = keptContext(pool, 'guard', server.port);
    await context.result(
      "global.kept = setTimeout(() => { throw new Error('guard of the first') }, 1_300); return 'left'",
    );
    const { outcome, events } = await context.inKept(
      'await new Promise((resolve) => setTimeout(resolve, 1_500)); return "unharmed"',
    );
    expect(returned(outcome)).toBe('unharmed');
    await expect
      .poll(() => events)
      .toContainEqual(expect.objectContaining({ event: 'late_error', text: 'guard of the first' }));
  });
});

describe('the callback of an earlier execution', () => {
  it('that was never called goes with its context: nothing can call it in the place of the next', async () => {
    const context = keptContext(pool, 'stale-callback', server.port);
    await context.result(`${connectAndKeep} return ask(global.kept, 'ping 1')`);
    const first = await context.inKept("global.kept.once('data', () => callback(null, 'of the first'))");
    expect(first.outcome).toEqual({ kind: 'no_callback' });
    server.clients[0]?.write('news');
    await processHasRead();
    expect(await context.result("return global.kept ? 'kept' : 'fresh'")).toBe('fresh');
  });

  it('called by a timer of it is not the answer of the next', async () => {
    const context = keptContext(pool, 'stale-timer', server.port);
    const first = await context.run(
      "global.kept = true; setTimeout(() => callback(null, 'too late'), 1_200); callback(null, 'first')",
    );
    expect(returned(first.outcome)).toBe('first');
    const { outcome } = await context.inKept(
      'await new Promise((resolve) => setTimeout(resolve, 1_400)); return "second"',
    );
    expect(returned(outcome)).toBe('second');
  });
});

describe('setInterval', () => {
  it('goes on in the next execution, and stands still in between', async () => {
    const context = keptContext(pool, 'interval', server.port);
    await context.result(
      "global.kept = true; global.ticks = 0; global.timer = setInterval(() => global.ticks++, 5); return 'left'",
    );
    const read = async () => returned((await context.inKept('return global.ticks')).outcome) as number;
    const before = await read();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // It ticks while it is read, which takes its time on a busy machine; two hundred would have piled up.
    expect((await read()) - before).toBeLessThan(100);
    const { outcome } = await context.inKept(`const start = global.ticks;
      while (global.ticks < start + 5) await new Promise((resolve) => setTimeout(resolve, 5));
      clearInterval(global.timer); return 'went on'`);
    expect(returned(outcome)).toBe('went on');
  });
});
