import { createServer as createHttpServer } from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificate, privateKey } from '../sandbox/host/http-certificate.ts';
import { type Listening, listenOnLoopback } from '../servers/listen.ts';
import { connectionFiles, type RunningService, startService } from '../service/running-service.ts';

/** What one connection leaves for another in the one process that runs both: the other must see nothing of it. */
interface Trap {
  name: string;
  /** Body of the attacker's script; `say` ends it. */
  plant: string;
  /** Body of the victim's; what it says before anything was planted it must say afterwards, too. */
  look: string;
  /** What the victim says in both cases. */
  sees: string;
}

const traps: Trap[] = [
  {
    name: 'a global',
    plant: "global.planted = 1; globalThis.fetch = () => 'mine'; say(1);",
    look: 'say([typeof planted, fetch.name].join());',
    sees: 'undefined,fetch',
  },
  {
    name: 'prototypes of the language',
    plant: `Object.prototype.planted = 1; Array.prototype.map = () => ['mine']; Promise.prototype.then = () => 'mine';
      String.prototype.split = () => ['mine']; say(1);`,
    look: "say([({}).planted, [1].map((n) => n + 1)[0], 'a-b'.split('-').length].join());",
    sees: ',2,2',
  },
  {
    name: 'JSON and Function',
    plant:
      "JSON.stringify = () => '{}'; JSON.parse = () => ({ user_id: 'mine' }); Function.prototype.call = () => 'mine'; say(1);",
    look: "say([JSON.stringify({ a: 1 }), JSON.parse('[2]')[0]].join().replace(/\"/g, ''));",
    sees: '{a:1},2',
  },
  {
    name: 'modules of Node',
    plant: `const crypto = require('crypto'); crypto.timingSafeEqual = () => true; crypto.createHash = () => ({ update: () => ({ digest: () => 'mine' }) });
      require('http').request = () => { throw 'mine'; }; require('net').connect = () => { throw 'mine'; };
      require('dns').lookup = (name, done) => done(null, '6.6.6.6'); require('fs').readFileSync = () => 'mine'; say(1);`,
    look: `const crypto = require('crypto');
      say([crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('b')), crypto.createHash('md5').update('a').digest('hex').slice(0, 6), require('http').request.name, require('net').connect.name].join());`,
    sees: 'false,0cc175,request,connect',
  },
  {
    name: 'libraries',
    plant: `const axios = require('axios'); axios.defaults.headers.common.Authorization = 'mine'; axios.interceptors.request.use(() => { throw 'mine'; });
      require('lodash').map = () => 'mine'; require('jsonwebtoken').verify = () => ({ sub: 'mine' }); require('bcryptjs').compareSync = () => true; say(1);`,
    look: `let verified; try { verified = require('jsonwebtoken').verify('x', 'y'); } catch (error) { verified = error.name; }
      say([require('axios').defaults.headers.common.Authorization, require('lodash').map([1], (n) => n)[0], verified, require('bcryptjs').compareSync('a', '$2a$04$' + 'a'.repeat(53))].join());`,
    sees: ',1,JsonWebTokenError,false',
  },
  {
    name: 'the environment and the process',
    plant:
      "process.env.PLANTED = '1'; process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; process.nextTick = () => {}; process.on('exit', () => {}); say(1);",
    look: 'say([process.env.PLANTED, process.env.NODE_TLS_REJECT_UNAUTHORIZED, process.nextTick.length > 0].join());',
    sees: ',,true',
  },
  {
    name: 'the configuration of the other',
    plant: 'global.stolen = configuration; say(configuration.NAME);',
    look: 'say([configuration.NAME, Object.keys(configuration).sort().join()].join());',
    sees: 'victim,HTTP,NAME,OTHER,SECRET,TCP,TLS',
  },
  {
    name: 'timers left behind',
    plant:
      "setInterval(() => { global.ticks = (global.ticks || 0) + 1; console.log('tick'); }, 1); setTimeout(() => { throw new Error('late'); }, 5); say(1);",
    look: 'setTimeout(() => say([typeof ticks].join()), 30);',
    sees: 'undefined',
  },
  {
    name: 'sockets left open, with bytes for whoever reads next',
    plant: `const s = require('net').connect(Number(configuration.TCP), '127.0.0.1', () => { global.s = s; s.write('attacker\\n'); });
      s.once('data', () => say(1)); s.on('error', (error) => say(error.code));`,
    look: `const s = require('net').connect(Number(configuration.TCP), '127.0.0.1', () => s.write('victim\\n'));
      s.on('error', (error) => say(error.code)); s.once('data', (bytes) => { say([typeof global.s, String(bytes).trim()].join()); s.destroy(); });`,
    sees: 'undefined,victim',
  },
  {
    name: 'a kept HTTP connection, and a cookie',
    plant:
      "require('axios').get(configuration.HTTP + '/attacker').then(() => say(1), (error) => say(error.code));",
    // The server says whose request was the first on this connection.
    look: "require('axios').get(configuration.HTTP + '/victim').then(({ data }) => say(data), (error) => say(error.code));",
    sees: '/victim,',
  },
  {
    name: 'a TLS session, and a certificate that was waved through',
    plant: `const tls = require('tls'), options = { host: '127.0.0.1', port: Number(configuration.TLS), rejectUnauthorized: false };
      const s = tls.connect(options, () => { s.on('session', () => {}); setTimeout(() => { s.destroy(); say(1); }, 20); }); s.on('error', (error) => say(error.code));`,
    look: `const tls = require('tls'), port = Number(configuration.TLS), host = '127.0.0.1';
      const strict = () => new Promise((done) => tls.connect({ host, port }, () => done('trusted')).on('error', (error) => done(error.code)));
      strict().then((first) => { const s = tls.connect({ host, port, rejectUnauthorized: false }, () => { s.once('data', (bytes) => { say([first, String(bytes)].join()); s.destroy(); }); }); s.on('error', (error) => say(error.code)); });`,
    sees: 'DEPTH_ZERO_SELF_SIGNED_CERT,new',
  },
  {
    name: 'defaults of TLS and HTTP',
    plant: `require('tls').checkServerIdentity = () => undefined; require('https').globalAgent.options.rejectUnauthorized = false;
      require('tls').DEFAULT_MIN_VERSION = 'TLSv1'; require('dns').setDefaultResultOrder('ipv6first'); require('events').defaultMaxListeners = 1; say(1);`,
    look: `const https = require('https'); say([https.globalAgent.options.rejectUnauthorized, require('tls').DEFAULT_MIN_VERSION, require('dns').getDefaultResultOrder(), require('events').defaultMaxListeners].join());`,
    sees: ',TLSv1.2,verbatim,10',
  },
  {
    name: 'an address that was looked up',
    plant: `const dns = require('dns'); dns.lookup('localhost', { all: true }, (error, found) => { global.found = found; say(1); });`,
    // The victim may reach TCP by its address alone.
    look: `require('net').connect(Number(configuration.OTHER), '127.0.0.1', () => say('reached')).on('error', (error) => say(error.code));`,
    sees: 'ECONNREFUSED',
  },
  {
    name: 'the console, an error in flight, a rejection that nobody handles',
    plant:
      "console.log = () => {}; Promise.reject(new Error('unhandled')); Error.prepareStackTrace = () => 'mine'; Error.stackTraceLimit = 0; say(1);",
    look: "say([console.log.name, new Error('x').stack.includes('login'), Error.stackTraceLimit].join());",
    sees: 'log,true,10',
  },
  {
    name: 'buffers that were let go of',
    plant:
      "for (let n = 0; n < 200; n++) { const b = Buffer.allocUnsafe(4000); b.fill('attacker'); } say(1);",
    look: "let seen = false; for (let n = 0; n < 200; n++) if (Buffer.allocUnsafe(4000).includes('attacker')) seen = true; say(seen);",
    sees: 'false',
  },
];

