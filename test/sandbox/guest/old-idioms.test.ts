import { pbkdf2Sync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool, resultOf, runSource } from '../sandbox-pool.ts';
import { consoleOf, inGuest } from './guest-script.ts';
import { startUpstream } from './upstream-server.ts';

/** What scripts of ten years ago do, and what they stand on still. */

let pool: Pool;
let upstream: Awaited<ReturnType<typeof startUpstream>>;

beforeAll(async () => {
  upstream = await startUpstream();
  pool = await createTestPool();
});

afterAll(async () => {
  await pool?.close();
  await upstream.close();
});

const guest = (body: string) => inGuest(pool, body);
/** A whole script, as its author had it. */
const script = (source: string, options: Parameters<typeof resultOf>[2] = {}) =>
  resultOf(pool, source, { isolation: 'execution', configuration: { URL: upstream.origin }, ...options });

describe('Buffer', () => {
  it.each([
    ["new Buffer('x').toString('hex')", '78'],
    ["new Buffer('eA==', 'base64').toString()", 'x'],
    ["new Buffer('78', 'hex').toString()", 'x'],
    ["new Buffer('\\u00e9', 'binary').length", 1],
    ['new Buffer(10).length', 10],
    ["new Buffer(10).toString('hex')", '00'.repeat(10)],
    ['new Buffer([1, 2]).length', 2],
    ["new Buffer(new Buffer('copy')).toString()", 'copy'],
    ["Buffer('x').toString('base64')", 'eA=='],
    ["Buffer('eA==', 'base64').toString('ascii')", 'x'],
    ['Buffer(3).length', 3],
    ["new Buffer('x') instanceof Buffer && Buffer.isBuffer(Buffer('x'))", true],
    ['Buffer.from([0], 1).concat === undefined && Buffer.from([0], 1).length', 1],
    ["Buffer.from(new Buffer('\\u00e9', 'binary'), 'binary').toString('base64')", '6Q=='],
    ["(function () { var b = new Buffer('abc'); b.slice(0, 1)[0] = 0x7a; return b.toString(); })()", 'zbc'],
    ["require('buffer').SlowBuffer(4).length", 4],
  ])('%s', async (expression, expected) => {
    expect(await guest(`return ${expression}`)).toEqual(expected);
  });

  it('of Node 24 is what scripts get all the same', async () => {
    expect(await guest('try { new Buffer(undefined) } catch (error) { return error.name }')).toBe(
      'TypeError',
    );
  });
});

