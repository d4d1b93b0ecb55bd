import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildGuest } from '../../../sandbox/build/build-guest.ts';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool, runSource } from '../sandbox-pool.ts';
import { consoleOf, inGuest } from './guest-script.ts';

let pool: Pool;

beforeAll(async () => {
  // One script loads every library there is.
  pool = await createTestPool({ limits: { wallMs: 20_000, cpuMs: 20_000, memoryMb: 128 } });
});

afterAll(() => pool?.close());

const guest = (body: string) => inGuest(pool, body);

describe('require', () => {
  it('answers every module of the manifest, with and without node:', async () => {
    const { manifest } = await buildGuest();
    const names = manifest.modules.map(({ name }) => name);
    const builtins = manifest.modules.filter(({ kind }) => kind === 'builtin').map(({ name }) => name);
    const requests = [...names, ...builtins.map((name) => `node:${name}`)];
    const body = `const request = (name) => require(name);
      return ${JSON.stringify(requests)}.map((name) => {
        try { return request(name) == null ? name : null } catch (error) { return name + ': ' + error.stack }
      }).filter(Boolean)`;
    expect(await guest(body)).toEqual([]);
  });

  it('gives the same instance each time', async () => {
    expect(
      await guest(`return require('lodash') === require('lodash@4') && require('fs') === require('node:fs')`),
    ).toBe(true);
  });

  it('says which module may be meant when there is no such one', async () => {
    const body = `const names = ['left-pad', './mine', '/etc/passwd', 'loadash', 'lodash/nothing', 'axios/lib/core', '', '__proto__'];
      return names.map((name) => { try { return require(name) } catch (error) { return [error.code, error.message] } })`;
    const [leftPad, mine, passwd, loadash, ...others] = (await guest(body)) as [string, string][];
    expect(leftPad).toEqual([
      'MODULE_NOT_FOUND',
      expect.stringMatching(
        /^Cannot find module 'left-pad'\. Modules on board: .*assert, .*axios, .*uuid, .*zlib$/,
      ),
    ]);
    const rest = [mine, passwd, loadash, ...others];
    expect(rest.map((answer) => answer?.[0])).toEqual(rest.map(() => 'MODULE_NOT_FOUND'));
    expect(loadash?.[1]).toBe(
      "Cannot find module 'loadash'. Did you mean 'lodash'? docs/modules.md lists the modules there are",
    );
  });

  it('reports a missing module at the line of the script', async () => {
    const { outcome } = await runSource(
      pool,
      `function getUser(id, context, callback) {\n  require('left-pad');\n}`,
    );
    expect(outcome).toMatchObject({
      kind: 'rejected',
      failure: { code: 'MODULE_NOT_FOUND', place: { file: 'acme/get_user.js', line: 2 } },
    });
  });

  it('takes the properties of lodash and uuid as paths', async () => {
    const body = `return [require('lodash/get')({ a: 1 }, 'a'), require('lodash/fp.js') === undefined]`;
    await expect(guest(body)).rejects.toThrow('MODULE_NOT_FOUND');
    expect(await guest(`return require('lodash/get')({ a: 1 }, 'a')`)).toBe(1);
    expect(await guest(`return require('uuid/v4')().length`)).toBe(36);
    expect(await guest(`return require('uuid')().length`)).toBe(36);
  });
});

