import { type Family, login, loginUnless, loginUnlessAsync, ok } from '../attack.ts';

/**
 * Functions that JavaScript is made of, replaced before the runtime's own code uses them. Whatever comes of it is the
 * script's own affair: the answer may be wrong for it, and nothing of the host may come into its hands.
 */

/** Calls the callback once what was replaced has been used. */
const replaced = (body: string) =>
  login(`const real = { ...Object, call: Function.prototype.call };
${body}
callback(null, { user_id: '1' });`);

export const family: Family = {
  name: 'realm',
  attacks: [
    {
      name: 'JSON.stringify and JSON.parse',
      script: replaced("JSON.stringify = JSON.parse = () => { throw new Error('mine'); };"),
      expect: ok,
    },
    {
      name: 'Function.prototype.call and apply',
      script:
        replaced(`Function.prototype.call = Function.prototype.apply = function () { throw new Error('mine'); };
        setTimeout(() => {}, 1);`),
      expect: ok,
    },
    {
      name: 'Promise.prototype.then, which then hands on what it is given',
      script: loginUnlessAsync(`const seen = [];
        const then = Promise.prototype.then;
        Promise.prototype.then = function (...args) { seen.push(this, ...args); return then.apply(this, args); };
        await require('crypto').subtle.digest('SHA-256', new Uint8Array(1));
        await require('axios').get('http://127.0.0.1:1/').catch(() => {});
        for (const one of seen) if (one && one.constructor.constructor('return this')() !== globalThis) escaped = 'a function';`),
      expect: ok,
    },
    {
      name: 'Promise.prototype.then, which never calls',
      script: login(
        'Promise.prototype.then = () => {}; require("axios").get("http://127.0.0.1:1/").then(callback);',
      ),
      expect: { code: 'script_error' },
    },
    {
      name: 'the Promise constructor',
      script: replaced('globalThis.Promise = class { constructor() { throw new Error("mine"); } };'),
      expect: ok,
    },
    {
      name: 'RegExp.prototype.exec and test, when an error is read',
      script: login(`RegExp.prototype.exec = () => ['x', '/etc/passwd', '1', '1'];
        RegExp.prototype.test = () => true;
        callback(new Error('mine'));`),
      expect: { code: 'script_error', detail: /^mine$/ },
    },
    {
      name: 'String.prototype.split, slice, trim and includes, when an error is read',
      script: login(`for (const name of ['split', 'slice', 'trim', 'includes', 'startsWith'])
          String.prototype[name] = () => { throw new Error('replaced'); };
        throw new Error('mine');`),
      expect: { code: 'script_error' },
    },
    {
      name: 'Array.prototype.filter and map, when an error is read',
      script: login(`Array.prototype.filter = Array.prototype.map = () => ({ slice: () => 'no array' });
        callback(new Error('mine'));`),
      expect: { code: 'script_error' },
    },
    {
      name: 'Array.prototype.push and join, when a result is written',
      script: login(`Array.prototype.push = () => 0; Array.prototype.join = () => '"user_id":"2"';
        callback(null, { user_id: '1' });`),
      expect: { code: 'ok', user: { user_id: '2' } },
    },
    {
      name: 'Array.prototype.join, which makes of a result what is no JSON',
      script: login(`Array.prototype.join = () => '}{'; callback(null, { user_id: '1' });`),
      expect: { code: 'script_error', detail: /cannot be written as JSON/ },
    },
    {
      name: 'Object.keys, when a result is written',
      script: login(
        `Object.keys = () => ['__proto__', 'constructor', 'user_id']; callback(null, { user_id: '1' });`,
      ),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'Map.prototype, which the bridge keeps its operations in',
      script: loginUnlessAsync(`const seen = [];
        for (const name of ['get', 'set', 'has', 'delete']) {
          const real = Map.prototype[name];
          Map.prototype[name] = function (...args) { seen.push(this, ...args); return real.apply(this, args); };
        }
        await require('axios').get('http://127.0.0.1:1/').catch(() => {});
        for (const one of seen) if (typeof one === 'function' && one.constructor('return this')() !== globalThis) escaped = 'a function';`),
      expect: ok,
    },
    {
      name: 'Map.prototype.get, which loses the listener of an operation',
      script: login('Map.prototype.get = () => undefined; setTimeout(callback, 1);'),
      expect: { code: 'script_no_callback' },
    },
    {
      name: 'Object.assign and Object.defineProperty, when the host answers an error',
      script: loginUnless(`const seen = [];
        const { assign } = Object;
        Object.assign = (...all) => { seen.push(...all); return assign(...all); };
        try { require('crypto').createHash('no such hash'); } catch {}
        for (const one of seen) if (one && one.constructor.constructor('return this')() !== globalThis) escaped = 'an error';`),
      expect: ok,
    },
    {
      name: 'Symbol.iterator of arrays, when the answer of a call is taken apart',
      script: loginUnless(`const seen = [];
        const real = Array.prototype[Symbol.iterator];
        Array.prototype[Symbol.iterator] = function () { seen.push(this); return real.apply(this); };
        require('crypto').createHash('sha1').update('x').digest();
        Array.prototype[Symbol.iterator] = real;
        for (const one of seen) if (one.constructor.constructor('return this')() !== globalThis) escaped = 'an answer';`),
      expect: ok,
    },
    {
      name: 'Symbol.hasInstance of ArrayBuffer, for what crosses as bytes',
      script: replaced(`Object.defineProperty(ArrayBuffer, Symbol.hasInstance, { value: () => true });
        ArrayBuffer.prototype.slice = () => ({ byteLength: 1e9 });
        try { require('crypto').createHash('sha1').update('x').digest(); } catch {}`),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'ArrayBuffer.prototype.slice, which answers a resizable buffer',
      script: replaced(`ArrayBuffer.prototype.slice = () => new ArrayBuffer(8, { maxByteLength: 1024 });
        try { require('crypto').createHash('sha1').update('x').digest(); } catch {}`),
      expect: ok,
    },
    {
      name: 'ArrayBuffer.prototype.slice, which answers a detached buffer',
      script:
        replaced(`ArrayBuffer.prototype.slice = () => { const one = new ArrayBuffer(8); one.transfer(); return one; };
        try { require('crypto').createHash('sha1').update('x').digest(); } catch {}`),
      expect: ok,
    },
    {
      name: 'String.prototype.charCodeAt, String and Number',
      script: replaced(
        'String.prototype.charCodeAt = () => NaN; globalThis.String = globalThis.Number = () => ({});',
      ),
      expect: ok,
    },
    {
      name: 'a setter for what JSON.parse makes of the arguments',
      script:
        loginUnless(`        Object.defineProperty(Object.prototype, 'ok', { set(v) { escaped = v; }, configurable: true });
        require('crypto').createHash('sha1').update('x').digest();
        escaped = escaped && escaped.constructor.constructor('return this')() !== globalThis;`),
      expect: ok,
    },
    {
      name: 'globalThis itself, frozen',
      script: replaced('Object.freeze(globalThis); setTimeout(() => {}, 1);'),
      expect: ok,
    },
    {
      name: 'every prototype, frozen',
      script: replaced(`for (const name of Object.getOwnPropertyNames(globalThis)) {
          const { value } = Object.getOwnPropertyDescriptor(globalThis, name);
          if (typeof value === 'function' && value.prototype) Object.freeze(value.prototype);
        }
        console.log('frozen');`),
      expect: ok,
    },
    {
      name: 'every function of every prototype, gone',
      script: login(`for (const one of [Array, String, Function, Map, Set, Promise, RegExp, Error, Number])
          for (const name of Object.getOwnPropertyNames(one.prototype)) if (name !== 'constructor') delete one.prototype[name];
        callback(null, { user_id: '1' });`),
      expect: { code: 'script_error' },
    },
    {
      name: 'Error and its kinds, when the host answers an error',
      script: loginUnless(`const seen = [];
        for (const name of ['Error', 'TypeError', 'RangeError'])
          globalThis[name] = class extends Object { constructor(...args) { super(); seen.push(args); } };
        try { require('crypto').createHash('no such hash'); } catch {}
        escaped = seen.some((args) => args.some((one) => typeof one !== 'string' && one !== undefined));`),
      expect: ok,
    },
    {
      name: 'Error.stackTraceLimit and captureStackTrace that throw',
      script: login(`Object.defineProperty(Error, 'stackTraceLimit', { get() { throw 1; } });
        Error.captureStackTrace = () => { throw 1; };
        callback(new Error('mine'));`),
      expect: { code: 'script_error', detail: /^mine$/ },
    },
    {
      name: 'Date, Math and performance, which the runtime measures with',
      script: replaced(`Date.now = () => NaN; performance.now = () => { throw new Error('mine'); };
        Math.trunc = Math.floor = () => -1; setTimeout(() => {}, 5);`),
      expect: ok,
    },
    {
      name: 'process.nextTick and queueMicrotask',
      script: replaced('process.nextTick = globalThis.queueMicrotask = () => { throw new Error("mine"); };'),
      expect: ok,
    },
    {
      name: 'Reflect.deleteProperty, when a library is loaded',
      script: loginUnless(`Reflect.deleteProperty = () => false;
        try { require('lod' + 'ash'); } catch {}
        const left = Object.getOwnPropertyNames(globalThis).filter((name) => name.startsWith('__drawbridge'));
        for (const name of left) if (globalThis[name].constructor('return this')() !== globalThis) escaped = name;`),
      expect: ok,
    },
    {
      name: 'the configuration, which is frozen',
      script: login(`try { configuration.SECRET = 'x'; } catch {}
        try { globalThis.configuration = {}; } catch {}
        try { Object.defineProperty(globalThis, 'configuration', { value: 1 }); } catch {}
        delete globalThis.configuration;
        callback(null, { user_id: String(typeof configuration.SECRET === 'string' && configuration.SECRET.length > 10) });`),
      expect: { code: 'ok', user: { user_id: 'true' } },
    },
  ],
};