describe('crypto', () => {
  const derived = (digest: string) => pbkdf2Sync('secret', 'salt', 1000, 20, digest).toString('base64');

  it('pbkdf2 with five arguments and with four', async () => {
    const body = `var crypto = require('crypto');
      function derive() {
        var args = [].slice.call(arguments);
        return new Promise(function (resolve, reject) {
          crypto.pbkdf2.apply(crypto, args.concat(function (error, key) {
            error ? reject(error) : resolve(new Buffer(key, 'binary').toString('base64'));
          }));
        });
      }
      return [
        await derive('secret', 'salt', 1000, 20, 'sha512'),
        await derive('secret', 'salt', 1000, 20),
        crypto.pbkdf2Sync('secret', new Buffer('salt'), 1000, 20).toString('base64'),
        (await require('util').promisify(crypto.pbkdf2)('secret', 'salt', 1000, 20)).toString('base64'),
      ];`;
    expect(await guest(body)).toEqual([derived('sha512'), derived('sha1'), derived('sha1'), derived('sha1')]);
  });

  it('pbkdf2 with four arguments is advised against, once', async () => {
    const body = `var crypto = require('crypto');
      for (var i = 0; i < 3; i++) await new Promise((done) => crypto.pbkdf2('p', 's', 1, 1, done));`;
    expect(await consoleOf(pool, body)).toEqual([
      expect.stringMatching(/^warn Warning: crypto\.pbkdf2 .*SHA-1/),
    ]);
  });

  it('decrypts what createCipher encrypted, with advice', async () => {
    // openssl enc -aes-256-cbc -md md5 -nosalt -k secret
    const body = `var decipher = require('crypto').createDecipher('aes-256-cbc', 'secret');
      console.log(decipher.update('YEQwxaGQqU6Yt3px0ApVQaveXusXWNKkGUCYrto/86w=', 'base64', 'utf8') + decipher.final('utf8'));`;
    expect(await consoleOf(pool, body)).toEqual([
      expect.stringContaining('createDecipheriv'),
      'info jane@example.com',
    ]);
  });

  it('hashes as ASP.NET membership and Drupal did', async () => {
    const body = `var crypto = require('crypto');
      var salt = new Buffer('c2FsdA==', 'base64');
      var bytes = Buffer.concat([salt, new Buffer('secret', 'utf16le')]);
      var drupal = crypto.createHash('sha512').update('salt', 'binary').update('secret', 'utf8').digest('binary');
      return [
        crypto.createHash('sha1').update(bytes).digest('base64'),
        crypto.createHmac('sha1', 'salt').update('secret').digest('hex'),
        new Buffer(drupal, 'binary').length,
        crypto.createHash('md5').update('secret').digest('hex') === crypto.createHash('MD5').update('secret').digest('hex'),
      ];`;
    expect(await guest(body)).toEqual([
      '/W43xWHlWSvb5zmVUyKi/n3pXlM=',
      '5bfb52c459cdb07218c176b5ddec9b6215bd5b76',
      64,
      true,
    ]);
  });

  it.each(['bcrypt', 'bcryptjs'])('%s takes hashes of PHP and of before 2014', async (name) => {
    const body = `var bcrypt = require('${name}');
      var hash = bcrypt.hashSync('secret', 4);
      var answers = [];
      ['$2a$', '$2b$', '$2y$'].forEach(function (version) {
        var old = version + hash.slice(4);
        answers.push(bcrypt.compareSync('secret', old), bcrypt.compareSync('wrong', old));
      });
      return answers.concat(await new Promise(function (resolve, reject) {
        bcrypt.compare('secret', '$2y$' + hash.slice(4), function (error, same) { error ? reject(error) : resolve(same); });
      }));`;
    expect(await guest(body)).toEqual([true, false, true, false, true, false, true]);
  });
});

describe('util', () => {
  it.each([
    ['util.isArray([]) && !util.isArray({})', true],
    [
      "util.isString('') && util.isNumber(1) && util.isBoolean(false) && util.isFunction(util.isFunction)",
      true,
    ],
    [
      'util.isUndefined() && util.isNull(null) && util.isNullOrUndefined(null) && util.isSymbol(Symbol())',
      true,
    ],
    ['util.isObject({}) && !util.isObject(null) && util.isPrimitive(1)', true],
    ['util.isRegExp(/x/) && util.isDate(new Date()) && util.isError(new TypeError())', true],
    ["util.isBuffer(new Buffer('x'))", true],
    ['util._extend({ a: 1 }, { b: 2 })', { a: 1, b: 2 }],
    ["require('sys') === util", true],
    ['util.inspect({ a: [1] }, false, null)', '{ a: [ 1 ] }'],
    ["util.format('%s is %d', 'x', 1)", 'x is 1'],
    ["util.deprecate(function () { return 1; }, 'old')()", 1],
  ])('%s', async (expression, expected) => {
    expect(await guest(`var util = require('util'); return ${expression}`)).toEqual(expected);
  });

  it.each(['puts', 'print', 'error', 'log'])('%s writes to the console', async (name) => {
    const [line] = await consoleOf(pool, `require('util').${name}('a line');`);
    expect(line).toMatch(/^(info|error) .*a line$/);
  });

  it('inherits makes ES5 classes, of emitters, streams and agents', async () => {
    const body = `var util = require('util'), EventEmitter = require('events').EventEmitter, stream = require('stream');
      function Store(name) { EventEmitter.call(this); this.name = name; }
      util.inherits(Store, EventEmitter);
      Store.prototype.find = function (id) { var self = this; process.nextTick(function () { self.emit('found', self.name + id); }); };
      function Upper() { stream.Transform.call(this); }
      util.inherits(Upper, stream.Transform);
      Upper.prototype._transform = function (chunk, encoding, done) { done(null, String(chunk).toUpperCase()); };
      var https = require('https');
      function Agent(options) { https.Agent.call(this, options); this.mine = true; }
      util.inherits(Agent, https.Agent);
      var store = new Store('user-');
      var found = await new Promise(function (resolve) { store.on('found', resolve); store.find(7); });
      var upper = new Upper();
      var text = await new Promise(function (resolve) { upper.on('data', function (data) { resolve(String(data)); }); upper.end('x'); });
      var agent = new Agent({ maxSockets: 3 });
      return [found, Store.super_ === EventEmitter, store instanceof EventEmitter, text,
        agent instanceof https.Agent, agent.maxSockets, agent.options.maxSockets, agent.mine];`;
    expect(await guest(body)).toEqual(['user-7', true, true, 'X', true, 3, 3, true]);
  });

  it('an agent is made without new', async () => {
    const body = `var http = require('http'), https = require('https');
      var agent = https.Agent({ keepAlive: true });
      return [agent instanceof https.Agent, agent instanceof http.Agent, agent.keepAlive, http.Agent().maxSockets > 1e9,
        agent.constructor === https.Agent, https.Agent.name === 'Agent' && http.Agent.name === 'Agent'];`;
    expect(await guest(body)).toEqual([true, true, true, true, true, true]);
  });
});

