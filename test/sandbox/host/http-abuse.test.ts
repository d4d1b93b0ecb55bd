import net from 'node:net';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { createHttpModule } from '../../../sandbox/host/modules/http.ts';
import { decompress } from '../../../sandbox/host/modules/http-decompress.ts';
import { createSocketBudget } from '../../../sandbox/host/socket-budget.ts';
import { createNetworkUpstream, type Upstream } from '../../../sandbox/host/upstream.ts';
import { type Listening, listenOnLoopback } from '../../servers/listen.ts';
import { scopeWith } from './operation-scope.ts';

const MB = 1024 * 1024;

describe('a decompression bomb', () => {
  const bombs = {
    gzip: zlib.gzipSync(Buffer.alloc(50 * MB)),
    deflate: zlib.deflateSync(Buffer.alloc(50 * MB)),
    br: zlib.brotliCompressSync(Buffer.alloc(50 * MB), {
      params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 },
    }),
    zstd: zlib.zstdCompressSync(Buffer.alloc(50 * MB)),
  };

  it.each(Object.entries(bombs))('of %s ends at the limit and is charged', async (encoding, bytes) => {
    const charged: number[] = [];
    const scope = scopeWith({ chargeCpu: (ms) => charged.push(ms) });
    await expect(decompress(bytes, encoding as 'gzip', MB, scope)).rejects.toMatchObject({
      code: 'ERR_HTTP_BODY_TOO_LARGE',
      maxBytes: MB,
    });
    expect(charged).toEqual([expect.closeTo(MB / 300_000)]);
  });

  it('that is small is not inflated on the thread of the process', async () => {
    // 4 KB that become 4 MB, which are allowed.
    const bytes = zlib.gzipSync(Buffer.alloc(4 * MB));
    expect(bytes.byteLength).toBeLessThan(8 * 1024);
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    const plain = await decompress(bytes, 'gzip', 10 * MB, scopeWith());
    clearInterval(counting);
    expect(plain.byteLength).toBe(4 * MB);
    expect(turns).toBeGreaterThan(0);
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'] as const)('%s of an ordinary body gives it', async (encoding) => {
    const text = Buffer.from('{"user_id":"1"}'.repeat(100));
    const make = {
      gzip: zlib.gzipSync,
      deflate: zlib.deflateRawSync,
      br: zlib.brotliCompressSync,
      zstd: zlib.zstdCompressSync,
    }[encoding];
    expect(Buffer.from(await decompress(make(text), encoding, MB, scopeWith()))).toEqual(text);
  });
});

describe('a server that', () => {
  let server: Listening;
  let upstream: Upstream;
  const paths: Record<string, (socket: net.Socket) => void> = {
    '/early-hints': (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'),
    '/a-few-hints': (socket) =>
      socket.write(
        `${'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'.repeat(20)}${ok('content-length: 2')}ok`,
      ),
    '/short-headers': (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'a:\r\n'.repeat(40_000)}`),
    '/endless': (socket) => {
      socket.write(ok('content-type: text/plain'));
      flood(socket, 'x'.repeat(64 * 1024));
    },
  };
  const ok = (headers: string) => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n`;
  function flood(socket: net.Socket, piece: string): void {
    const write = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', write);
    write();
  }

  beforeAll(async () => {
    server = await listenOnLoopback(
      net.createServer((socket) => {
        socket.on('data', (request) => paths[/^\S+ (\S+)/.exec(String(request))![1]!]?.(socket));
      }),
    );
    const sockets = createSocketBudget().of('acme');
    upstream = createNetworkUpstream({ policy: createEgressPolicy({ allow: ['127.0.0.1'] }), sockets });
  });
  afterAll(async () => {
    upstream.close();
    await server.close();
  });

  const paramsOf = (path: string) => ({
    method: 'GET',
    url: `http://127.0.0.1:${server.port}${path}`,
    headers: [],
    decompress: true,
    as: 'text',
    stream: false,
  });

  it('sends informational heads without an end is given up, one that sends a few is not', async () => {
    const { http } = createHttpModule({ upstream }).async!;
    const charged: number[] = [];
    await expect(
      http!(paramsOf('/early-hints'), undefined, scopeWith({ chargeCpu: (ms) => charged.push(ms) })),
    ).rejects.toMatchObject({ code: 'HPE_HEADER_OVERFLOW' });
    expect(charged).toContain(25);
    expect((await http!(paramsOf('/a-few-hints'), undefined, scopeWith())).payload).toBe('ok');
  });

  it('sends thousands of short headers does not hold up the thread', async () => {
    const { http } = createHttpModule({ upstream }).async!;
    const before = process.cpuUsage();
    for (let n = 0; n < 4; n++) {
      await expect(http!(paramsOf('/short-headers'), undefined, scopeWith())).rejects.toMatchObject({
        code: 'HPE_HEADER_OVERFLOW',
      });
    }
    // 2,800 ms when all that has been read is parsed.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_200);
  });

  it('sends bodies without an end fills no more than 64 MB of the process, and frees them', async () => {
    const { http } = createHttpModule({ upstream }).async!;
    const all = await Promise.all(
      Array.from({ length: 8 }, () => http!(paramsOf('/endless'), undefined, scopeWith())),
    );
    const codes = all.map(({ value }) => (value as { broken: { code: string; maxBytes?: number } }).broken);
    expect(codes.every(({ code }) => code === 'ERR_HTTP_BODY_TOO_LARGE')).toBe(true);
    const { value } = await http!(paramsOf('/endless'), undefined, scopeWith());
    expect(value).toMatchObject({ broken: { maxBytes: 10 * MB } });
  });

  it('sends more than an execution may receive', async () => {
    const { http } = createHttpModule({ upstream }).async!;
    let left = 3 * MB;
    const spendBytes = (bytes: number) => {
      left -= bytes;
      return left >= 0;
    };
    const { value } = await http!(paramsOf('/endless'), undefined, scopeWith({ spendBytes }));
    expect(value).toMatchObject({ broken: { code: 'ERR_SOCKET_BYTES_LIMIT' } });
    const streaming = http!({ ...paramsOf('/endless'), stream: true }, undefined, scopeWith({ spendBytes }));
    await expect(streaming).rejects.toMatchObject({ code: 'ERR_SOCKET_BYTES_LIMIT' });
  });
});
