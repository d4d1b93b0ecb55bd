import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { createHttpModule } from '../../../sandbox/host/modules/http.ts';
import type { Answer } from '../../../sandbox/host/operations.ts';
import { createSocketBudget } from '../../../sandbox/host/socket-budget.ts';
import {
  createNetworkUpstream,
  createParentUpstream,
  type Upstream,
} from '../../../sandbox/host/upstream.ts';
import { certificate, privateKey } from './http-certificate.ts';
import { scopeWith } from './operation-scope.ts';

interface Call {
  done: Promise<Answer>;
  charged: number[];
  events: { type: string; value: unknown; payload: unknown }[];
  log: string[];
  abort(): void;
  send(type: string, value: unknown): void;
  /** Waits for the event of this type. */
  next(type: string): Promise<void>;
}

function call(
  upstream: Upstream,
  params: object,
  options: { body?: Uint8Array; limits?: object } = {},
): Call {
  const { http } = createHttpModule({ upstream, ...(options.limits ? { limits: options.limits } : {}) })
    .async!;
  const controller = new AbortController();
  const events: Call['events'] = [];
  const log: string[] = [];
  const charged: number[] = [];
  const waiting = new Map<string, () => void>();
  let listener: (type: string, value: unknown, bytes: undefined) => void = () => {};
  const scope = scopeWith({
    signal: controller.signal,
    emit(type, value, payload) {
      events.push({ type, value, payload });
      waiting.get(type)?.();
    },
    onMessage(hear) {
      listener = hear;
    },
    log: (event, level, text) => log.push(`${event} ${level} ${text}`),
    upstreamStarted: () => () => log.push('ended'),
    chargeCpu: (ms) => charged.push(ms),
  });
  const whole = { method: 'GET', headers: [], decompress: true, as: 'text', stream: false, ...params };
  return {
    done: http!(whole, options.body, scope),
    events,
    log,
    charged,
    abort: () => controller.abort(),
    send: (type, value) => listener(type, value, undefined),
    next: (type) => new Promise((resolve) => waiting.set(type, resolve)),
  };
}

const allowed = createEgressPolicy({ allow: ['127.0.0.1', 'localhost'] });
let server: Server;
let origin: string;
let sockets = 0;
let upstream: Upstream;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://x');
    if (pathname === '/endless') {
      const more = () => {
        while (response.write(Buffer.alloc(16 * 1024))) {}
      };
      response.on('drain', more);
      return more();
    }
    if (pathname === '/bomb') {
      return response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(50 * 1024 * 1024)));
    }
    if (pathname === '/slow') return;
    if (pathname === '/headers') return response.setHeader('x-large', 'x'.repeat(20_000)).end();
    if (pathname === '/slow-body') return response.writeHead(200).write('head first');
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () =>
      response.end(`${request.method} ${request.url} ${request.rawHeaders.join('|')} ${Buffer.concat(body)}`),
    );
  });
  server.on('connection', () => sockets++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  upstream = createNetworkUpstream({ sockets: createSocketBudget().of('acme'), policy: allowed });
});

afterAll(() => {
  upstream.close();
  server.closeAllConnections();
  server.close();
});

