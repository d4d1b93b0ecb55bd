import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool, jobOf, runSource } from '../sandbox-pool.ts';
import { inBoth, inIsolate } from './node-and-guest.ts';
import { startTcpServers, type TcpServers } from './tcp-servers.ts';

/** What goes over a socket: how much, in what order, how fast, and when nothing does. */

let pool: Pool;
let servers: TcpServers;

beforeAll(async () => {
  servers = await startTcpServers();
  pool = await createTestPool({ limits: { wallMs: 20_000, cpuMs: 10_000, memoryMb: 64 } });
});

afterAll(async () => {
  await pool?.close();
  await servers.close();
});

const source = (body: string) => `const net = require('net');\n${body}`;
const guest = (body: string) => inIsolate(pool, source(body), servers.ports);

/** What the body answers in an isolate, when that is what it answers in Node. */
async function same(body: string): Promise<unknown> {
  const both = await inBoth(pool, source(body), servers.ports);
  expect(both.guest).toEqual(both.node);
  return both.guest;
}

const MB = 1024 * 1024;

describe('much data', () => {
  it('20 MB go there and come back as they were', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1');
      const pieceBytes = 512 * 1024;
      let count = 0; let wrong = 0;
      socket.on('data', (bytes) => {
        for (const byte of bytes) if (byte !== Math.floor(count++ / pieceBytes)) wrong++;
      });
      for (let index = 0; index < 40; index++) {
        if (!socket.write(Buffer.alloc(pieceBytes, index))) await new Promise((resolve) => socket.once('drain', resolve));
      }
      socket.end();
      await closeOf(socket);
      return [count, wrong, socket.bytesRead, socket.bytesWritten]`;
    expect(await guest(body)).toEqual([20 * MB, 0, 20 * MB, 20 * MB]);
  });

  it('one write of 20 MB crosses in pieces, and its callback comes when all is on its way', async () => {
    const body = `const socket = net.connect(counter, '127.0.0.1');
      const big = Buffer.alloc(20 * 1024 * 1024);
      const written = [];
      const whole = socket.write(big, () => written.push(socket.bytesWritten));
      written.push(socket.bytesWritten);
      socket.end();
      return [whole, await textOf(socket), written]`;
    expect(await same(body)).toEqual([false, String(20 * MB), [20 * MB, 20 * MB]]);
  });

  it('a script that does not read is sent a window and no more', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1').pause();
      const piece = Buffer.alloc(1024 * 1024);
      // 12 MB are more than the windows and the buffers of the system on the way.
      for (let index = 0; index < 12; index++) socket.write(piece);
      socket.end();
      let before = -1;
      while (socket.bytesRead !== before || before === 0) {
        before = socket.bytesRead;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      let count = 0;
      for await (const bytes of socket) count += bytes.length;
      return { before, count }`;
    const { before, count } = (await guest(body)) as { before: number; count: number };
    expect(before).toBeLessThanOrEqual(512 * 1024);
    expect(count).toBe(12 * MB);
  });

  it('what was written before the end arrives, though the other side has ended', async () => {
    const body = `const socket = net.connect({ port: ended, host: '127.0.0.1' });
      socket.write(Buffer.alloc(5 * 1024 * 1024));
      await closeOf(socket.resume()); return socket.bytesWritten`;
    expect(await same(body)).toBe(5 * MB);
    await expect.poll(() => servers.ended.counted).toEqual([5 * MB, 5 * MB]);
  });

  it.each([
    'socket.end(big)',
    'socket.write(big); socket.destroySoon()',
    'socket.end(big, () => socket.destroy())',
  ])('%s loses nothing', async (end) => {
    const before = servers.ended.counted.length;
    await guest(`const socket = net.connect(ended, '127.0.0.1');
        const big = Buffer.alloc(3 * 1024 * 1024); ${end}; await closeOf(socket.resume())`);
    await expect.poll(() => servers.ended.counted.slice(before)).toEqual([3 * MB]);
  });

  it('more than 64 MB in one execution end the socket that carries them', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1').resume();
      const piece = Buffer.alloc(1024 * 1024);
      const error = new Promise((resolve) => socket.once('error', resolve));
      const write = () => { while (!socket.destroyed && socket.write(piece)); };
      socket.on('drain', write); write();
      const { code, message } = await error; return [code, message]`;
    expect(await guest(body)).toEqual([
      'ERR_SOCKET_BYTES_LIMIT',
      'The sockets of one execution have carried more than 64 MB',
    ]);
    await expect.poll(() => servers.echo.connections()).toBe(0);
  });
});

describe('writes', () => {
  it('before the connection stands go out in their order, each with its callback', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1'); const order = [];
      socket.write('6f6e65', 'hex', () => order.push(1));
      socket.write(Buffer.from(' two'), () => order.push(2));
      socket.write(' three', () => order.push(3));
      socket.write(new Uint8Array([32, 52]), () => order.push(4));
      const pending = [socket.bytesWritten, socket.connecting];
      socket.end(' end', 'utf8', () => order.push('end'));
      return [await textOf(socket), order, pending]`;
    expect(await same(body)).toEqual(['one two three 4 end', [1, 2, 3, 4, 'end'], [15, true]]);
  });

  it('that are corked cross as one', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      const pieces = []; const { _write } = socket;
      socket._write = (piece, ...rest) => { pieces.push(String(piece)); return _write.call(socket, piece, ...rest); };
      socket.cork(); socket.write('a'); socket.write('b'); socket.write('c'); socket.uncork();
      socket.end();
      return [await textOf(socket), pieces]`;
    expect(await guest(body)).toEqual(['abc', ['abc']]);
  });

  it('10,000 of one byte arrive', async () => {
    const body = `const socket = net.connect(counter, '127.0.0.1');
      for (let index = 0; index < 10_000; index++) socket.write('x');
      socket.end(); return textOf(socket)`;
    expect(await guest(body)).toBe('10000');
  });

  it('of what is no text and no bytes throw', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1').on('error', () => {});
      const codes = [5, null, {}, undefined].map((chunk) => { try { socket.write(chunk) } catch ({ code }) { return code } });
      socket.destroy(); return codes`;
    expect(await same(body)).toEqual([
      'ERR_INVALID_ARG_TYPE',
      'ERR_STREAM_NULL_VALUES',
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_ARG_TYPE',
    ]);
  });
});