describe('callbacks', () => {
  it('promisified request', async () => {
    const source = `function getUser(id, context, callback) {
      const post = require('util').promisify(require('request').post);
      post({ url: configuration.URL + '/echo', json: { id: id } }).then(function (response) {
        callback(null, { user_id: JSON.parse(response.body.body).id });
      }, callback);
    }`;
    expect(await script(source)).toEqual({ user_id: 'jane@example.com' });
  });

  it('handed on to a library that calls with more than two arguments', async () => {
    const source = `function getUser(id, context, callback) {
      require('request')({ url: configuration.URL + '/json', json: true }, callback);
    }`;
    expect(await script(source)).toMatchObject({ statusCode: 200, body: { list: [1, 2, 3] } });
    const refused = source.replace('configuration.URL', "'http://127.0.0.1:1'");
    const { outcome } = await runSource(pool, refused);
    expect(outcome).toMatchObject({ kind: 'rejected', failure: { code: 'ECONNREFUSED' } });
  });

  it('nested, through timers and ticks', async () => {
    const source = `function getUser(id, context, callback) {
      var self = this, seen = [];
      setImmediate(function () {
        seen.push('immediate');
        process.nextTick(function (value) {
          seen.push(value);
          setTimeout(function (value) {
            seen.push(value, typeof self);
            callback(null, { user_id: id, seen: seen }, 'extra', { more: true });
          }, 1, 'timeout');
        }, 'tick');
      });
    }`;
    expect(await script(source)).toEqual({
      user_id: 'jane@example.com',
      seen: ['immediate', 'tick', 'timeout', 'object'],
    });
  });

  it('mixed with promises, and with what an async function returns', async () => {
    const source = `async function getUser(id, context, callback) {
      await Promise.resolve().finally(function () { global.cleaned = true; });
      callback(null, { user_id: id, cleaned: global.cleaned });
      return { user_id: 'somebody else' };
    }`;
    expect(await script(source)).toEqual({ user_id: 'jane@example.com', cleaned: true });
  });

  it('with an error that has fields of its own, and with a string', async () => {
    const run = (error: string) =>
      runSource(pool, `function getUser(id, context, callback) { ${error} callback(error); }`);
    const fields = await run(
      "var error = new Error('no'); error.status = 503; error.code = 'E_STORE'; error.self = error;",
    );
    expect(fields.outcome).toMatchObject({ kind: 'rejected', failure: { message: 'no', code: 'E_STORE' } });
    const text = await run("var error = 'only words';");
    expect(text.outcome).toMatchObject({ kind: 'rejected', failure: { message: 'only words' } });
  });

  it('without any argument', async () => {
    expect(await script('function getUser(id, context, callback) { callback(); }')).toBeUndefined();
  });
});

