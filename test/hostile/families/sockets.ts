import net from 'node:net';
import type { Attack, Expected, Family } from '../attack.ts';
import { login } from '../attack.ts';
import { flood, startBeside } from '../network-servers.ts';

/** Sockets as weapons: too many, too much, for ever, against servers and against the host. */

const script = (name: string, body: string, expected: string | Expected): Attack => ({
  name,
  script:
    login(`const net = require('net'), tls = require('tls'), dns = require('dns'), http = require('http');
    const port = Number(configuration.PORT), host = '127.0.0.1';
    const say = (text) => callback(null, { user_id: String(text).split(' ').join('_').slice(0, 200) });
    const code = (error) => say(error.code || error.message);
    const attempt = (make) => { try { return make() && 'made'; } catch (error) { return error.code || error.name; } };
    ${body}`),
  expect: typeof expected === 'string' ? { code: 'ok', user: { user_id: expected } } : expected,
  withinMs: 4_000,
});

/** By the first byte that a client sends: `e` echoes, `f` floods, `p` reads no more, `r` resets, `t` answers nonsense to TLS. */
function server(): net.Server {
  return net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      switch (String.fromCharCode(bytes[0]!)) {
        case 'e':
          return socket.write(bytes);
        case 'f':
          return flood(socket, Buffer.alloc(64 * 1024, 'x'));
        case 'p':
          return socket.pause();
        case 'r':
          return socket.resetAndDestroy();
        case '\x16':
          return socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
      }
    });
  });
}

export const family: Family = {
  name: 'sockets',
  servers: () => startBeside(server()),
  attacks: [
    script(
      '60 sockets at once',
      `let open = 0, refused = 0; const done = () => { if (open + refused === 60) say(open + ' ' + refused); };
       for (let n = 0; n < 60; n++) net.connect(port, host, () => { open++; done(); }).on('error', ({ code }) => { if (code === 'ERR_TOO_MANY_OPERATIONS') refused++; done(); });`,
      '50_10',
    ),
    script(
      '300 sockets, one after the other',
      `let made = 0; const next = () => net.connect(port, host, function () { made++; this.destroy(); next(); }).on('error', ({ code }) => say(made + ' ' + code)); next();`,
      '250_ERR_TOO_MANY_OPERATIONS',
    ),
    script(
      'a flood',
      "net.connect(port, host).on('error', code).on('data', () => {}).write('f');",
      'ERR_SOCKET_BYTES_LIMIT',
    ),
    script(
      'a flood that nobody reads',
      "const s = net.connect(port, host).on('error', code); s.pause(); s.write('f'); setTimeout(() => say(s.readableLength < 1e6), 300);",
      'true',
    ),
    script(
      'writes to one who does not read',
      `const s = net.connect(port, host, () => s.write('p')).on('error', code); const piece = Buffer.alloc(1e6, 'e'); let total = 0;
       const write = () => { while (total < 60e6) { total += 1e6; if (!s.write(piece)) return; } }; s.on('drain', write);
       setTimeout(write, 50); setTimeout(() => say(total < 30e6), 500);`,
      'true',
    ),
    script('a reset in the middle', "net.connect(port, host).on('error', code).write('r');", 'ECONNRESET'),
    script(
      'TLS with one who does not speak it',
      "tls.connect({ port, host, rejectUnauthorized: false }).on('error', code);",
      'ERR_SSL_WRONG_VERSION_NUMBER',
    ),
    script(
      'TLS within TLS within TLS',
      `let s = net.connect(port, host); s.on('error', () => {});
       for (let n = 0; n < 60; n++) { s = tls.connect({ socket: s, rejectUnauthorized: false }); s.on('error', ({ code }) => say(code)); }`,
      'ERR_TOO_MANY_OPERATIONS',
    ),
    script(
      'servers of its own',
      `say([attempt(() => net.createServer().listen(0)), attempt(() => http.createServer().listen(0)), attempt(() => require('dgram').createSocket('udp4')),
        attempt(() => tls.createServer({}).listen(0)), attempt(() => require('http2').connect('http://127.0.0.1'))].join());`,
      'ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED,ERR_METHOD_NOT_IMPLEMENTED',
    ),
    script(
      'a port that is none',
      `say([-1, 65536, 1.5, 'x', NaN, null, {}, [80]].map((p) => attempt(() => net.connect({ port: p, host }).on('error', () => {}))).join());`,
      'ERR_SOCKET_BAD_PORT,ERR_SOCKET_BAD_PORT,ERR_SOCKET_BAD_PORT,ERR_SOCKET_BAD_PORT,ERR_SOCKET_BAD_PORT,ERR_INVALID_ARG_TYPE,ERR_INVALID_ARG_TYPE,ERR_INVALID_ARG_TYPE',
    ),
    script(
      'a host that is none',
      `say(['a\\0b', 5, {}, ['127.0.0.1'], { toString: () => '127.0.0.1' }].map((h) => attempt(() => net.connect({ port, host: h }).on('error', () => {}))).join());`,
      'ERR_INVALID_ARG_VALUE,ERR_INVALID_ARG_TYPE,ERR_INVALID_ARG_TYPE,ERR_INVALID_ARG_TYPE,ERR_INVALID_ARG_TYPE',
    ),
    script(
      'listeners that throw',
      "net.connect(port, host, () => { throw new Error('in connect'); }).on('error', () => {});",
      { code: 'script_error', detail: /^in connect$/ },
    ),
    script(
      'listeners that never return',
      "net.connect(port, host, () => { for (;;); }).on('error', () => {});",
      { code: 'script_timeout' },
    ),
    script(
      'a socket whose insides are replaced',
      `const s = net.connect(port, host, () => { s._handle = { send: () => {}, write: () => { throw 1; } }; s.write('e'); s._events = null; say('open'); }); s.on('error', () => {});`,
      { code: 'script_error', detail: /^1$/ },
    ),
    script(
      '600 look-ups of names',
      `let refused = 0; for (let n = 0; n < 600; n++) dns.lookup('n' + n + '.invalid', (error) => { if (error.code === 'ERR_TOO_MANY_OPERATIONS' && ++refused === 450) say(refused); });`,
      '450',
    ),
    script(
      'a name of 300 characters, of none and of bytes',
      `const ask = (name) => new Promise((done) => { try { dns.lookup(name, (error) => done(error ? error.code : 'found')); } catch (error) { done(error.code); } });
       Promise.all(['a'.repeat(300), 'a\\0b', '..', 'a b', '\\ud800'].map(ask)).then((all) => say(all.join()));`,
      'ERR_INVALID_ARG_VALUE,ERR_INVALID_ARG_VALUE,ENOTFOUND,ENOTFOUND,EINVAL',
    ),
    script(
      'sockets left behind for whoever comes next',
      "for (let n = 0; n < 40; n++) net.connect(port, host).on('error', () => {}).write('e'); setTimeout(() => say('1'), 100);",
      '1',
    ),
  ],
};