describe('streams', () => {
  it('can be piped into a socket and out of it', async () => {
    const body = `const { Readable, PassThrough } = require('stream');
      const socket = net.connect(echo, '127.0.0.1');
      Readable.from(['a', 'b', 'c']).pipe(socket);
      return textOf(socket.pipe(new PassThrough()))`;
    expect(await same(body)).toBe('abc');
  });

  it('pipeline ends with the socket', async () => {
    const body = `const { Readable, Transform, pipeline } = require('stream');
      const socket = net.connect(echo, '127.0.0.1'); let text = '';
      const sink = new Transform({ transform(chunk, encoding, done) { text += chunk; done(); } }).resume();
      const error = await new Promise((resolve) => pipeline(Readable.from(['a', 'b']), socket, sink, resolve));
      return [error, text, socket.destroyed]`;
    expect(await same(body)).toEqual([null, 'ab', true]);
  });

  it('setEncoding gives text, whole characters only', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1').setEncoding('utf8'); const seen = [];
      socket.on('data', (text) => { seen.push(typeof text); });
      const euro = Buffer.from('€'); let text = '';
      socket.on('data', (more) => { text += more; });
      socket.write(euro.subarray(0, 1));
      setTimeout(() => socket.end(euro.subarray(1)), 20);
      await closeOf(socket); return [text, new Set(seen).size, seen[0]]`;
    expect(await same(body)).toEqual(['€', 1, 'string']);
  });

  it('async iteration that breaks closes the socket', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1'); socket.write('x');
      const closed = closeOf(socket);
      for await (const chunk of socket) break;
      await closed; return socket.destroyed`;
    expect(await same(body)).toBe(true);
  });
});