describe('the language of before', () => {
  it('sloppy mode', async () => {
    const source = `function getUser(id, context, callback) {
      undeclared = 1;
      var octal = 010, both = function (n) { return n < 2 ? 1 : n * arguments.callee(n - 1); };
      with ({ inside: 'with' }) { var seen = inside; }
      function twice(a, a) { return a; }
      (function () { this.leaked = 'this is the global object'; })();
      var frozen = Object.freeze({ a: 1 });
      frozen.a = 2;
      delete frozen.a;
      callback(null, { octal: octal, factorial: both(4), seen: seen, twice: twice(1, 2), undeclared: global.undeclared,
        leaked: global.leaked, caller: getUser.caller === null, a: frozen.a, escaped: unescape('%41') + '\\101' });
    }`;
    expect(await script(source)).toEqual({
      octal: 8,
      factorial: 24,
      seen: 'with',
      twice: 2,
      undeclared: 1,
      leaked: 'this is the global object',
      caller: true,
      a: 1,
      escaped: 'AA',
    });
  });

  it.each([
    [
      'module.exports',
      'module.exports = function (id, context, callback) { callback(null, { user_id: id }); };',
    ],
    [
      'exports by name',
      'exports.getUser = function (id, context, callback) { callback(null, { user_id: id }); };',
    ],
    ['a variable', 'var getUser = function (id, context, callback) { callback(null, { user_id: id }); };'],
    [
      'a class',
      `function Users() {} Users.prototype.find = function (id, done) { done(null, { user_id: id }); };
      function getUser(id, context, callback) { new Users().find(id, callback); }`,
    ],
  ])('an entry as %s', async (_name, source) => {
    expect(await script(source)).toEqual({ user_id: 'jane@example.com' });
  });

  it('caches on global', async () => {
    const source = `global.cache = global.cache || { calls: 0 };
      function getUser(id, context, callback) {
        global.client = global.client || { uses: 0 };
        callback(null, { calls: ++global.cache.calls, uses: ++global.client.uses });
      }`;
    const options = { isolation: 'connection', connection: 'caching' } as const;
    expect(await script(source, options)).toEqual({ calls: 1, uses: 1 });
    // The next call may find the context still in use and get another.
    await expect.poll(() => script(source, options)).toEqual({ calls: 2, uses: 2 });
  });
});

describe('modules that moved on', () => {
  it.each([
    ["url.parse('http://u:p@h.test/p?a=1#x').query", 'a=1'],
    ["url.parse('http://h.test/p?a=1', true).query.a", '1'],
    ["url.format({ protocol: 'http:', host: 'h.test', pathname: '/p' })", 'http://h.test/p'],
    ["querystring.stringify({ a: [1, 2], b: '&' })", 'a=1&a=2&b=%26'],
    ["querystring.escape('a b') + querystring.parse('x=%20').x", 'a%20b '],
    ["require('punycode').toASCII('b\\u00fccher.test')", 'xn--bcher-kva.test'],
    ["new (require('string_decoder').StringDecoder)('utf8').write(new Buffer('x'))", 'x'],
    ["require('assert').equal(1, '1')", undefined],
    ["require('constants').ENOENT", 2],
    ["require('crypto').createCredentials", undefined],
  ])('%s', async (expression, expected) => {
    const body = `var url = require('url'), querystring = require('querystring'); return ${expression}`;
    expect(await guest(body)).toEqual(expected);
  });

  it('files are refused by name, at the line', async () => {
    const source = `function getUser(id, context, callback) {
      require('fs').readFile('/etc/passwd', 'utf8', callback);
    }`;
    const { outcome } = await runSource(pool, source);
    expect(outcome).toMatchObject({
      kind: 'rejected',
      failure: {
        code: 'ERR_METHOD_NOT_IMPLEMENTED',
        message: expect.stringContaining('fs.readFile'),
        place: { line: 2 },
      },
    });
  });
});
