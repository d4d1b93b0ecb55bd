import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { createTestPool, jobOf, resultOf, runSource } from './sandbox-pool.ts';

let pool: Pool;
let upstream: Server;
let slowUrl: string;
const answers: (() => void)[] = [];

beforeAll(async () => {
  upstream = createServer((request, response) => {
    if (request.url === '/never') return;
    answers.push(() => response.end('{"ok":true}'));
    if (request.url !== '/held') answers.pop()?.();
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  slowUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  pool = await createTestPool();
});

afterAll(async () => {
  await pool?.close();
  upstream.closeAllConnections();
  upstream.close();
});

describe('the callback', () => {
  it('gives its second argument back as JSON', async () => {
    const source =
      'function getUser(id, context, callback) { callback(null, { user_id: id, n: [1, { a: null }] }); }';
    expect(await resultOf(pool, source)).toEqual({ user_id: 'jane@example.com', n: [1, { a: null }] });
  });

  it('counts once; a second call is logged and ignored', async () => {
    const job = jobOf('function getUser(id, context, callback) { callback(null, 1); callback(null, 2); }');
    const { outcome } = await pool.execute(job);
    expect(outcome).toMatchObject({ kind: 'returned', result: '1' });
    await expect.poll(() => job.events.map(({ event }) => event)).toContain('late_callback');
  });

  it('with an error is a rejection that names the line', async () => {
    const source = '\nfunction getUser(id, context, callback) {\n  callback(new Error("no such luck"));\n}';
    const { outcome } = await runSource(pool, source);
    expect(outcome).toMatchObject({
      kind: 'rejected',
      failure: {
        kind: 'Error',
        message: 'no such luck',
        place: { file: 'acme/get_user.js', line: 3, column: 12 },
      },
    });
  });

  it.each([
    [
      "new WrongUsernameOrPasswordError('jane', 'no')",
      { kind: 'WrongUsernameOrPasswordError', userKnown: true },
    ],
    [
      "new WrongUsernameOrPasswordError(null, 'no')",
      { kind: 'WrongUsernameOrPasswordError', userKnown: false },
    ],
    [
      "new ValidationError('user_exists', 'no')",
      { kind: 'ValidationError', code: 'user_exists', message: 'no' },
    ],
    ["new UnauthorizedError('no')", { kind: 'UnauthorizedError', message: 'no' }],
    ["'a string'", { kind: 'Error', message: 'a string' }],
    ["{ message: 'an object' }", { kind: 'Error', message: 'an object' }],
  ])('with %s keeps what it says', async (error, failure) => {
    const { outcome } = await runSource(
      pool,
      `function getUser(id, context, callback) { callback(${error}); }`,
    );
    expect(outcome).toMatchObject({ kind: 'rejected', failure });
  });

  it('with an error that cannot be looked at is a rejection all the same', async () => {
    const source = `function getUser(id, context, callback) {
      try { callback(new Proxy(new Error(), { getPrototypeOf() { throw 1; } })); } catch {}
    }`;
    expect((await runSource(pool, source)).outcome.kind).toBe('rejected');
  });

  it('that never comes is said at once, not after the deadline', async () => {
    const started = performance.now();
    const { outcome } = await runSource(
      pool,
      'async function getUser(id, context, callback) { return { user_id: id }; }',
    );
    expect(outcome).toEqual({ kind: 'no_callback' });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('that never comes after a timer and a request is said when they have ended', async () => {
    const source = `function getUser(id, context, callback) {
      setTimeout(() => require('axios').get('${slowUrl}/').then(() => {}), 5);
    }`;
    const { outcome, timings } = await runSource(pool, source);
    expect(outcome).toEqual({ kind: 'no_callback' });
    expect(timings.upstreamMs).toBeGreaterThan(0);
  });

  it('may be handed on as a callback of its own and be called later', async () => {
    const source =
      'function getUser(id, context, callback) { setTimeout(callback, 1, null, { user_id: "1" }); }';
    expect(await resultOf(pool, source)).toEqual({ user_id: '1' });
  });
});

describe('errors', () => {
  it('thrown by the entry are rejections', async () => {
    const { outcome } = await runSource(pool, 'function getUser(id, context, callback) {\n  null.x;\n}');
    expect(outcome).toMatchObject({ kind: 'rejected', failure: { name: 'TypeError', place: { line: 2 } } });
  });

  it('of an async entry are rejections', async () => {
    const source =
      "async function getUser(id, context, callback) { await null; throw new ValidationError('x', 'y'); }";
    const { outcome } = await runSource(pool, source);
    expect(outcome).toMatchObject({ kind: 'rejected', failure: { kind: 'ValidationError', code: 'x' } });
  });

  it.each([
    ['a timer', 'setTimeout(() => {\n throw new Error("late"); }, 1);'],
    ['nextTick', 'process.nextTick(() => {\n throw new Error("late"); });'],
    ['an unhandled rejection', 'Promise.resolve().then(() => {\n throw new Error("late"); });'],
  ])('thrown in %s end the execution promptly, with the line', async (_name, body) => {
    const started = performance.now();
    const { outcome } = await runSource(
      pool,
      `function getUser(id, context, callback) { ${body} setTimeout(() => {}, 4000); }`,
    );
    expect(outcome).toMatchObject({
      kind: 'uncaught',
      failure: { message: 'late', place: { file: 'acme/get_user.js', line: 2 } },
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('say no place of the service where its folder is called like the connection', async () => {
    const source = 'function getUser() {\n Promise.reject(new Error("late"));\n}';
    const { outcome } = await runSource(pool, source, { connection: 'guest' });
    expect(outcome).toMatchObject({
      kind: 'uncaught',
      failure: { message: 'late', stack: ['at getUser (guest/get_user.js:2:17)'] },
    });
  });

  it('at the top level of the file are said with the line', async () => {
    const { outcome } = await runSource(pool, 'const x = undefined;\nx.y;\nfunction getUser() {}');
    expect(outcome).toMatchObject({ kind: 'uncaught', failure: { name: 'TypeError', place: { line: 2 } } });
  });

  it.each([
    ['left-pad', /^Cannot find module 'left-pad'\. Modules on board: .*axios/],
    ['axois', /^Cannot find module 'axois'\. Did you mean 'axios'\?/],
  ])('of the unknown module %s say where to look', async (name, message) => {
    const source = `function getUser(id, context, callback) { require('${name}'); }`;
    const { outcome } = await runSource(pool, source);
    expect(outcome).toMatchObject({
      kind: 'rejected',
      failure: { code: 'MODULE_NOT_FOUND', message: expect.stringMatching(message) },
    });
  });

  it('after the callback change nothing', async () => {
    const job = jobOf(
      'function getUser(id, context, callback) { callback(null, 1); throw new Error("too late"); }',
    );
    const { outcome } = await pool.execute(job);
    expect(outcome).toMatchObject({ kind: 'returned', result: '1' });
    await expect.poll(() => job.events.map(({ event }) => event)).toContain('late_error');
  });

  it('never carry a path of the host', async () => {
    const source = "function getUser(id, context, callback) { require('crypto').createHash('no such'); }";
    const { outcome } = await runSource(pool, source);
    expect(JSON.stringify(outcome)).not.toMatch(/node_modules|sandbox\/host|file:\/\//);
  });
});

describe('limits', () => {
  it.each([
    ['a loop', 'for (;;);'],
    ['a loop of promises', '(async () => { for (;;) await null; })();'],
    ['an upstream that never answers', `require('axios').get('${'URL'}/never');`],
    ['a timer that is set again and again', 'setInterval(() => {}, 10);'],
  ])('end %s at the deadline', async (_name, body) => {
    const source = `function getUser(id, context, callback) { ${body.replace('URL', slowUrl)} }`;
    const started = performance.now();
    const { outcome } = await runSource(pool, source, { wallMs: 300 });
    expect(outcome).toEqual({ kind: 'timeout', limit: 'wall', limitMs: expect.any(Number) });
    const tookMs = performance.now() - started;
    expect(tookMs).toBeGreaterThan(250);
    expect(tookMs).toBeLessThan(1_500);
  });

  it('end a loop at the limit of CPU time before the deadline', async () => {
    const { outcome } = await runSource(pool, 'function getUser(id, context, callback) { for (;;); }');
    expect(outcome).toEqual({ kind: 'timeout', limit: 'cpu', limitMs: 2_000 });
  });

  it('count the CPU time of all entries together', async () => {
    const source = `function getUser(id, context, callback) {
      const burn = () => { const end = Date.now() + 300; while (Date.now() < end); setTimeout(burn, 0); };
      burn();
    }`;
    const { outcome } = await runSource(pool, source);
    expect(outcome).toMatchObject({ kind: 'timeout', limit: 'cpu' });
  });

  it('count what the thread pool does for a script', async () => {
    const source = `function getUser(id, context, callback) {
      const { pbkdf2 } = require('crypto');
      let left = 40;
      const done = () => --left || callback(null, { user_id: id });
      for (let i = 0; i < 40; i++) pbkdf2('password', 'salt', 300_000, 64, 'sha512', done);
    }`;
    const { outcome, timings } = await runSource(pool, source, { wallMs: 20_000 });
    expect(outcome).toEqual({ kind: 'timeout', limit: 'cpu', limitMs: 2_000 });
    expect(timings.cpuMs).toBeGreaterThanOrEqual(2_000);
    // Three at a time: the clock on the wall is well behind.
    expect(timings.scriptMs).toBeLessThan(timings.cpuMs);
  });

  it('tell the CPU time of a hash in the thread pool', async () => {
    const source = `function login(email, password, callback) {
      require('bcrypt').hash(password, 10, (error, hash) => callback(error, { user_id: hash }));
    }`;
    const { outcome, timings } = await runSource(pool, source, { action: 'login', args: ['jane', 'secret'] });
    expect(outcome.kind).toBe('returned');
    expect(timings.cpuMs).toBeGreaterThan(20);
  });

  it('end a script that takes too much memory', async () => {
    const source =
      'function getUser(id, context, callback) { const all = []; for (;;) all.push(new Array(10000).fill({})); }';
    const { outcome } = await runSource(pool, source);
    expect(outcome).toEqual({ kind: 'out_of_memory', limitMb: 64 });
  });

  it('end a script that takes too much memory for buffers', async () => {
    const source =
      'function getUser(id, context, callback) { const all = []; for (;;) all.push(Buffer.alloc(1e6, 1)); }';
    const { outcome } = await runSource(pool, source);
    expect(outcome).toEqual({ kind: 'out_of_memory', limitMb: 64 });
  });

  it('refuse a result that is too large', async () => {
    const source =
      "function getUser(id, context, callback) { callback(null, { user_id: 'x'.repeat(300 * 1024) }); }";
    const { outcome } = await runSource(pool, source);
    expect(outcome).toMatchObject({ kind: 'result_too_large', limitBytes: 256 * 1024 });
  });

  it('leave the other executions of the connection alone', async () => {
    const source = `function getUser(id, context, callback) {
      if (id === 'loop') for (;;);
      require('axios').get('${slowUrl}/').then(() => callback(null, { user_id: id }));
    }`;
    const looping = pool.execute(jobOf(source, { args: ['loop', {}], wallMs: 300 }));
    const others = ['a', 'b', 'c'].map((id) => resultOf(pool, source, { args: [id, {}] }));
    expect(await Promise.all(others)).toEqual([{ user_id: 'a' }, { user_id: 'b' }, { user_id: 'c' }]);
    expect((await looping).outcome.kind).toBe('timeout');
  });
});

describe('after the callback', () => {
  it('what the script still does does not hold up the answer', async () => {
    const source = `function getUser(id, context, callback) { callback(null, 1); require('axios').get('${slowUrl}/held'); }`;
    expect(await resultOf(pool, source)).toBe(1);
    await expect.poll(() => answers.length).toBe(1);
    answers.pop()?.();
  });

  it('a loop is ended and the next call is served', async () => {
    const source =
      "function getUser(id, context, callback) { callback(null, id); if (id === 'loop') for (;;); }";
    expect(await resultOf(pool, source, { args: ['loop', {}], wallMs: 500 })).toBe('loop');
    expect(await resultOf(pool, source, { args: ['next', {}] })).toBe('next');
  });
});

describe('global', () => {
  const counting = `
    global.count = 0;
    function getUser(id, context, callback) { callback(null, ++global.count); }`;

  it('is kept from one execution to the next', async () => {
    expect(await resultOf(pool, counting, { connection: 'kept' })).toBe(1);
    expect(await resultOf(pool, counting, { connection: 'kept' })).toBe(2);
  });

  it('is fresh for each with isolation: execution', async () => {
    const options = { connection: 'fresh', isolation: 'execution' } as const;
    expect(await resultOf(pool, counting, options)).toBe(1);
    expect(await resultOf(pool, counting, options)).toBe(1);
  });

  it('is never shared by two connections', async () => {
    const source =
      'function getUser(id, context, callback) { global.seen = [...(global.seen ?? []), id]; callback(null, global.seen); }';
    expect(await resultOf(pool, source, { connection: 'one', args: ['secret', {}] })).toEqual(['secret']);
    expect(await resultOf(pool, source, { connection: 'two', args: ['other', {}] })).toEqual(['other']);
  });

  it('has the configuration, which cannot be written', async () => {
    const source = `function getUser(id, context, callback) {
      'use strict';
      let failed = false;
      try { configuration.KEY = 'other'; } catch { failed = true; }
      callback(null, { key: configuration.KEY, failed });
    }`;
    expect(await resultOf(pool, source, { configuration: { KEY: 'value' } })).toEqual({
      key: 'value',
      failed: true,
    });
  });
});

describe('side by side', () => {
  it('runs as many executions as there are contexts, and the rest after them', async () => {
    const source = 'function getUser(id, context, callback) { setTimeout(() => callback(null, id), 20); }';
    const all = Array.from({ length: 40 }, (_, index) => resultOf(pool, source, { args: [`${index}`, {}] }));
    expect(await Promise.all(all)).toEqual(Array.from({ length: 40 }, (_, index) => `${index}`));
  });
});

describe('results that JSON cannot carry', () => {
  it.each([
    ['{ user_id: "1", f() {} }', 'f', 'not_json'],
    ['{ user_id: "1", n: NaN }', 'n', 'not_json'],
    ['{ user_id: "1", deep: { s: [Symbol("x")] } }', 'deep.s.0', 'not_json'],
    ['{ user_id: "1", b: Buffer.from("x") }', 'b', 'not_json'],
    ['{ user_id: 10n }', 'user_id', 'bigint_to_string'],
    ['{ user_id: { toHexString: () => "5f" } }', 'user_id', 'object_id_to_string'],
    ['{ user_id: "1", at: new Date(0) }', 'at', 'date_to_string'],
    ['(() => { const a = { user_id: "1" }; a.self = a; return a; })()', 'self', 'circular'],
  ])('%s is noted by its path', async (value, path, code) => {
    const { outcome } = await runSource(
      pool,
      `function getUser(id, context, callback) { callback(null, ${value}); }`,
    );
    expect(outcome).toMatchObject({ kind: 'returned', notes: [{ path, code }] });
  });

  it('with a getter that throws are rejections', async () => {
    const source =
      'function getUser(id, context, callback) { callback(null, { get user_id() { throw new Error("mine"); } }); }';
    const { outcome } = await runSource(pool, source);
    expect(outcome).toMatchObject({ kind: 'rejected', failure: { message: 'mine' } });
  });
});