describe('a socket', () => {
  it('can be connected again after its close, as often as one likes', async () => {
    const body = `const socket = new net.Socket(); const states = []; const seen = [];
      for (let round = 0; round < 3; round++) {
        states.push(socket.readyState !== 'opening', socket.destroyed);
        socket.connect(echo, '127.0.0.1', () => seen.push('connected'));
        socket.write('round ' + round);
        socket.once('data', (bytes) => { seen.push(String(bytes)); socket.end(); });
        await closeOf(socket);
        seen.push(socket.bytesRead, socket.bytesWritten);
      }
      return [seen, states]`;
    const [seen] = (await same(body)) as [unknown[]];
    expect(seen).toEqual([0, 1, 2].flatMap((round) => ['connected', `round ${round}`, 7, 7]));
  });

  it('can be connected again after it has failed', async () => {
    const body = `const socket = new net.Socket(); const seen = eventsOf(socket, 'error', 'close', 'connect');
      socket.connect(closedPort, '127.0.0.1'); await closeOf(socket);
      socket.connect(hello, '127.0.0.1'); seen.push(await textOf(socket));
      return seen.flat().map((each) => each?.code ?? each).filter((each) => !['error', 'close', true, false].includes(each))`;
    expect(await same(body)).toEqual(['ECONNREFUSED', 'connect', 'hello']);
  });

  it('that has a large write under way when it is destroyed can be connected again', async () => {
    const body = `const socket = net.connect(unread, '127.0.0.1');
      const called = new Promise((resolve) => socket.write(Buffer.alloc(16 * 1024 * 1024), resolve));
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.on('error', () => {}).destroy(); await closeOf(socket); await called;
      socket.connect(counter, '127.0.0.1'); socket.end('abc'); return textOf(socket)`;
    expect(await same(body)).toBe('3');
  });

  it.each([
    'socket.setNoDelay()',
    'socket.setNoDelay(1)',
    'socket.setNoDelay(null)',
    'socket.setNoDelay(false)',
    'socket.setKeepAlive()',
    'socket.setKeepAlive(true)',
    'socket.setKeepAlive(true, 1000)',
    'socket.setKeepAlive("yes", "2000")',
    'socket.setKeepAlive(true, NaN)',
    'socket.setKeepAlive(true, Infinity)',
    'socket.setKeepAlive(true, -5)',
    'socket.setKeepAlive(false, undefined)',
    'socket.setKeepAlive({ enable: true, initialDelay: 1000 })',
    'socket.ref()',
    'socket.unref()',
    'socket.setTimeout(0)',
    'socket.setTimeout(5000, () => {})',
  ])('%s may be said before, while and after it connects', async (call) => {
    const body = `const socket = new net.Socket(); const same = [];
      same.push(${call} === socket);
      socket.connect(echo, '127.0.0.1');
      same.push(${call} === socket);
      await new Promise((resolve) => socket.once('connect', resolve));
      same.push(${call} === socket);
      socket.end('x');
      const text = await textOf(socket);
      same.push(${call} === socket);
      return [same, text]`;
    expect(await same(body)).toEqual([[true, true, true, true], 'x']);
  });

  it.each([
    '{ noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 }',
    '{ keepAlive: true, keepAliveInitialDelay: 0.5 }',
    '{ noDelay: 1, keepAlive: "yes" }',
  ])('takes the options %s', async (options) => {
    const body = `const socket = net.connect({ port: echo, host: '127.0.0.1', ...${options} }); socket.end('x'); return textOf(socket)`;
    expect(await same(body)).toBe('x');
  });
});

