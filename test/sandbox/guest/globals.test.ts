import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { consoleOf, inGuest } from './guest-script.ts';

let pool: Pool;

beforeAll(async () => {
  pool = await createTestPool();
});

afterAll(() => pool?.close());

const guest = (body: string) => inGuest(pool, body);

describe('globals', () => {
  it('has what scripts use, none of it enumerable', async () => {
    const names = `AbortController AbortSignal Blob Buffer DOMException Event EventTarget File FormData Headers
      ReadableStream Request Response TextDecoder TextDecoderStream TextEncoder TransformStream URL URLSearchParams
      UnauthorizedError ValidationError WritableStream WrongUsernameOrPasswordError atob btoa clearImmediate
      clearInterval clearTimeout console crypto fetch global performance process queueMicrotask setImmediate
      setInterval setTimeout structuredClone`;
    const missing = await guest(`return ${JSON.stringify(names.split(/\s+/))}
      .filter((name) => globalThis[name] === undefined)`);
    expect(missing).toEqual([]);
    expect(await guest('return Object.keys(globalThis)')).toEqual([]);
    expect(await guest('return global === globalThis')).toBe(true);
  });

  it('has nothing whose memory is not counted, and no trace of the bridge', async () => {
    const names = await guest('return Object.getOwnPropertyNames(globalThis)');
    expect(names).not.toContain('WebAssembly');
    expect(names).not.toContain('SharedArrayBuffer');
    expect((names as string[]).filter((name) => name.startsWith('__'))).toEqual([]);
  });

  it('names functions and classes as they are called', async () => {
    const body = `return [Buffer, URL, Headers, setTimeout, ValidationError, require('events'), require('util').inspect,
      require('stream').Readable, require('http').ClientRequest].map(({ name }) => name)`;
    expect(await guest(body)).toEqual([
      'Buffer',
      'URL',
      'Headers',
      'setTimeout',
      'ValidationError',
      'EventEmitter',
      'inspect',
      'Readable',
      'ClientRequest',
    ]);
  });

  it.each([
    ['_', "_.get({ a: { b: 1 } }, 'a.b')", 1],
    ['querystring', "querystring.stringify({ a: 'b c' })", 'a=b%20c'],
    ['jwt', 'typeof jwt.verify', 'function'],
    ['uuid', 'uuid.v4().length', 36],
    ['bcrypt', 'typeof bcrypt.compare', 'function'],
    ['request', 'typeof request.get', 'function'],
    ['_', "_.pluck([{ a: 1 }], 'a')[0]", 1],
    ['ObjectID', "new ObjectID('5f0c1a2b3c4d5e6f70819203').toString()", '5f0c1a2b3c4d5e6f70819203'],
    ['crypto', "crypto.createHash('md5').update('').digest('hex').slice(0, 8)", 'd41d8cd9'],
  ])('has the legacy bare global %s', async (_name, expression, expected) => {
    expect(await guest(`return ${expression}`)).toBe(expected);
  });

  it("has Node's crypto in the global one where nobody sees it, and Web Crypto as it is", async () => {
    const body = `const ofNode = require('crypto');
      return [Object.keys(crypto), 'constants' in crypto, crypto.randomBytes === ofNode.randomBytes,
        ofNode.webcrypto === crypto, (await crypto.subtle.digest('SHA-1', Buffer.from(''))).byteLength]`;
    expect(await guest(body)).toEqual([['getRandomValues', 'randomUUID', 'subtle'], true, true, true, 20]);
  });

  it('lets a variable or an assignment take the place of a legacy global', async () => {
    const body = `const _ = require('lodash'); var jwt = 5; uuid = 'mine';
      return [typeof _.get, jwt, uuid, globalThis.uuid]`;
    expect(await guest(body)).toEqual(['function', 5, 'mine', 'mine']);
  });
});

