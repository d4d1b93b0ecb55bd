import net, { type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { createSocketModule } from '../../../sandbox/host/modules/socket.ts';
import { timersModule } from '../../../sandbox/host/modules/timers.ts';
import { createSocketBudget } from '../../../sandbox/host/socket-budget.ts';
import { type Listening, listenOnLoopback } from '../../servers/listen.ts';
import { guestInProcess } from '../guest/guest-in-process.ts';
import { startTcpServers, type TcpServers } from '../guest/tcp-servers.ts';
import { pems, startTlsServers, type TlsServers } from '../guest/tls-servers.ts';
import { recordedTable } from './recorded-table.ts';

let tcp: TcpServers;
let secure: TlsServers;

beforeAll(async () => {
  tcp = await startTcpServers();
  secure = await startTlsServers();
});

afterAll(async () => {
  await tcp.close();
  await secure.close();
});

const host = '127.0.0.1';
const policy = createEgressPolicy({ allow: [host] });
const create = (limits = {}) =>
  recordedTable([createSocketModule({ sockets: createSocketBudget().of('acme'), policy, limits })]);

async function opened(port: number) {
  const recorded = create();
  const id = recorded.start('socket', { host, port });
  await expect.poll(() => recorded.typesOf(id)).toContain('connect');
  return { ...recorded, id };
}

describe('what is no request', () => {
  const huge = 'x'.repeat(2 * 1024 * 1024);
  const many = (value: unknown) => Array.from({ length: 200_000 }, () => value);
  const requests: [op: string, what: string, params: unknown][] = [
    ...['socket', 'tls'].flatMap((op) =>
      [null, 5, 'text', [], {}, { tls: 5 }].map((given): [string, string, unknown] => [
        op,
        JSON.stringify(given),
        given,
      ]),
    ),
    ['socket', 'a host that is a number', { host: 5, port: 80 }],
    ['socket', 'no host', { host: '', port: 80 }],
    ['socket', 'a host of 5,000 characters', { host: 'x'.repeat(5000), port: 80 }],
    ['socket', 'a port that is text', { host, port: '80' }],
    ['socket', 'half a port', { host, port: 80.5 }],
    ['socket', 'a port below 0', { host, port: -1 }],
    ['socket', 'a port that is too high', { host, port: 65_536 }],
    ['socket', 'a family there is not', { host, port: 80, family: 5 }],
    ['socket', 'noDelay that is text', { host, port: 80, noDelay: 'yes' }],
    ['socket', 'a delay below 0', { host, port: 80, keepAliveMs: -1 }],
    ['socket', 'a ca of 2 MB', { host, port: 80, tls: { ca: [huge] } }],
    ['socket', 'many numbers for ca', { host, port: 80, tls: { ca: many(5) } }],
    ['socket', 'many texts for ca', { host, port: 80, tls: { ca: many('x') } }],
    [
      'socket',
      'texts for ca of 1.2 MB together',
      { host, port: 80, tls: { ca: ['x'.repeat(600_000), 'x'.repeat(600_000)] } },
    ],
    ['socket', 'many protocols', { host, port: 80, tls: { alpn: many('h2') } }],
    ['socket', 'a protocol that is a number', { host, port: 80, tls: { alpn: [5] } }],
    ['socket', 'a key of 2 MB', { host, port: 80, tls: { key: [huge] } }],
    ['socket', 'ciphers of 2 MB', { host, port: 80, tls: { ciphers: huge } }],
    ['socket', 'rejectUnauthorized that is text', { host, port: 80, tls: { rejectUnauthorized: 'no' } }],
    ['tls', 'a server name of 2 MB', { tls: { servername: huge } }],
    ['tls', 'a version that is a number', { tls: { minVersion: 1.2 } }],
  ];

  it.each(requests)('%s of %s is refused with an error', async (op, _what, given) => {
    const recorded = create();
    const id = recorded.start(op, given);
    await expect.poll(() => recorded.typesOf(id)).toEqual(['failed']);
    expect(recorded.last(id)?.value).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
    expect(JSON.stringify(recorded.last(id)?.value).length).toBeLessThan(1_000);
    expect(recorded.table.holdsAny()).toBe(false);
  });

  it.each([
    ['tls with a key that is none', 'socket', { host, port: 80, tls: { key: ['rubbish'] } }],
    ['tls with ciphers that are none', 'socket', { host, port: 80, tls: { ciphers: 'NO-SUCH-CIPHER' } }],
    ['tls over a stream with a key that is none', 'tls', { tls: { cert: ['rubbish'], key: ['rubbish'] } }],
  ])('%s fails as in Node', async (_what, op, given) => {
    const recorded = create();
    const id = recorded.start(op, given);
    await expect.poll(() => recorded.last(id)?.value).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
    expect(recorded.table.holdsAny()).toBe(false);
  });

  const messages: [type: string, value: unknown][] = [
    ['read', 'x'],
    ['read', null],
    ['read', -5],
    ['read', 0],
    ['noDelay', 'x'],
    ['noDelay', undefined],
    ['keepAlive', 5],
    ['keepAlive', { enable: 1 }],
    ['keepAlive', { enable: true, delayMs: -1 }],
    ['tls', undefined],
    ['tls', { ca: 5 }],
    ['tls', { key: ['rubbish'] }],
  ];

  it.each(messages)('the message %s with %j ends the socket with an error', async (type, value) => {
    const { id, send, typesOf, last, table } = await opened(tcp.ports.silent);
    send(id, type, value);
    expect(typesOf(id).at(-1)).toBe('failed');
    expect(last(id)?.value).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
    expect(table.holdsAny()).toBe(false);
    await expect.poll(() => tcp.silent.connections()).toBe(0);
  });

  it.each([
    ['write', undefined],
    ['nothing', 5],
    ['wire', 5],
    ['done', undefined],
    ['failed', { message: 'x' }],
  ])('the message %s without bytes means nothing', async (type, value) => {
    const { id, send, textOf, table } = await opened(tcp.ports.echo);
    send(id, type, value);
    send(id, 'write', undefined, Buffer.from('still here'));
    await expect.poll(() => textOf(id)).toBe('still here');
    table.close();
  });

  it('a message that is no JSON ends the socket', async () => {
    const { id, table, typesOf } = await opened(tcp.ports.silent);
    table.message(id, 'read', '{', undefined);
    expect(typesOf(id).at(-1)).toBe('failed');
    table.message(999, 'read', '{', undefined);
  });

  it('what comes after the end of a socket means nothing', async () => {
    const { id, send, table, of } = await opened(tcp.ports.silent);
    table.cancel(id);
    const count = of(id).length;
    for (const type of ['write', 'end', 'read', 'tls', 'noDelay']) send(id, type, 5, Buffer.from('x'));
    table.cancel(id);
    expect(of(id)).toHaveLength(count);
    await expect.poll(() => tcp.silent.connections()).toBe(0);
  });

  it('a second upgrade and one of a TLS socket mean nothing', async () => {
    const recorded = create();
    const id = recorded.start('socket', { host, port: secure.ports.echo, tls: { ca: [pems.ca] } });
    await expect.poll(() => recorded.typesOf(id)).toContain('secure');
    recorded.send(id, 'tls', {});
    recorded.send(id, 'write', undefined, Buffer.from('still here'));
    await expect.poll(() => recorded.textOf(id)).toBe('still here');
    recorded.table.close();
  });

  it.each([
    ['tls.checkServerIdentity', null],
    ['tls.checkServerIdentity', { host: 5, certificate: {} }],
    ['tls.checkServerIdentity', { host: 'x', certificate: { subject: 5 } }],
    ['tls.checkContext', null],
    ['tls.checkContext', { tls: { ca: [5] } }],
  ])('%s of %j answers with an error', (op, given) => {
    const [json] = create().table.call(op, JSON.stringify(given), undefined);
    expect(JSON.parse(json)).toMatchObject({ ok: false, error: { code: 'ERR_INVALID_ARG_VALUE' } });
  });
});

describe('memory', () => {
  /** Sends without end, and waits for nothing but its client. */
  async function flooding(): Promise<Listening & { sent(): number }> {
    let sent = 0;
    const piece = Buffer.alloc(1024 * 1024);
    const server = net.createServer((socket: Socket) => {
      const write = () => {
        let goesOn = true;
        while (goesOn && !socket.destroyed) {
          sent += piece.byteLength;
          goesOn = socket.write(piece);
        }
      };
      socket.on('drain', write).resume();
      write();
    });
    return { ...(await listenOnLoopback(server)), sent: () => sent };
  }

  it('of the host is bounded by a window when a guest does not read', async () => {
    const server = await flooding();
    const { id, of, table, send } = await opened(server.port);
    const received = () => of(id).reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
    await expect.poll(received).toBeGreaterThan(256 * 1024);
    const first = received();
    expect(first).toBeLessThanOrEqual(256 * 1024 + 64 * 1024);
    // What a guest has read is sent on, and no more than that.
    send(id, 'read', first);
    await expect.poll(received).toBeGreaterThan(first + 256 * 1024);
    expect(received()).toBeLessThanOrEqual(2 * (256 * 1024 + 64 * 1024));
    table.close();
    await server.close();
  });

  it('a server that sends without end is cut off at 64 MB', async () => {
    const server = await flooding();
    const { id, events, send, last, table } = await opened(server.port);
    let received = 0;
    const readAll = () => {
      const bytes = events.splice(0).reduce((sum, each) => sum + (each.bytes?.byteLength ?? 0), 0);
      if (bytes > 0) send(id, 'read', bytes);
      received += bytes;
    };
    while (last(id)?.type !== 'failed') {
      readAll();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(last(id)?.value).toMatchObject({ code: 'ERR_SOCKET_BYTES_LIMIT' });
    expect(received).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(table.holdsAny()).toBe(false);
    await server.close();
  });

  it('is bounded when a guest writes more than its window lets through', async () => {
    const { id, send, last } = await opened(tcp.ports.unread);
    const piece = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 60; count++) send(id, 'write', undefined, piece);
    await expect
      .poll(() => last(id)?.value)
      .toMatchObject({
        code: 'ERR_SOCKET_BYTES_LIMIT',
        message: expect.stringContaining('wait to be written'),
      });
    tcp.unread.last()?.resume();
    await expect.poll(() => tcp.unread.connections()).toBe(0);
  });

  it('is bounded when a guest brings more over its own stream than TLS takes', async () => {
    const recorded = create();
    const id = recorded.start('tls', { tls: {} });
    const piece = Buffer.alloc(1024 * 1024, 0x16);
    for (let count = 0; count < 10 && recorded.last(id)?.type !== 'failed'; count++) {
      recorded.send(id, 'wire', undefined, piece);
    }
    expect(recorded.last(id)?.type).toBe('failed');
    expect(recorded.table.holdsAny()).toBe(false);
  });

  it('10,000 writes of a byte are answered by reports, not by as many events', async () => {
    const { id, send, events, table, textOf } = await opened(tcp.ports.counter);
    for (let count = 0; count < 10_000; count++) send(id, 'write', undefined, Buffer.from('x'));
    send(id, 'end');
    await expect.poll(() => textOf(id)).toBe('10000');
    expect(events.length).toBeLessThan(10);
    table.close();
  });
});

describe('the rest of an execution', () => {
  it('is waited for while a socket connects, a tenth of a second for an answer, and not after it', async () => {
    const recorded = create();
    const id = recorded.start('socket', { host, port: tcp.ports.echo });
    const restsInMs = () => recorded.table.restsAt(performance.now() + 1_000) - performance.now();
    expect(restsInMs()).toBe(Number.POSITIVE_INFINITY);
    await expect.poll(() => recorded.typesOf(id)).toContain('connect');
    expect(restsInMs()).toBeLessThanOrEqual(0);
    recorded.send(id, 'write', undefined, Buffer.from('x'));
    expect(restsInMs()).toBeGreaterThan(0);
    expect(restsInMs()).toBeLessThanOrEqual(100);
    await expect.poll(() => recorded.textOf(id)).toBe('x');
    expect(restsInMs()).toBeLessThanOrEqual(0);
    recorded.table.close();
  });

  it('is waited for while hands are shaken', async () => {
    const { id, send, table } = await opened(secure.ports.silent);
    send(id, 'tls', {});
    expect(table.restsAt(performance.now() + 1_000)).toBe(Number.POSITIVE_INFINITY);
    table.close();
  });

  it.each([
    ['that lies idle', [], false],
    ['that has been written to', ['write'], true],
    ['whose end has been said', ['end'], true],
  ])('a socket of an earlier execution %s may call the callback: %j', async (_which, messages, mayCall) => {
    const { id, send, table, attach } = await opened(tcp.ports.silent);
    expect(table.mayCall()).toBe(true);
    table.suspend();
    attach();
    for (const type of messages) send(id, type, undefined, Buffer.from('x'));
    expect(table.mayCall()).toBe(mayCall);
    table.close();
  });

  it('a socket that an earlier execution waits for an answer of may call it, too', async () => {
    const { id, send, table, attach } = await opened(tcp.ports.silent);
    send(id, 'write', undefined, Buffer.from('x'));
    table.suspend();
    attach();
    expect(table.mayCall()).toBe(true);
    table.close();
  });

  it('the time of upstreams is that of answers waited for, not that of a frozen context', async () => {
    const { id, send, table, attach, textOf } = await opened(tcp.ports.echo);
    send(id, 'write', undefined, Buffer.from('x'));
    await expect.poll(() => textOf(id)).toBe('x');
    const first = table.upstreamMs();
    expect(first).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(table.upstreamMs()).toBe(first);
    table.suspend();
    attach();
    expect(table.upstreamMs()).toBe(0);
    table.close();
  });
});

describe('connecting', () => {
  it('takes no longer than its limit: TCP and TLS together', async () => {
    const recorded = create({ connectTimeoutMs: 100 });
    const id = recorded.start('socket', { host, port: secure.ports.silent, tls: {} });
    await expect
      .poll(() => recorded.last(id))
      .toMatchObject({
        type: 'failed',
        value: {
          message: `connect ETIMEDOUT ${host}:${secure.ports.silent}`,
          code: 'ETIMEDOUT',
          props: { errno: -110, syscall: 'connect', address: host, port: secure.ports.silent },
        },
      });
    await expect.poll(() => secure.silent.connections()).toBe(0);
  });

  it('reads in a script as Node says it', async () => {
    const module = createSocketModule({
      sockets: createSocketBudget().of('acme'),
      policy,
      limits: { connectTimeoutMs: 50 },
    });
    const { guest, close } = await guestInProcess([module, timersModule]);
    const { tls } = await guest('modules/tls.ts');
    const socket = tls.connect({ host, port: secure.ports.silent });
    const error = await new Promise((resolve) => socket.on('error', resolve));
    expect(error).toMatchObject({ code: 'ETIMEDOUT', errno: -110, syscall: 'connect', address: host });
    close();
  });

  it('that stands in time is not cut off afterwards', async () => {
    const recorded = create({ connectTimeoutMs: 300 });
    const plain = recorded.start('socket', { host, port: tcp.ports.echo });
    const overTls = recorded.start('socket', { host, port: secure.ports.echo, tls: { ca: [pems.ca] } });
    await expect.poll(() => recorded.typesOf(overTls)).toContain('secure');
    await new Promise((resolve) => setTimeout(resolve, 400));
    for (const id of [plain, overTls]) recorded.send(id, 'write', undefined, Buffer.from('x'));
    await expect.poll(() => [recorded.textOf(plain), recorded.textOf(overTls)]).toEqual(['x', 'x']);
    recorded.table.close();
  });

  it('to an address that is out of bounds opens nothing', async () => {
    await expect.poll(() => tcp.echo.connections()).toBe(0);
    const recorded = recordedTable([
      createSocketModule({
        sockets: createSocketBudget().of('acme'),
        policy: createEgressPolicy({ allow: [] }),
      }),
    ]);
    const id = recorded.start('socket', { host, port: tcp.ports.echo });
    await expect.poll(() => recorded.last(id)?.value).toMatchObject({ code: 'ECONNREFUSED' });
    expect(recorded.log).toEqual([
      `egress_blocked warn tcp ${host}:${tcp.ports.echo}: ${host} is loopback; if scripts may reach it, add ${host}:${tcp.ports.echo} to DRAWBRIDGE_EGRESS_ALLOW`,
    ]);
    expect(tcp.echo.connections()).toBe(0);
  });
});