describe('setTimeout', () => {
  it('tells of each time that the socket is idle for so long, once', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1').resume(); let count = 0;
      const idle = () => new Promise((resolve) => socket.once('timeout', resolve));
      socket.setTimeout(40, () => count++); socket.on('timeout', () => count++);
      await idle();
      await new Promise((resolve) => setTimeout(resolve, 120));
      const first = count;
      socket.write('x');
      await idle();
      const { timeout } = socket;
      socket.destroy(); return [first, count, timeout, socket.timeout]`;
    // The listener that is handed over is called once only.
    expect(await same(body)).toEqual([2, 3, 40, 40]);
  });

  it('is put off by what comes and by what goes', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1').resume(); let isIdle = false; let longestMs = 0;
      socket.setTimeout(150, () => { isIdle = true; });
      for (let index = 0; index < 10; index++) {
        const started = Date.now();
        socket.write('x'); await new Promise((resolve) => setTimeout(resolve, 40));
        longestMs = Math.max(longestMs, Date.now() - started);
      }
      // On a machine that is busy it may have been idle indeed.
      const tooSoon = isIdle && longestMs < 140;
      if (!isIdle) await new Promise((resolve) => socket.once('timeout', resolve));
      socket.destroy(); return [tooSoon, isIdle]`;
    expect(await same(body)).toEqual([false, true]);
  });

  it('of 0 takes the timeout and the listener away', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1').resume(); let count = 0; const listener = () => count++;
      socket.setTimeout(30, listener); socket.setTimeout(0, listener);
      const left = socket.listenerCount('timeout');
      await new Promise((resolve) => setTimeout(resolve, 80));
      socket.destroy(); return [left, count]`;
    expect(await same(body)).toEqual([0, 0]);
  });

  it('ends nothing by itself, and is over with the socket', async () => {
    const body = `const socket = net.connect({ port: echo, host: '127.0.0.1', timeout: 250 }); let count = 0;
      socket.on('timeout', () => count++);
      await new Promise((resolve) => socket.once('timeout', resolve));
      socket.write('still here');
      const text = String(await new Promise((resolve) => socket.once('data', resolve)));
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 400)); return [text, count]`;
    expect(await same(body)).toEqual(['still here', 1]);
  });
});

describe('limits', () => {
  it('more than 50 sockets at once are refused, and those that are open go on', async () => {
    const body = `const sockets = Array.from({ length: 50 }, () => net.connect(echo, '127.0.0.1'));
      await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
      const refused = net.connect(echo, '127.0.0.1');
      const { code, message } = await new Promise((resolve) => refused.once('error', resolve));
      sockets[0].end('x');
      const first = await textOf(sockets[0]);
      const again = net.connect(hello, '127.0.0.1');
      return [code, message, first, await textOf(again)]`;
    expect(await guest(body)).toEqual([
      'ERR_TOO_MANY_OPERATIONS',
      'More than 50 sockets at once',
      'x',
      'hello',
    ]);
  });

  it('a flood of connects ends the script, and nobody else', async () => {
    const flood = `function getUser(id, context, callback) {
      const net = require('net');
      for (;;) net.connect(${servers.ports.echo}, '127.0.0.1').on('error', () => {}).destroy();
    }`;
    const { outcome } = await runSource(pool, flood, { connection: 'flood', wallMs: 3_000 });
    expect(['timeout', 'uncaught', 'out_of_memory']).toContain(outcome.kind);
    expect(await guest("return textOf(net.connect(hello, '127.0.0.1'))")).toBe('hello');
    expect(pool.stats().restarts).toBe(0);
    await expect.poll(() => servers.echo.connections()).toBe(0);
  });

  it('begin with the 250th socket of one execution', async () => {
    const body = `let count = 0; let failure;
      while (!failure) {
        const socket = net.connect(hello, '127.0.0.1');
        await new Promise((resolve) => socket.on('connect', resolve).on('error', (error) => { failure = error; resolve(); }));
        socket.destroy();
        if (!failure) count++;
      }
      return [count, failure.code, failure.message]`;
    expect(await guest(body)).toEqual([
      250,
      'ERR_TOO_MANY_OPERATIONS',
      'More than 250 sockets in one execution',
    ]);
  });
});

describe('an address that is out of bounds', () => {
  it.each([
    ['127.0.0.2', 5432, '127.0.0.2:5432'],
    ['::1', 5432, '[::1]:5432'],
    ['10.1.2.3', 80, '10.1.2.3:80'],
  ])(
    '%s reads like a port that nobody listens on; the log says which entry would allow it',
    async (host, port, entry) => {
      const job = jobOf(`function getUser(id, context, callback) {
      require('net').connect(${port}, '${host}').on('error', ({ message, code, errno, syscall, address, port }) =>
        callback(null, { message, code, errno, syscall, address, port }));
    }`);
      const { outcome } = await pool.execute(job);
      expect(JSON.parse((outcome as { result: string }).result)).toEqual({
        message: `connect ECONNREFUSED ${host}:${port}`,
        code: 'ECONNREFUSED',
        errno: -111,
        syscall: 'connect',
        address: host,
        port,
      });
      await expect
        .poll(() => job.events)
        .toContainEqual(
          expect.objectContaining({
            event: 'egress_blocked',
            level: 'warn',
            text: expect.stringMatching(
              `^tcp ${host.replaceAll('.', '\\.')}:${port}: .* add ${entry.replace('[', '\\[').replace(']', '\\]')} to DRAWBRIDGE_EGRESS_ALLOW$`,
            ),
          }),
        );
    },
  );
});