describe('process', () => {
  it("has Node's version, an empty environment to write to, and nothing of the host", async () => {
    const body = `process.env.MODE = 'test';
      return [process.version, process.versions.node, process.env, process.cwd(), process.argv, process.pid,
        Object.prototype.toString.call(process)]`;
    expect(await guest(body)).toEqual([
      process.version,
      process.versions.node,
      { MODE: 'test' },
      '/',
      ['node'],
      1,
      '[object process]',
    ]);
  });

  it('runs ticks after the code that asked for them, with their arguments', async () => {
    const body = `const seen = []; process.nextTick((a, b) => seen.push(a, b), 1, 2); seen.push(0);
      await null; await null; return seen`;
    expect(await guest(body)).toEqual([0, 1, 2]);
  });

  it('measures time from when the context first looks', async () => {
    const body = `const before = process.hrtime(); const start = process.hrtime.bigint();
      await new Promise((resolve) => setTimeout(resolve, 20));
      const [seconds, nanoseconds] = process.hrtime(before);
      return [seconds, nanoseconds >= 15e6, process.hrtime.bigint() - start >= 15000000n, process.uptime() < 60]`;
    expect(await guest(body)).toEqual([0, true, true, true]);
  });

  it('refuses to exit, by name', async () => {
    expect(
      await guest('try { process.exit(1) } catch (error) { return [error.code, error.message] }'),
    ).toEqual([
      'ERR_METHOD_NOT_IMPLEMENTED',
      'ERR_METHOD_NOT_IMPLEMENTED: process.exit is not available to action scripts',
    ]);
  });

  it('takes listeners that are never called', async () => {
    expect(await guest(`return process.on('exit', () => {}).listenerCount('exit')`)).toBe(1);
  });
});

describe('web globals', () => {
  it.each([
    [
      "new URL('../b?x=1#h', 'https://me:pw@exämple.test:8443/a/c').href",
      'https://me:pw@xn--exmple-cua.test:8443/b?x=1#h',
    ],
    ["new URL('http://0x7f.1/').hostname", '127.0.0.1'],
    ["new URL('http://[::1]:3000/').host", '[::1]:3000'],
    ["URL.canParse('no url')", false],
    ["[...new URLSearchParams('a=1&a=2&b=%20')].join(';')", 'a,1;a,2;b, '],
    ["new URLSearchParams({ q: 'a+b c' }).toString()", 'q=a%2Bb+c'],
    ["btoa('h\\u00e9')", 'aOk='],
    ["atob(' aOk= ')", 'hé'],
    ["new TextDecoder().decode(new TextEncoder().encode('grüße 💡'))", 'grüße 💡'],
    ["new TextDecoder('utf-16le').decode(Uint8Array.of(0x61, 0, 0xac, 0x20))", 'a€'],
    ["new TextDecoder('latin1').decode(Uint8Array.of(0xe9, 0x80))", 'é€'],
    ['new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))', 'a'],
    ["new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)).length", 2],
    ['structuredClone(new Map([[1, { a: new Date(5) }]])).get(1).a.getTime()', 5],
    ["new Blob(['ab', new Uint8Array([99])], { type: 'Text/Plain' }).type", 'text/plain'],
    ["await new Blob(['ab', new Uint8Array([99])]).slice(1).text()", 'bc'],
    ["await new Response(new Blob(['ab']).stream()).text()", 'ab'],
    ["new File(['abc'], 'a.txt').size", 3],
    ["new DOMException('m', 'AbortError').code", 20],
    ['typeof performance.now()', 'number'],
  ])('%s', async (expression, expected) => {
    expect(await guest(`return ${expression}`)).toEqual(expected);
  });

  it.each([
    ["atob('a')", 'InvalidCharacterError'],
    ["btoa('€')", 'InvalidCharacterError'],
    ["new URL('nowhere')", 'TypeError'],
    ["new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xff))", 'TypeError'],
    ['structuredClone(() => {})', 'DataCloneError'],
    ['new AbortSignal()', 'TypeError'],
  ])('%s throws %s', async (expression, name) => {
    expect(await guest(`try { ${expression} } catch (error) { return error.name }`)).toBe(name);
  });

  it('says as Node does what is no URL', async () => {
    const body = `const told = (...args) => { try { return new URL(...args).href } catch (error) {
        const { name, code, message, input, base } = error; return { name, code, message, input, base } } };
      const hostile = { toString() { throw new RangeError('mine') } };
      return [told('nowhere'), told('/a', 'b'), told(hostile).message, told(undefined, 'http://a'),
        new URL('http://a') instanceof URL, new URL('http://a').constructor === URL,
        (class extends URL { last() { return this.pathname } }).prototype instanceof URL, told('/a', new URL('http://b'))]`;
    expect(await guest(body)).toEqual([
      { name: 'TypeError', code: 'ERR_INVALID_URL', message: 'Invalid URL', input: 'nowhere' },
      { name: 'TypeError', code: 'ERR_INVALID_URL', message: 'Invalid URL', input: '/a', base: 'b' },
      'mine',
      'http://a/undefined',
      true,
      true,
      true,
      'http://b/a',
    ]);
  });

  it('gives the code to scripts whose axios is told no URL', async () => {
    const body = `try { await require('axios').get('@@BASE_URL@@/users') } catch (error) { return error.code }`;
    expect(await guest(body)).toBe('ERR_INVALID_URL');
  });

  it('decodes text that is cut inside a character', async () => {
    const body = `const decoder = new TextDecoder();
      return decoder.decode(Uint8Array.of(0xe2, 0x82), { stream: true }) + decoder.decode(Uint8Array.of(0xac))`;
    expect(await guest(body)).toBe('€');
  });

  it('aborts signals: by a controller, by a timeout, with others', async () => {
    const body = `const controller = new AbortController(); const seen = [];
      const any = AbortSignal.any([controller.signal, AbortSignal.timeout(60000)]);
      any.addEventListener('abort', (event) => seen.push(event.type));
      any.onabort = () => seen.push('on');
      controller.abort(); controller.abort();
      const late = AbortSignal.timeout(1);
      await new Promise((resolve) => late.addEventListener('abort', resolve));
      try { any.throwIfAborted() } catch (error) { seen.push(error.name) }
      return [...seen, late.reason.name, AbortSignal.abort('why').reason]`;
    expect(await guest(body)).toEqual(['on', 'abort', 'AbortError', 'TimeoutError', 'why']);
  });

  it('calls the listeners of events once, in order, unless they are removed or stopped', async () => {
    const body = `const target = new EventTarget(); const seen = [];
      const twice = () => seen.push('twice'); const gone = () => seen.push('gone');
      target.addEventListener('x', () => seen.push('once'), { once: true });
      target.addEventListener('x', twice); target.addEventListener('x', twice);
      target.addEventListener('x', gone); target.removeEventListener('x', gone);
      target.dispatchEvent(new Event('x'));
      target.addEventListener('x', (event) => event.stopImmediatePropagation());
      target.addEventListener('x', gone);
      return [target.dispatchEvent(new CustomEvent('x', { detail: 1 })), ...seen]`;
    expect(await guest(body)).toEqual([true, 'once', 'twice', 'twice']);
  });
});