const attackerOf = (index: number) => `attacker-${index}`;
const victimOf = (index: number) => `victim-${index}`;
const script = (body: string) =>
  `function login(identifier, password, context, callback) {
  const say = (text) => callback(null, { user_id: 'x' + String(text), app_metadata: { said: String(text) } });
  ${body}
}`;

const servers: Listening[] = [];
let service: RunningService;
beforeAll(async () => {
  const lines = net.createServer((socket) => void socket.on('error', () => {}).pipe(socket));
  const tcp = await listenOnLoopback(lines);
  const other = await listenOnLoopback(net.createServer());
  const firsts = new WeakMap<object, string>();
  const http = await listenOnLoopback(
    createHttpServer((request, response) => {
      const first = firsts.get(request.socket) ?? request.url!;
      firsts.set(request.socket, first);
      response.setHeader('set-cookie', 'who=attacker');
      response.end(`${first},${request.headers.cookie ?? ''}`);
    }),
  );
  const secure = await listenOnLoopback(
    tls.createServer({ key: privateKey, cert: certificate }, (socket) => {
      socket.on('error', () => {});
      socket.write(socket.isSessionReused() ? 'resumed' : 'new');
    }),
  );
  servers.push(tcp, other, http, secure);
  const configuration = {
    HTTP: `http://127.0.0.1:${http.port}`,
    OTHER: String(other.port),
    TCP: String(tcp.port),
    TLS: String(secure.port),
  };
  const files = traps.flatMap(({ plant, look }, index) => [
    connectionFiles(
      attackerOf(index),
      { login: script(plant) },
      { configuration: { ...configuration, NAME: 'attacker' } },
    ),
    connectionFiles(
      victimOf(index),
      { login: script(look) },
      { configuration: { ...configuration, NAME: 'victim' } },
    ),
  ]);
  const open = [tcp, http, secure].map(({ port }) => `127.0.0.1:${port}`);
  const ofAttackers = traps.map((_trap, index) => `${attackerOf(index)}=localhost`);
  service = await startService({
    files: Object.assign({}, ...files),
    env: { DRAWBRIDGE_EGRESS_ALLOW: [...open, ...ofAttackers].join() },
  });
});
afterAll(async () => {
  await service.stop();
  await Promise.all(servers.map((server) => server.close()));
});

