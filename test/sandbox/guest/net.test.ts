import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { inBoth, inIsolate } from './node-and-guest.ts';
import { startTcpServers, type TcpServers } from './tcp-servers.ts';

let pool: Pool;
let servers: TcpServers;

beforeAll(async () => {
  servers = await startTcpServers();
  pool = await createTestPool({ egressAllow: ['127.0.0.1', 'localhost'] });
});

afterAll(async () => {
  await pool?.close();
  await servers.close();
});

/** What the body answers in an isolate, when that is what it answers in Node. */
async function same(body: string): Promise<unknown> {
  const { node, guest } = await inBoth(pool, `const net = require('net');\n${body}`, servers.ports);
  expect(guest).toEqual(node);
  return guest;
}

describe('connect', () => {
  it.each([
    'net.connect(hello)',
    "net.connect(hello, '127.0.0.1')",
    "net.connect(String(hello), '127.0.0.1')",
    "net.createConnection({ port: hello, host: '127.0.0.1' })",
    'net.connect({ port: hello })',
    'net.connect({ port: hello, family: 4 })',
    "new net.Socket().connect({ port: hello, host: 'localhost' })",
    "new net.Stream().connect(hello, '127.0.0.1')",
  ])('%s', async (call) => {
    expect(await same(`return textOf(${call})`)).toBe('hello');
  });

  it.each([
    'net.connect(hello, done)',
    "net.connect(hello, '127.0.0.1', done)",
    'net.connect({ port: hello }, done)',
    "new net.Socket().connect(hello, '127.0.0.1', done)",
  ])('%s calls its listener', async (call) => {
    const body = `return new Promise((resolve) => { const done = function () { resolve([this === socket, arguments.length]); this.destroy(); };
      const socket = ${call}; })`;
    expect(await same(body)).toEqual([true, 0]);
  });

  it.each([
    'net.connect()',
    'net.connect({})',
    'net.connect({ port: -1 })',
    'net.connect({ port: 65536 })',
    "net.connect({ port: 'x' })",
    'net.connect({ port: 1.5 })',
    'net.connect({ port: null })',
    'net.connect({ port: {} })',
    "net.connect({ port: hello, lookup: 'x' })",
    'net.connect({ port: hello, host: 5 })',
    "net.connect({ port: hello, host: 'a\\0b' })",
  ])('%s throws as it does in Node', async (call) => {
    const body = `try { ${call}.on('error', () => {}).destroy(); return 'nothing is thrown' } catch ({ name, code }) { return [name, code] }`;
    expect(await same(body)).toEqual([expect.stringMatching(/Error$/), expect.stringMatching(/^ERR_/)]);
  });

  it.each(["net.connect('/run/server.sock')", "net.connect({ path: '/run/server.sock' })"])(
    '%s is refused by name',
    async (call) => {
      const body = `try { require('net').${call.slice(4)} } catch ({ code, message }) { return [code, message] }`;
      expect(await inIsolate(pool, body)).toEqual([
        'ERR_METHOD_NOT_IMPLEMENTED',
        expect.stringContaining('a socket that is a file (the option path) is not available'),
      ]);
    },
  );

  it('tells what Node tells of a connection', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1');
      const before = [socket.connecting, socket.pending, socket.readyState, socket.remoteAddress, socket.address()];
      await new Promise((resolve) => socket.once('connect', resolve));
      const { remoteAddress, remoteFamily, remotePort, localAddress, localFamily } = socket;
      const during = [socket.connecting, socket.pending, socket.readyState, remoteAddress, remoteFamily, remotePort === echo,
        localAddress, localFamily, socket.address().port === socket.localPort, Object.keys(socket.address()).sort()];
      socket.write('four');
      await new Promise((resolve) => socket.once('data', resolve));
      const { bytesRead, bytesWritten } = socket;
      socket.end();
      const halfOpen = socket.readyState;
      await closeOf(socket.resume());
      return { before, during, bytesRead, bytesWritten, halfOpen,
        after: [socket.readyState, socket.destroyed, socket.bytesRead, socket.bytesWritten, socket.pending] }`;
    expect(await same(body)).toMatchObject({
      during: [false, false, 'open', '127.0.0.1', 'IPv4', true, '127.0.0.1', 'IPv4', true, expect.any(Array)],
      bytesRead: 4,
      bytesWritten: 4,
      halfOpen: 'readOnly',
    });
  });

  it('takes the address that the option lookup finds', async () => {
    const body = `const asked = [];
      const lookup = (name, options, callback) => {
        asked.push(name, typeof options);
        const found = { address: '127.0.0.1', family: 4 };
        callback(null, options.all ? [found] : found.address, 4);
      };
      const socket = net.connect({ port: hello, host: 'db.example', lookup });
      return [await textOf(socket), asked]`;
    expect(await same(body)).toEqual(['hello', ['db.example', 'object']]);
  });

  it.each([
    "callback(Object.assign(new Error('mine'), { code: 'EMINE' }))",
    "callback(null, options.all ? [{ address: 'nowhere', family: 4 }] : 'nowhere', 4)",
  ])('fails when lookup answers %s', async (answer) => {
    const body = `const lookup = (name, options, callback) => ${answer};
      const socket = net.connect({ port: hello, host: 'db.example', lookup });
      const seen = eventsOf(socket, 'connect', 'error', 'close');
      await closeOf(socket); return seen`;
    expect(await same(body)).toEqual([
      ['error', expect.objectContaining({ code: expect.stringMatching(/^E/) })],
      ['close', true],
    ]);
  });

  it('takes dns.lookup for the option lookup', async () => {
    const body =
      "return textOf(net.connect({ port: hello, host: 'localhost', lookup: require('dns').lookup }))";
    expect(await same(body)).toBe('hello');
  });

  it.each([
    [
      'before',
      "controller.abort(); const socket = net.connect({ port: silent, host: '127.0.0.1', signal: controller.signal })",
    ],
    [
      'while it connects',
      "const socket = net.connect({ port: silent, host: '127.0.0.1', signal: controller.signal }); controller.abort()",
    ],
    [
      'later',
      `const socket = net.connect({ port: silent, host: '127.0.0.1', signal: controller.signal });
       await new Promise((resolve) => socket.once('connect', resolve)); controller.abort()`,
    ],
  ])('is ended by a signal that is aborted %s', async (_when, abort) => {
    const body = `const controller = new AbortController(); ${abort};
      const seen = eventsOf(socket, 'error', 'close');
      await closeOf(socket); return seen.map(([name, error]) => [name, error?.name, error?.code])`;
    expect(await same(body)).toEqual([
      ['error', 'AbortError', 'ABORT_ERR'],
      ['close', null, null],
    ]);
  });
});

describe('events', () => {
  const names = "'lookup', 'connect', 'ready', 'data', 'finish', 'end', 'error', 'timeout', 'close'";

  it.each([
    ['an echo', "const socket = net.connect(echo, '127.0.0.1'); const seen = EVENTS; socket.end('hi')"],
    ['a name', "const socket = net.connect(hello, 'localhost'); const seen = EVENTS; socket.end('hi')"],
    ['a server that ends first', "const socket = net.connect(hello, '127.0.0.1'); const seen = EVENTS"],
    [
      'a server that ends first, with allowHalfOpen',
      `const socket = net.connect({ port: hello, host: '127.0.0.1', allowHalfOpen: true }); const seen = EVENTS;
       socket.once('end', () => { seen.push([socket.writable, socket.readyState]); socket.end('bye') })`,
    ],
    [
      'destroy while connecting',
      "const socket = net.connect(echo, '127.0.0.1'); const seen = EVENTS; socket.destroy()",
    ],
    [
      'destroy with an error',
      `const socket = net.connect(echo, '127.0.0.1'); const seen = EVENTS;
       socket.on('connect', () => socket.destroy(Object.assign(new Error('mine'), { code: 'EMINE' })))`,
    ],
    [
      'destroySoon',
      "const socket = net.connect(counter, '127.0.0.1'); const seen = EVENTS; socket.write('abc'); socket.destroySoon()",
    ],
    [
      'end in the connect listener',
      "const socket = net.connect(counter, '127.0.0.1'); const seen = EVENTS; socket.on('connect', () => socket.end('abc'))",
    ],
    ['nobody listens', "const socket = net.connect(closedPort, '127.0.0.1'); const seen = EVENTS"],
    [
      'a write before nobody listens',
      `const socket = net.connect(closedPort, '127.0.0.1'); const seen = EVENTS;
       socket.write('lost', (error) => seen.push(['written', told(error)]))`,
    ],
    [
      'a reset',
      "const socket = net.connect(reset, '127.0.0.1'); const seen = EVENTS; socket.write('go away')",
    ],
    [
      'data that is not read when the server ends',
      `const socket = net.connect(hello, '127.0.0.1'); socket.pause(); const seen = EVENTS; socket.pause();
       setTimeout(() => { seen.push('resume'); socket.resume(); }, 50)`,
    ],
  ])('come as in Node: %s', async (_case, start) => {
    const body = `${start.replaceAll('EVENTS', `eventsOf(socket, ${names})`)};
      await closeOf(socket);
      // When the last bytes have left, in relation to those that come, is the network's affair.
      const isFinish = ([name]) => name === 'finish';
      return { seen: seen.filter((each) => !isFinish(each)), finished: seen.filter(isFinish) }`;
    expect(await same(body)).toMatchObject({
      seen: expect.arrayContaining([['close', expect.any(Boolean)]]),
    });
  });
});

describe('errors', () => {
  const failing = (socket: string, after = '') =>
    `const socket = ${socket}; const seen = eventsOf(socket, 'error', 'close'); ${after}; await closeOf(socket); return seen`;

  it('ECONNREFUSED', async () => {
    expect(await same(failing("net.connect(closedPort, '127.0.0.1')"))).toEqual([
      [
        'error',
        expect.objectContaining({
          code: 'ECONNREFUSED',
          errno: -111,
          syscall: 'connect',
          address: '127.0.0.1',
          port: servers.closedPort,
        }),
      ],
      ['close', true],
    ]);
  });

  it('of a name that does not exist', async () => {
    // ENOTFOUND, or EAI_AGAIN on a machine that has no name server.
    expect(await same(failing("net.connect(80, 'nowhere.invalid')"))).toEqual([
      ['error', expect.objectContaining({ syscall: 'getaddrinfo', hostname: 'nowhere.invalid' })],
      ['close', true],
    ]);
  });

  it('ECONNRESET', async () => {
    expect(await same(failing("net.connect(reset, '127.0.0.1')", "socket.write('x')"))).toEqual([
      ['error', expect.objectContaining({ code: 'ECONNRESET', errno: -104, syscall: 'read' })],
      ['close', true],
    ]);
  });

  it('EPIPE when the other side has ended', async () => {
    const body = failing(
      "net.connect(hello, '127.0.0.1')",
      `socket.resume(); await new Promise((resolve) => socket.once('end', resolve));
       for (let turn = 0; turn < 10; turn++) await null;
       seen.push(socket.write('late', (error) => seen.push(told(error))))`,
    );
    const seen = await same(body);
    expect(seen).toContainEqual(['error', expect.objectContaining({ code: 'EPIPE' })]);
  });

  it.each([
    ['of a socket that was never connected', 'const socket = new net.Socket()'],
    ['after end', "const socket = net.connect(echo, '127.0.0.1'); socket.end()"],
    ['after destroy', "const socket = net.connect(echo, '127.0.0.1'); socket.destroy()"],
  ])('of a write %s', async (_case, start) => {
    const body = `${start}; const seen = eventsOf(socket, 'error', 'close');
      await new Promise((resolve) => socket.write('late', (error) => { seen.push(told(error)); resolve() }));
      if (!seen.some((each) => each[0] === 'close')) await closeOf(socket.resume());
      return [seen.filter(Array.isArray), seen.filter((each) => !Array.isArray(each))]`;
    const [, [error]] = (await same(body)) as [unknown, [unknown]];
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
  });
});