describe('the operation http', () => {
  it('answers status, raw headers and the body', async () => {
    const { value, payload } = await call(upstream, { url: `${origin}/a?b=1` }).done;
    expect(value).toMatchObject({ status: 200, statusText: 'OK' });
    expect((value as { headers: string[] }).headers).toContain('Content-Length');
    expect(payload).toContain('GET /a?b=1');
  });

  it('sends a body with its length, whatever length the guest claims', async () => {
    const headers = [
      'Content-Length',
      '7',
      'Transfer-Encoding',
      'chunked',
      'X-A',
      'b',
      'Expect',
      '100-continue',
    ];
    const { payload } = await call(upstream, { url: origin, method: 'POST', headers, text: 'grüß' }).done;
    expect(payload).toMatch(/content-length\|6.* grüß$/);
    expect(payload).not.toMatch(/chunked|100-continue/);
  });

  it('keeps sockets alive within one upstream and shares none with another', async () => {
    await call(upstream, { url: origin }).done;
    const before = sockets;
    await call(upstream, { url: origin }).done;
    expect(sockets).toBe(before);
    const other = createNetworkUpstream({ sockets: createSocketBudget().of('acme'), policy: allowed });
    await call(other, { url: origin }).done;
    expect(sockets).toBe(before + 1);
    other.close();
  });

  it.each([
    ['a line break in a header value', { headers: ['X-A', 'a\r\nX-B: c'] }, 'ERR_INVALID_CHAR'],
    ['a line break in a header name', { headers: ['X-A\r\nX-B', 'c'] }, 'ERR_INVALID_HTTP_TOKEN'],
    ['a header without a value', { headers: ['X-A'] }, 'ERR_INVALID_ARG_VALUE'],
    ['a space in the method', { method: 'GET / HTTP/1.1' }, 'ERR_INVALID_HTTP_TOKEN'],
    ['a tunnel', { method: 'CONNECT' }, 'ERR_METHOD_NOT_IMPLEMENTED'],
    ['a space in the path', { path: '/ HTTP/1.1\r\nX: y' }, 'ERR_UNESCAPED_CHARACTERS'],
    ['a path that is another origin', { path: '@example.test/' }, 'ERR_INVALID_URL'],
    ['another scheme', { url: 'file:///etc/passwd' }, 'ERR_INVALID_PROTOCOL'],
    ['headers without end', { headers: ['X-A', 'a'.repeat(70_000)] }, 'ERR_HTTP_HEADERS_TOO_LARGE'],
  ])('refuses %s', async (_what, params, code) => {
    await expect(call(upstream, { url: origin, ...params }).done).rejects.toMatchObject({ code });
  });

  it.each([
    'http://0x7f.1',
    'http://2130706433',
    'http://017700000001',
    'http://127.1',
    'http://[::ffff:7f00:1]',
    'http://[::1]',
  ])('refuses %s by the policy and says why in the log alone', async (url) => {
    const closed = createNetworkUpstream({
      sockets: createSocketBudget().of('acme'),
      policy: createEgressPolicy({ allow: [] }),
    });
    const { done, log } = call(closed, {
      url: `${url}:81/secret?key=1`,
      headers: ['Authorization', 'Bearer t'],
    });
    await expect(done).rejects.toMatchObject({ code: 'ECONNREFUSED', port: 81 });
    expect(log[0]).toMatch(
      /^egress_blocked warn GET http:.*: .* is loopback; if scripts may reach it, add .*:81 to DRAWBRIDGE_EGRESS_ALLOW$/,
    );
    expect(log.join()).not.toMatch(/secret|key|Bearer/);
    closed.close();
  });

  it('logs method, address, status and time without the query', async () => {
    const { done, log } = call(upstream, { url: `${origin}/users?email=jane@example.com` });
    await done;
    expect(log[0]).toMatch(new RegExp(`^upstream debug GET ${origin}/users 200 \\d+ ms$`));
    expect(log[1]).toBe('ended');
  });

  it('gives Node the code of a refused connection, with address and port', async () => {
    const free = createTcpServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    await expect(call(upstream, { url: `http://127.0.0.1:${port}` }).done).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
      address: '127.0.0.1',
      port,
    });
  });

  it('stops at the limit on the response', async () => {
    const { value } = await call(
      upstream,
      { url: `${origin}/endless` },
      { limits: { responseBytes: 100_000 } },
    ).done;
    expect(value).toMatchObject({ status: 200, broken: { maxBytes: 100_000 } });
  });

  it('stops inflating at the limit', async () => {
    const { value } = await call(upstream, { url: `${origin}/bomb` }).done;
    expect(value).toMatchObject({ broken: { code: 'ERR_HTTP_BODY_TOO_LARGE', maxBytes: 10 * 1024 * 1024 } });
  });

  it('stops inflating at the limit when it streams', async () => {
    const { done, send, events } = call(upstream, { url: `${origin}/bomb`, stream: true, as: 'bytes' });
    const readAll = () => {
      const unread = events.splice(0).filter(({ type }) => type === 'chunk');
      for (const { payload } of unread) send('more', (payload as Uint8Array).byteLength);
    };
    const reader = setInterval(readAll, 1);
    await done.then(
      ({ value }) => expect(value).toMatchObject({ broken: { maxBytes: 10 * 1024 * 1024 } }),
      (error) => expect(error).toMatchObject({ code: 'ERR_HTTP_BODY_TOO_LARGE' }),
    );
    clearInterval(reader);
  });

  it('refuses a request body over the limit', async () => {
    const { done } = call(
      upstream,
      { url: origin, method: 'POST' },
      { body: new Uint8Array(101), limits: { requestBytes: 100 } },
    );
    await expect(done).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_TOO_LARGE' });
  });

  it('refuses a response header over the limit', async () => {
    await expect(call(upstream, { url: `${origin}/headers` }).done).rejects.toMatchObject({
      code: 'HPE_HEADER_OVERFLOW',
    });
  });

  it('gives up after timeoutMs without a head', async () => {
    const { done } = call(upstream, { url: `${origin}/slow`, timeoutMs: 20 });
    await expect(done).rejects.toMatchObject({ code: 'ETIMEDOUT', reason: 'deadline' });
  });

  it('ends when its execution does', async () => {
    const { done, abort } = call(upstream, { url: `${origin}/slow` });
    abort();
    await expect(done).rejects.toMatchObject({ code: 'ABORT_ERR' });
  });

  it('sends the head before the body when the body is slow', async () => {
    const streaming = call(upstream, { url: `${origin}/slow-body`, stream: true });
    await streaming.next('head');
    expect(streaming.events[0]!.value).toMatchObject({ status: 200 });
    streaming.abort();
    await streaming.done.catch(() => {});
  });

  it('sends a small body together with its head', async () => {
    const { done, events } = call(upstream, { url: origin, stream: true });
    expect((await done).payload).toContain('GET /');
    expect(events).toEqual([]);
  });

  it('stops reading when the guest does, and goes on when it does', async () => {
    const streaming = call(
      upstream,
      { url: `${origin}/endless`, stream: true, as: 'bytes' },
      { limits: { responseBytes: 2 ** 30 } },
    );
    const sent = () =>
      streaming.events.reduce(
        (sum, { payload }) => sum + ((payload as Uint8Array | undefined)?.byteLength ?? 0),
        0,
      );
    await streaming.next('head');
    while (sent() <= 256 * 1024) await streaming.next('chunk');
    const stopped = sent();
    // More than a full window is under way only after the guest has read some.
    expect(stopped).toBeLessThan(256 * 1024 + 65 * 1024);
    streaming.send('more', stopped);
    await streaming.next('chunk');
    expect(sent()).toBeGreaterThan(stopped);
    streaming.abort();
    await streaming.done.catch(() => {});
  });

  it('gives text where that loses nothing and bytes where it would', async () => {
    expect(typeof (await call(upstream, { url: origin, as: 'auto' }).done).payload).toBe('string');
    const parent = createParentUpstream(
      async () => ({
        status: 200,
        statusText: '',
        headers: [],
        body: Buffer.from([255]),
      }),
      allowed,
    );
    expect((await call(parent, { url: origin, as: 'auto' }).done).payload).toEqual(Buffer.from([255]));
  });
});