describe('libraries', () => {
  it.each([
    [
      'axios',
      "const axios = require('axios'); return typeof axios.default.get + axios.VERSION.split('.')[0]",
      'function1',
    ],
    ['qs', "return require('qs').stringify({ a: { b: ['c'] } })", 'a%5Bb%5D%5B0%5D=c'],
    ['lodash', "return require('lodash').chunk([1, 2, 3], 2)", [[1, 2], [3]]],
    [
      'form-data',
      "const F = require('form-data'); const f = new F(); f.append('a', 'b'); return f.getBuffer().toString().includes('name=\"a\"')",
      true,
    ],
    [
      'form-data, of a file by its extension',
      "const F = require('form-data'); const f = new F(); f.append('a', 'b', { filename: 'a.png' }); return f.getBuffer().toString().includes('image/png')",
      true,
    ],
    [
      'bcryptjs',
      "const b = require('bcryptjs'); return b.compare('secret', await b.hash('secret', 4))",
      true,
    ],
    [
      'jsonwebtoken',
      "const jwt = require('jsonwebtoken'); return jwt.verify(jwt.sign({ sub: 'x' }, 'k'), 'k').sub",
      'x',
    ],
    [
      'jsonwebtoken, expired',
      "const jwt = require('jsonwebtoken'); try { jwt.verify(jwt.sign({ exp: 5 }, 'k'), 'k') } catch (e) { return [e.name, e instanceof jwt.TokenExpiredError] }",
      ['TokenExpiredError', true],
    ],
    ['uuid', "return require('uuid').validate(require('uuid').v4())", true],
    [
      'request, its cookie jar',
      "const j = require('request').jar(); j.setCookie('a=b; Domain=example.co.uk', 'http://www.example.co.uk'); return j.getCookieString('http://example.co.uk')",
      'a=b',
    ],
    [
      'request-promise, beside a request without promises',
      "const rp = require('request-promise'); const r = require('request'); return [typeof rp.Request.prototype.then, typeof r.Request.prototype.then]",
      ['function', 'undefined'],
    ],
    [
      'request-promise-native',
      "return typeof require('request-promise-native').Request.prototype.then",
      'function',
    ],
    [
      'node-fetch',
      "const f = require('node-fetch'); return [typeof f, new f.Headers({ a: 'b' }).get('A')]",
      ['function', 'b'],
    ],
    ['follow-redirects', "return typeof require('follow-redirects').https.request", 'function'],
  ])('%s', async (_name, body, expected) => {
    expect(await guest(body)).toEqual(expected);
  });

  it('gives each context random numbers of its own', async () => {
    const body = "return [require('uuid').v4(), Math.random(), crypto.randomUUID()]";
    const [one, other] = (await Promise.all([guest(body), guest(body)])) as [unknown[], unknown[]];
    expect(one.filter((value, index) => value === other[index])).toEqual([]);
  });
});

describe('buffer', () => {
  it.each([
    ["Buffer.from('-_8', 'base64url').toString('hex')", 'fbff'],
    ["Buffer.from([0xfb, 0xff]).toString('base64url')", '-_8'],
    ["Buffer.from([0xfb, 0xff]).toString('base64')", '+/8='],
    ["Buffer.isEncoding('base64url') && Buffer.byteLength('-_8', 'base64url')", 2],
    ["new Buffer('hé').length", 3],
    ['new Buffer(3).length', 3],
    ["Buffer.from('h\\u00e9', 'latin1').toString('binary').charCodeAt(1)", 0xe9],
    ["Buffer.concat([Buffer.from('a'), Buffer.alloc(2, 'b')]).toString()", 'abb'],
    ["Buffer.from('€').toString('utf8', 0, 3)", '€'],
    ["Buffer.from('00ff', 'hex').readUInt16BE(0)", 255],
    ["Buffer.from('abc').subarray(1) instanceof Buffer", true],
    ["Buffer.from('abc').utf8Slice(1, 2)", 'b'],
    ["JSON.stringify(Buffer.from('a'))", '{"type":"Buffer","data":[97]}'],
    ["require('util').inspect(Buffer.from('ab'))", '<Buffer 61 62>'],
    ["require('buffer').Buffer === Buffer && Buffer.from('a').equals(new Uint8Array([97]))", true],
    ["Buffer.copyBytesFrom(new Uint16Array([1, 258]), 1).toString('hex')", '0201'],
    ["Buffer.byteLength('aé€💡\\ud800')", 13],
    ["Buffer.from('aé€💡\\ud800').toString('hex')", '61c3a9e282acf09f92a1efbfbd'],
    ["Buffer.from('\\ufeffa').toString().length", 2],
    ['Buffer.from([0x61, 0xe2, 0x82, 0x62, 0xff]).toString()', 'a\ufffdb\ufffd'],
    ["Buffer.from('hello').toString('latin1', -1, 99)", 'hello'],
    ["Buffer.from('hello').toString('UTF-8', 3, 1)", ''],
    ["Buffer.from('hello').toString('ucs2', 0, 2)", '\u6568'],
    [
      "const b = Buffer.alloc(4); [b.write('€', 2), b.write('€', 1), b.write('ab', 0, 1), b.write('cafe', 2, 'hex'), b.toString('hex')]",
      [0, 3, 1, 2, '61e2cafe'],
    ],
    ["Buffer.alloc(3, '-_8', 'base64url').toString('hex')", 'fbfffb'],
    ["require('buffer').isUtf8(Buffer.from([0xff]))", false],
  ])('%s', async (expression, expected) => {
    expect(await guest(`return eval(${JSON.stringify(expression)})`)).toEqual(expected);
  });

  it('does as Node does, for every encoding', async () => {
    const texts = ['', 'plain', 'aé€💡', 'YWJj', '00ff7', '\ud800x', `${'a'.repeat(5000)}é`];
    const encodings = ['utf8', 'latin1', 'ascii', 'hex', 'base64', 'base64url', 'ucs2'] as const;
    const body = (text: string, encoding: BufferEncoding) => {
      const bytes = Buffer.from(text, encoding);
      return [bytes.toString('hex'), Buffer.byteLength(text, 'utf8'), bytes.toString(encoding)];
    };
    const here = texts.flatMap((text) => encodings.map((encoding) => body(text, encoding)));
    const there = await guest(`const body = ${body.toString()};
      return ${JSON.stringify(texts)}.flatMap((text) => ${JSON.stringify(encodings)}.map((e) => body(text, e)))`);
    expect(there).toEqual(here);
  });
});