describe('console', () => {
  it('writes lines by level, formatted as Node does', async () => {
    const lines = await consoleOf(
      pool,
      `console.log('%s is %d', 'x', 1, { a: { b: [1, new Map([[1, 2]])] } });
       console.warn('careful'); console.error(new TypeError('bad').message); console.debug(undefined, null, 1n);
       console.group('in'); console.info('side'); console.groupEnd(); console.count(); console.count();
       console.assert(1 === 1); console.assert(false, 'no %s', 'way');
       console.table([{ a: 1, b: 'x' }, { a: 22 }]);
       process.stdout.write('raw\\n');`,
    );
    expect(lines).toEqual([
      'info x is 1 { a: { b: [ 1, [Map] ] } }',
      'warn careful',
      'error bad',
      'debug undefined null 1n',
      'info in',
      'info   side',
      'info default: 1',
      'info default: 2',
      'error Assertion failed: no way',
      "info (index) | a  | b  \n0       | 1  | 'x'\n1       | 22 |    ",
      'info raw',
    ]);
  });

  it('cuts a long line and says so', async () => {
    const [line] = await consoleOf(pool, `console.log('x'.repeat(10000))`);
    expect(line).toBe(`info ${'x'.repeat(8192)} … 1808 more characters`);
  });
});

describe('error classes', () => {
  it('are errors with a name and their fields', async () => {
    const body = `const wrong = new WrongUsernameOrPasswordError('jane', 'no');
      const invalid = new ValidationError('user_exists', 'there');
      return [wrong instanceof Error, wrong.name, wrong.message, wrong.identifier, String(wrong), invalid.code,
        String(invalid), String(new UnauthorizedError('not you')), /getUser|anonymous|at /.test(wrong.stack)]`;
    expect(await guest(body)).toEqual([
      true,
      'WrongUsernameOrPasswordError',
      'no',
      'jane',
      'WrongUsernameOrPasswordError: no',
      'user_exists',
      'ValidationError: there',
      'UnauthorizedError: not you',
      true,
    ]);
  });
});
