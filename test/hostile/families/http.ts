import type { Socket } from 'node:net';
import zlib from 'node:zlib';
import type { Attack, Expected, Family } from '../attack.ts';
import { login } from '../attack.ts';
import { flood, rawServer, startBeside } from '../network-servers.ts';

/** HTTP that is not what it should be: from the server to the script, and from the script to the server. */

/** `get(path)` answers status and length of the body, or the code of the error. */
const script = (name: string, body: string, user_id: string, withinMs?: number, ms = 1_400): Attack => ({
  name,
  script: `async ${login(`const http = require('http'), axios = require('axios');
    const port = Number(configuration.PORT), host = '127.0.0.1', ms = ${ms}, base = 'http://127.0.0.1:' + port + '/';
    const say = (text) => callback(null, { user_id: String(text).split(' ').join('_').slice(0, 200) });
    const codeOf = (error) => (error.cause && error.cause.code) || error.code || error.message;
    const options = { validateStatus: null, timeout: ms, responseType: 'text', transformResponse: [] };
    const viaAxios = (path) => axios.get(base + path, options).then((r) => r.status + ':' + r.data.length, codeOf);
    const viaFetch = (path) => fetch(base + path, { signal: AbortSignal.timeout(ms) })
      .then(async (r) => r.status + ':' + (await r.text()).length).catch((e) => codeOf(e) === 23 ? 'TimeoutError' : codeOf(e));
    const both = async (path) => (await Promise.all([viaAxios(path), viaFetch(path)])).join();
    const raw = (options) => new Promise((done) => {
      try {
        const request = http.request({ host, port, path: '/echo', ...options }, (response) => {
          let text = ''; response.on('data', (c) => { text += c; }).on('end', () => done(text)).on('error', (e) => done(e.code));
        });
        request.on('error', (e) => done(e.code));
        request.end(options.body);
      } catch (error) { done(error.code); }
    });
    ${body}`)}`,
  expect: { code: 'ok', user: { user_id } },
  ...(withinMs === undefined ? {} : { withinMs }),
});

const failing = (name: string, body: string, expected: Expected): Attack => ({
  ...script(name, body, ''),
  expect: expected,
  withinMs: 4_000,
});

/** Both clients' word on a path; what never ends is given up after `ms`. */
const answer = (name: string, path: string, user_id: string, ms?: number) =>
  script(name, `say(await both('${path}'));`, user_id, 4_000, ms);

const head = (more: string) => `HTTP/1.1 200 OK\r\n${more}\r\n\r\n`;
const zeros = Buffer.alloc(64e6);
const sendAll = (encoding: string, bytes: Buffer) => (socket: Socket) => {
  socket.write(head(`content-encoding: ${encoding}\r\ncontent-length: ${bytes.length}`));
  socket.write(bytes);
};
const bombs = {
  gzip: zlib.gzipSync(zeros),
  deflate: zlib.deflateSync(zeros),
  br: zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
  zstd: zlib.zstdCompressSync(zeros),
};