describe('TLS', () => {
  const tls = createTlsServer({ key: privateKey, cert: certificate }, (_request, response) =>
    response.end('over TLS'),
  );
  beforeAll(async () => {
    tls.listen(0, '127.0.0.1');
    await once(tls, 'listening');
  });
  afterAll(() => {
    tls.closeAllConnections();
    tls.close();
  });
  const url = () => `https://localhost:${(tls.address() as AddressInfo).port}`;

  it('refuses a certificate that nobody vouches for', async () => {
    await expect(call(upstream, { url: url() }).done).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it.each([
    ['the certificate as its authority', { ca: [certificate] }],
    ['rejectUnauthorized: false', { rejectUnauthorized: false }],
  ])('accepts it with %s, for these requests alone', async (_what, options) => {
    expect((await call(upstream, { url: url(), tls: options }).done).payload).toBe('over TLS');
    await expect(call(upstream, { url: url() }).done).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });
});

describe('TLS settings', () => {
  it('that cannot be used fail the request alone, before anything is sent', async () => {
    for (const tls of [{ cert: ['no certificate'] }, { key: ['no key'] }, { ciphers: 'nope' }]) {
      await expect(call(upstream, { url: 'https://localhost:1', tls }).done).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_/),
      });
    }
    expect((await call(upstream, { url: `${origin}/text` }).done).value).toMatchObject({ status: 200 });
  });

  it('are bounded, and their reading is charged', async () => {
    const bundle = certificate.repeat(500);
    const many = call(upstream, { url: 'https://localhost:1', tls: { ca: [bundle] } });
    await expect(many.done).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(many.charged[0]).toBeGreaterThan(1);
    await expect(
      call(upstream, { url: 'https://localhost:1', tls: { ca: [bundle, bundle] } }).done,
    ).rejects.toThrow('is too long');
  });
});

describe('the upstream of the testkit', () => {
  it('hands the request to the parent and answers what it says', async () => {
    const asked: unknown[] = [];
    const parent = createParentUpstream(async (request) => {
      asked.push(request);
      return { status: 201, statusText: 'Made', headers: ['X-From', 'parent'], body: Buffer.from('hello') };
    }, allowed);
    const params = {
      url: 'https://upstream.test/users?a=1',
      method: 'POST',
      headers: ['X-A', 'b'],
      text: '{}',
    };
    const answer = await call(parent, params).done;
    expect(answer).toEqual({
      value: { status: 201, statusText: 'Made', headers: ['X-From', 'parent'] },
      payload: 'hello',
    });
    expect(asked).toMatchObject([
      { method: 'POST', origin: 'https://upstream.test', path: '/users?a=1', headers: ['X-A', 'b'] },
    ]);
  });

  it('hands on the errors of the parent', async () => {
    const parent = createParentUpstream(
      () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
      allowed,
    );
    await expect(call(parent, { url: 'https://upstream.test/' }).done).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });
});