describe('builtin modules', () => {
  it.each([
    ["url.parse('https://u:p@host.test:80/p/a?x=1#h').auth", 'u:p'],
    ["url.parse('/p?x=1&x=2', true).query", { x: ['1', '2'] }],
    [
      "url.format({ protocol: 'https', host: 'h.test', pathname: '/a', query: { b: 'c d' } })",
      'https://h.test/a?b=c%20d',
    ],
    ["url.format(new URL('https://u:p@h.test/?q#f'), { auth: false, fragment: false })", 'https://h.test/?q'],
    ["url.resolve('http://a.test/b/c', '../d')", 'http://a.test/d'],
    ["url.urlToHttpOptions(new URL('https://u:p@h.test:1/a?b')).path", '/a?b'],
    ["querystring.parse('a=1&a=2&b=%zz&c')", { a: ['1', '2'], b: '%zz', c: '' }],
    ["querystring.stringify({ a: [1, 2], b: { }, c: true }, ';', ':')", 'a:1;a:2;b:;c:true'],
    ["querystring.unescape('%e9%20')", '\ufffd '],
    ["path.join('/a', '../b', 'c.js')", '/b/c.js'],
    ["util.format('%s %j %o', 'a', { b: 1 }, [2])", 'a {"b":1} [ 2, [length]: 1 ]'],
    [
      "util.inspect({ a: { b: { c: { d: 1 } } }, s: new Set(['x']), e: Symbol('y') })",
      "{ a: { b: { c: [Object] } }, s: Set(1) { 'x' }, e: Symbol(y) }",
    ],
    ['util.types.isDate(new Date()) && util.types.isPromise(Promise.resolve())', true],
    ['util.isDeepStrictEqual({ a: [1] }, { a: [1] })', true],
    ["util.inherits.length + typeof util.deprecate(() => {}, 'x')", '2function'],
    ['await util.promisify((a, done) => done(null, a + 1))(1)', 2],
    ["await util.promisify(setTimeout)(1, 'late')", 'late'],
    ["new string_decoder.StringDecoder('utf8').write(Buffer.from([0x61, 0xe2]))", 'a'],
    ["punycode.toASCII('exämple.test')", 'xn--exmple-cua.test'],
    ['os.hostname() + os.EOL', 'sandbox\n'],
    ['timers.setTimeout === setTimeout', true],
    ["await require('timers/promises').setTimeout(1, 'v')", 'v'],
    [
      "assert.strictEqual(1, 1) === undefined && new assert.AssertionError({ message: 'm' }).code",
      'ERR_ASSERTION',
    ],
    ['worker_threads.isMainThread && !cluster.isWorker && !tty.isatty(1)', true],
    ["diagnostics_channel.channel('x').hasSubscribers", false],
    ["new async_hooks.AsyncLocalStorage().run(7, () => 'ran')", 'ran'],
    ["require('console') === console && require('process') === process", true],
    ['constants.ECONNREFUSED', 111],
  ])('%s', async (expression, expected) => {
    const modules = `path, util, url, querystring, string_decoder, punycode, os, timers, assert, worker_threads, cluster,
      tty, diagnostics_channel, async_hooks, constants`;
    const requires = modules.split(',').map((name) => `const ${name.trim()} = require('${name.trim()}');`);
    expect(await guest(`${requires.join('\n')} return ${expression}`)).toEqual(expected);
  });

  it('events emit to listeners, and fail without one for errors', async () => {
    const body = `const EventEmitter = require('events'); class Mine extends EventEmitter {}
      const mine = new Mine(); const seen = [];
      mine.once('a', (value) => seen.push(value)); mine.emit('a', 1); mine.emit('a', 2);
      setTimeout(() => mine.emit('b', 3), 1);
      seen.push(...await EventEmitter.once(mine, 'b'));
      try { mine.emit('error', new Error('boom')) } catch (error) { seen.push(error.message) }
      return seen`;
    expect(await guest(body)).toEqual([1, 3, 'boom']);
  });

  it('streams flow, pipe and are iterated', async () => {
    const body = `const { Readable, Transform, pipeline } = require('stream');
      const { pipeline: promised } = require('stream/promises');
      const upper = () => new Transform({ transform(chunk, encoding, done) { done(null, String(chunk).toUpperCase()) } });
      const out = [];
      await promised(Readable.from(['a', 'b']), upper(), async (source) => { for await (const c of source) out.push(String(c)) });
      await new Promise((resolve, reject) => pipeline(Readable.from(['c']), upper().on('data', (c) => out.push(String(c))), (e) => e ? reject(e) : resolve()));
      return out.join('')`;
    expect(await guest(body)).toBe('ABC');
  });

  it('the stream module is the legacy Stream, for libraries that inherit from it', async () => {
    const body = `const Stream = require('stream'); const mine = Object.create(Stream.prototype); mine.readable = true;
      const token = await new Promise((resolve, reject) =>
        require('jsonwebtoken').sign({ sub: 'x' }, 'k', (error, made) => (error ? reject(error) : resolve(made))));
      return [mine.readable, Stream === Stream.Stream, require('jsonwebtoken').decode(token).sub]`;
    expect(await guest(body)).toEqual([true, true, 'x']);
  });

  it('web streams flow', async () => {
    const body = `const text = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('é')); c.close() } });
      const out = []; for await (const chunk of text.pipeThrough(new TextDecoderStream())) out.push(chunk); return out`;
    expect(await guest(body)).toEqual(['é']);
  });

  it('assert says what differs', async () => {
    const body = `try { require('assert').deepStrictEqual({ a: 1 }, { a: 2 }) } catch (error) { return [error.name, error.code, /a: 1/.test(error.message)] }`;
    expect(await guest(body)).toEqual(['AssertionError', 'ERR_ASSERTION', true]);
  });

  it.each([
    ['fs.readFile', "require('fs').readFile('/etc/passwd', () => {})"],
    ['fs.readFileSync', "require('fs').readFileSync('/etc/passwd')"],
    ['fs.promises.readFile', "await require('fs/promises').readFile('/etc/passwd')"],
    ['fs.ReadStream', "new (require('fs').ReadStream)()"],
    ['child_process.exec', "require('child_process').exec('id')"],
    ['worker_threads.Worker', "new (require('worker_threads').Worker)('x')"],
    ['vm.runInThisContext', "require('vm').runInThisContext('1')"],
    ['module.createRequire', "require('module').createRequire('/')('fs')"],
    ['process.binding', "process.binding('fs')"],
  ])('%s refuses by name', async (name, call) => {
    expect(await guest(`try { ${call} } catch (error) { return [error.code, error.message] }`)).toEqual([
      'ERR_METHOD_NOT_IMPLEMENTED',
      `ERR_METHOD_NOT_IMPLEMENTED: ${name} is not available to action scripts`,
    ]);
  });

  it('print errors with their stack and no path of the host', async () => {
    const [line] = await consoleOf(pool, `console.error(new TypeError('bad'))`);
    expect(line).toMatch(/^error TypeError: bad\n {4}at .*acme\/get_user\.js:3/);
    expect(line).not.toContain('node_modules');
    expect(line).not.toContain('sandbox');
  });
});