const answers: Record<string, (socket: Socket, request: string) => void> = {
  echo: (socket, request) => socket.end(`${head(`content-length: ${request.length}`)}${request}`),
  informational: (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(500)),
  continues: (socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(500)),
  'slow-head': (socket) => socket.write('HTTP/1.1 200 OK\r\nx-a'),
  silence: () => {},
  'huge-head': (socket) => socket.write(`HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(100_000)}\r\n\r\n`),
  'endless-head': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    flood(socket, 'x-a: b\r\n'.repeat(1_000));
  },
  cookies: (socket) => socket.write(head(`${'set-cookie: a=b\r\n'.repeat(5_000)}content-length: 0`)),
  'endless-body': (socket) => {
    socket.write(head('content-type: text/plain'));
    flood(socket, Buffer.alloc(64 * 1024, 'HPE_HEADER_OVERFLOW,HPE_HEADER_OVERFLOW'));
  },
  'endless-chunks': (socket) => {
    socket.write(head('transfer-encoding: chunked'));
    flood(socket, '1\r\nx\r\n'.repeat(1_000));
  },
  'endless-extension': (socket) => {
    socket.write(`${head('transfer-encoding: chunked')}1;`);
    flood(socket, 'a'.repeat(64 * 1024));
  },
  'endless-trailer': (socket) => {
    socket.write(`${head('transfer-encoding: chunked')}1\r\nx\r\n0\r\n`);
    flood(socket, 'x-a: b\r\n'.repeat(1_000));
  },
  'slow-body': (socket) => socket.write(`${head('content-length: 10')}123`),
  short: (socket) => socket.end(`${head('content-length: 10')}123`),
  long: (socket) => socket.write(`${head('content-length: 3')}123${head('content-length: 6')}second`),
  'no-content': (socket) => socket.write('HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello'),
  'not-modified': (socket) => socket.write('HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nhello'),
  switching: (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  negative: (socket) => socket.write(`${head('content-length: -1')}x`),
  'two-lengths': (socket) => socket.write(`${head('content-length: 3\r\ncontent-length: 5')}hello`),
  'both-framings': (socket) =>
    socket.write(`${head('content-length: 3\r\ntransfer-encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`),
  'wrong-chunk': (socket) => socket.write(`${head('transfer-encoding: chunked')}zz\r\nx`),
  'huge-chunk': (socket) => socket.write(`${head('transfer-encoding: chunked')}ffffffffffffffffff\r\nx`),
  nul: (socket) => socket.write(head('x-a: a\0b\r\ncontent-length: 0')),
  nonsense: (socket) => socket.write('\x16\x03\x01\x02\x00 no http at all\r\n\r\n'),
  status: (socket) => socket.write('HTTP/1.1 99999 What\r\ncontent-length: 0\r\n\r\n'),
  nested: sendAll('gzip, gzip', zlib.gzipSync(zlib.gzipSync(Buffer.from('plain')))),
  'wrong-gzip': sendAll('gzip', Buffer.from('this is not gzip')),
  ...Object.fromEntries(
    Object.entries(bombs).map(([encoding, bytes]) => [encoding, sendAll(encoding, bytes)]),
  ),
};