const bodies = { identifier: 'jane@example.com', password: 'secret-1' };

/** Its own answer does not matter: it may have spoilt what it answers with. */
const attack = (index: number) => service.run(attackerOf(index), 'login', bodies);

async function say(connection: string): Promise<string> {
  const started = performance.now();
  const { body } = await service.run(connection, 'login', {
    identifier: 'jane@example.com',
    password: 'secret-1',
  });
  expect(body).toMatchObject({ user: { app_metadata: { said: expect.any(String) } } });
  expect(performance.now() - started).toBeLessThan(5_000);
  return body.user.app_metadata.said;
}

test.each(traps.map((trap, index) => ({ ...trap, index })))('$name', async ({ index, sees }) => {
  // A victim whose context is warm when it happens, then side by side, and one that is made afterwards.
  expect(await say(victimOf(index))).toBe(sees);
  await attack(index);
  expect(await say(victimOf(index))).toBe(sees);
  const [, beside] = await Promise.all([attack(index), say(victimOf(index))]);
  expect(beside).toBe(sees);
});

test('all of them ran in one process', () => {
  expect(service.log.lines.filter(({ message }) => message === 'a sandbox process ended')).toEqual([]);
});

test('another version of the same connection begins anew', async () => {
  const name = 'versions';
  const write = (said: string, version: string) =>
    connectionFiles(name, { login: script(said) }, { configuration: { VERSION: version } });
  const served = (message: string) =>
    service.log.line((line) => line.message === `connection ${name} ${message}`);
  const added = served('added');
  await service.write(
    write(
      "global.kept = configuration.VERSION; require('crypto').planted = 1; Object.prototype.planted = 1; say(kept);",
      'one',
    ),
  );
  await added;
  expect(await say(name)).toBe('one');
  const changed = served('changed');
  await service.write(
    write(
      "say([typeof kept, require('crypto').planted, ({}).planted, configuration.VERSION].join());",
      'two',
    ),
  );
  await changed;
  expect(await say(name)).toBe('undefined,,,two');
});