export const family: Family = {
  name: 'http',
  servers: () => startBeside(rawServer(answers)),
  attacks: [
    answer(
      'informational answers without an end',
      'informational',
      'HPE_HEADER_OVERFLOW,HPE_HEADER_OVERFLOW',
    ),
    answer('100 Continue without an end', 'continues', 'ECONNRESET,ECONNRESET'),
    answer('a head that does not come to its end', 'slow-head', 'ECONNABORTED,TimeoutError', 500),
    answer('no answer', 'silence', 'ECONNABORTED,TimeoutError', 500),
    answer('a head of 100 KB', 'huge-head', 'HPE_HEADER_OVERFLOW,HPE_HEADER_OVERFLOW'),
    answer('a head without an end', 'endless-head', 'HPE_HEADER_OVERFLOW,HPE_HEADER_OVERFLOW'),
    answer('5,000 cookies', 'cookies', 'HPE_HEADER_OVERFLOW,HPE_HEADER_OVERFLOW'),
    answer('a body without an end', 'endless-body', 'ERR_BAD_RESPONSE,ERR_HTTP_BODY_TOO_LARGE'),
    answer('a chunk extension without an end', 'endless-extension', 'ERR_BAD_RESPONSE,TimeoutError', 500),
    answer('a trailer without an end', 'endless-trailer', 'HPE_HEADER_OVERFLOW,HPE_HEADER_OVERFLOW'),
    answer('a body that does not come to its end', 'slow-body', 'ERR_BAD_RESPONSE,TimeoutError', 500),
    answer('a body that is shorter than it says', 'short', 'ERR_BAD_RESPONSE,ECONNRESET'),
    answer('a body that is longer than it says', 'long', '200:3,200:3'),
    answer('204 with a body', 'no-content', '204:0,204:0'),
    answer('304 with a body', 'not-modified', '304:0,304:0'),
    answer('a change of protocols that nobody asked for', 'switching', 'ECONNRESET,ECONNRESET'),
    answer('a negative length', 'negative', 'HPE_INVALID_CONSTANT,HPE_INVALID_CONSTANT'),
    answer('two lengths', 'two-lengths', 'ECONNRESET,ECONNRESET'),
    answer('a length and chunks', 'both-framings', 'ECONNRESET,ECONNRESET'),
    answer('a chunk of no size', 'wrong-chunk', 'HPE_INVALID_CONSTANT,HPE_INVALID_CONSTANT'),
    answer('a chunk of more than there can be', 'huge-chunk', 'HPE_INVALID_CONSTANT,HPE_INVALID_CONSTANT'),
    answer('NUL in a header', 'nul', 'HPE_INVALID_CONSTANT,HPE_INVALID_CONSTANT'),
    answer('what is no HTTP', 'nonsense', 'HPE_INVALID_CONSTANT,HPE_INVALID_CONSTANT'),
    answer('a status that there is not', 'status', 'HPE_INVALID_CONSTANT,HPE_INVALID_CONSTANT'),
    answer('a gzip bomb', 'gzip', 'ERR_BAD_RESPONSE,ERR_HTTP_BODY_TOO_LARGE'),
    answer('a deflate bomb', 'deflate', 'ERR_BAD_RESPONSE,ERR_HTTP_BODY_TOO_LARGE'),
    answer('a Brotli bomb', 'br', 'ERR_BAD_RESPONSE,ERR_HTTP_BODY_TOO_LARGE'),
    answer('a Zstandard bomb', 'zstd', 'ERR_BAD_RESPONSE,ERR_HTTP_BODY_TOO_LARGE'),
    answer('an encoding in an encoding', 'nested', '200:41,200:41'),
    answer('what is no gzip', 'wrong-gzip', 'Z_DATA_ERROR,Z_DATA_ERROR'),
    failing('chunks of one byte without an end', "await viaFetch('endless-chunks'); say('1');", {
      code: 'script_error',
      detail: /^More than 4000 timers and requests have ended while the script was busy$/,
    }),
    script(
      'a hundred bodies without an end, side by side',
      "const all = await Promise.all(Array.from({ length: 100 }, () => viaAxios('endless-body'))); const bounds = ['ERR_SOCKET_BYTES_LIMIT', 'ERR_BAD_RESPONSE', 'ECONNABORTED']; say(all.includes(bounds[0]) && all.every((one) => bounds.includes(one)));",
      'true',
      4_000,
    ),
    failing(
      'sixty bombs side by side',
      "const all = await Promise.all(Array.from({ length: 60 }, () => viaAxios('gzip'))); say([...new Set(all)].sort().join());",
      {
        code: 'script_timeout',
        // On a slow machine the one limit comes first, on a fast one the other.
        detail: /^login (?:used more than [\d.]+ m?s of CPU time|ran longer than [\d.]+ s)$/,
      },
    ),
    script(
      'the answer to the next request, sent ahead',
      "await viaFetch('long'); await viaAxios('long'); const r = await viaAxios('echo'); const t = (await axios.get(base + 'echo')).data; say(t.startsWith('GET /echo'));",
      'true',
      4_000,
    ),
    script(
      'line ends in a header, its name, the method and the path',
      `say([await raw({ headers: { 'x-a': 'b\\r\\nx-c: d' } }), await raw({ headers: { 'x-a\\r\\nx-c': 'd' } }),
        await raw({ method: 'GET / HTTP/1.1\\r\\nx-a: b\\r\\n\\r\\n' }), await raw({ path: '/ HTTP/1.1\\r\\nx-a: b\\r\\n\\r\\n' }),
        await raw({ headers: { 'x-a': 'b\\0c' } }), await raw({ headers: { 'x-a': 'b\\ud800' } }), await raw({ headers: { 'x a': 'b' } }),
        await raw({ path: '/\\ud800' }), await raw({ headers: { 'x-a': ['b', 'c\\nd'] } })].join());`,
      'ERR_INVALID_CHAR,ERR_INVALID_HTTP_TOKEN,ERR_INVALID_HTTP_TOKEN,ERR_UNESCAPED_CHARACTERS,ERR_INVALID_CHAR,ERR_INVALID_CHAR,ERR_INVALID_HTTP_TOKEN,ERR_UNESCAPED_CHARACTERS,ERR_INVALID_CHAR',
    ),
    script(
      'the same by axios and fetch',
      `const tries = [
        () => axios.get(base + 'echo', { headers: { 'x-a': 'b\\r\\nx-c: d' } }), () => axios.get(base + 'echo', { headers: { 'x-a\\r\\nx-c': 'd' } }),
        () => axios({ url: base + 'echo', method: 'GET / HTTP/1.1\\r\\nx-a: b\\r\\n\\r\\n' }), () => axios.get(base + 'echo HTTP/1.1\\r\\nx-c: d\\r\\n\\r\\n'),
        () => fetch(base + 'echo', { headers: { 'x-a': 'b\\r\\nx-c: d' } }), () => fetch(base + 'echo', { method: 'G\\r\\nx-c: d' }),
        () => fetch(base + 'echo HTTP/1.1\\r\\nx-c: d\\r\\n\\r\\n').then((r) => r.text()).then((data) => ({ data })),
      ];
      const all = await Promise.all(tries.map((attempt) => attempt().then(({ data }) => /^x-c:/m.test(data) ? 'injected' : 'clean', () => 'refused')).map((p) => p.catch(() => 'refused')));
      say(all.join());`.replaceAll('attempt().then', '(async () => attempt())().then'),
      'clean,refused,refused,clean,refused,refused,clean',
    ),
    script(
      'a length and chunks of its own, as raw headers',
      `const text = await raw({ method: 'POST', body: 'hello', headers: ['Content-Length', '1', 'Transfer-Encoding', 'chunked', 'Content-Length', '99', 'Host', 'a', 'X-A', 'b'] });
       say([/^content-length: 5$/im.test(text), (text.match(/^content-length/img) || []).length, /transfer-encoding/i.test(text), /^x-a: b/im.test(text)].join());`,
      'true,1,false,true',
    ),
    script(
      'two Host headers',
      "say(await raw({ headers: ['Host', 'a', 'Host', 'b'] }));",
      'ERR_INVALID_ARG_VALUE',
    ),
    script(
      'CONNECT, in capitals and not',
      "say([await raw({ method: 'CONNECT' }), await raw({ method: 'connect' }), await fetch(base, { method: 'connect' }).then(() => 'sent', (e) => e.name)].join());",
      'ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED,TypeError',
    ),
    script(
      'an upgrade, an expectation and a trailer',
      `const text = await raw({ headers: { Connection: 'upgrade', Upgrade: 'websocket' } });
       const other = await raw({ headers: { Expect: '100-continue', TE: 'trailers', Trailer: 'x', 'Keep-Alive': 'timeout=9' } });
       say([text.slice(0, 8), /expect|te:|trailer|timeout=9/i.test(other)].join());`,
      'GET_/ech,false',
    ),
    script(
      'headers of more than 64 KB, and ten thousand of them',
      `say([await raw({ headers: { 'x-a': 'a'.repeat(70000) } }), await raw({ headers: Array.from({ length: 20000 }, (_, n) => ['x-' + n, 'b']).flat() })].join());`,
      'ERR_HTTP_HEADERS_TOO_LARGE,ERR_HTTP_HEADERS_TOO_LARGE',
    ),
    script(
      'a path that is another place',
      "say([await raw({ path: 'http://127.0.0.1:' + configuration.FORBIDDEN + '/' }), await raw({ path: '@127.0.0.1:' + configuration.FORBIDDEN }), (await raw({ path: '//127.0.0.1:' + configuration.FORBIDDEN + '/' })).slice(0, 8)].join());",
      'ERR_INVALID_URL,ERR_INVALID_URL,GET_//12',
    ),
    script(
      'a body of more than 10 MB',
      "say(await axios.post(base + 'echo', Buffer.alloc(10.5e6), { maxBodyLength: Infinity }).then(() => 'sent', codeOf));",
      'ERR_HTTP_BODY_TOO_LARGE',
    ),
  ],
};
