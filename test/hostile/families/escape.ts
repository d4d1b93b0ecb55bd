import { type Family, login, loginUnless, loginUnlessAsync, ok } from '../attack.ts';

/**
 * Ways out of other sandboxes: of Node's vm, of vm2, of isolated-vm with objects handed in. Each looks for something
 * that only the host has, and answers user 1 when it has found nothing.
 */

/** Whatever has one of these is the host's. */
const hostsOwn = `const isHosts = (any) => {
  const g = any;
  return !!g && (typeof g.process?.mainModule === 'object' || typeof g.process?.binding?.('fs') === 'object'
    || typeof g.process?.getBuiltinModule === 'function' || typeof g.process?.dlopen?.prototype === 'object'
    || typeof g.ivm === 'object' || g !== globalThis && typeof g.process === 'object');
};
const safely = (look) => { try { return look(); } catch { return undefined; } };
`;
const unless = (body: string) => loginUnless(hostsOwn + body);
const unlessAsync = (body: string) => loginUnlessAsync(hostsOwn + body);

export const family: Family = {
  name: 'escape',
  attacks: [
    {
      name: 'the constructor of the constructor of this',
      script: unless("escaped = safely(() => isHosts(this.constructor.constructor('return this')()));"),
      expect: ok,
    },
    {
      name: 'the Function that made the callback',
      script: unless(`const made = callback.constructor('return this')();
        escaped = made !== globalThis;`),
      expect: ok,
    },
    {
      name: 'the Function that made each global',
      script: unless(`for (const name of Object.getOwnPropertyNames(globalThis)) {
          const { value } = Object.getOwnPropertyDescriptor(globalThis, name);
          const made = safely(() => value.constructor.constructor('return this')());
          if (made && made !== globalThis) escaped = name;
        }`),
      expect: ok,
    },
    {
      name: 'the Function that made what the bridge answers',
      script: unlessAsync(`const crypto = require('crypto');
        const zlib = require('zlib');
        const answers = [crypto.randomBytes(8), crypto.createHash('sha1').update('x').digest(),
          crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }), zlib.gzipSync('x'),
          await crypto.subtle.digest('SHA-256', new Uint8Array(4)), crypto.getHashes()];
        for (const answer of answers) {
          if (answer.constructor.constructor('return this')() !== globalThis) escaped = String(answer);
          if (answer.buffer && Object.getPrototypeOf(answer.buffer) !== ArrayBuffer.prototype) escaped = 'buffer';
        }`),
      expect: ok,
    },
    {
      name: 'the Function that made an error of the host',
      script: unlessAsync(`const errors = [];
        const crypto = require('crypto');
        try { crypto.createHash('no such hash'); } catch (error) { errors.push(error); }
        try { crypto.createPrivateKey('nonsense'); } catch (error) { errors.push(error); }
        await require('axios').get('http://127.0.0.1:1/').catch((error) => errors.push(error));
        await require('dns').promises.lookup('name.invalid').catch((error) => errors.push(error));
        if (errors.length !== 4) escaped = 'only ' + errors.length;
        for (const error of errors) {
          if (!(error instanceof Error)) escaped = 'of another realm';
          if (error.constructor.constructor('return this')() !== globalThis) escaped = 'a Function';
          if (/node:|sandbox|isolated/.test(error.stack)) escaped = error.stack;
        }`),
      expect: ok,
    },
    {
      name: 'the stack of an error below the script',
      script: unless(`const { stack } = new Error('x');
        if (/node:|file:|isolated|sandbox\\//.test(stack)) escaped = stack;`),
      expect: ok,
    },
    {
      name: 'CallSite.getThis and getFunction of every frame',
      script: unless(`Error.stackTraceLimit = Infinity;
        Error.prepareStackTrace = (_, frames) => frames;
        const frames = new Error().stack;
        for (const frame of frames) {
          const found = [frame.getThis(), frame.getFunction()];
          for (const one of found) {
            if (one === undefined || one === null) continue;
            if (one.constructor.constructor('return this')() !== globalThis) escaped = frame.toString();
          }
        }`),
      expect: ok,
    },
    {
      name: 'prepareStackTrace when the runtime throws for an error of the host',
      script: unless(`const seen = [];
        Error.prepareStackTrace = (error, frames) => { seen.push(...frames.map((f) => f.getThis?.())); return ''; };
        try { require('crypto').createHash('no such hash').stack; } catch (error) { error.stack; }
        try { require('no-such-module'); } catch (error) { error.stack; }
        escaped = seen.some((one) => one && isHosts(one));`),
      expect: ok,
    },
    {
      name: 'arguments.callee.caller',
      script: unless(`const caller = safely(function () { return arguments.callee.caller.caller; });
        for (let one = caller, n = 0; one && n < 20; one = safely(() => one.caller), n++) {
          if (one.constructor('return this')() !== globalThis) escaped = one.name;
          if (safely(() => one.arguments?.length) > 0 && /isolated|ivm/.test(String(one))) escaped = 'arguments';
        }`),
      expect: ok,
    },
    {
      name: 'a getter on arguments that the bridge reads',
      script: unless(`let seenBy;
        const options = { get ms() { seenBy = new Error().stack; return 1; }, valueOf() { seenBy = this; return 1; } };
        safely(() => setTimeout(() => {}, options));
        safely(() => require('crypto').randomBytes(options));
        escaped = /node:|isolated/.test(String(seenBy));`),
      expect: ok,
    },
    {
      name: 'a Proxy as options of every bridged module',
      script: unlessAsync(`const things = [];
        let left = 2000;
        const spy = () => new Proxy(function () {}, {
          get(target, key, receiver) {
            if (left-- < 0) return undefined;
            things.push(receiver);
            return key === Symbol.toPrimitive ? () => 'x' : spy();
          },
          apply(target, self, args) { things.push(self, ...args); return 'x'; },
          has: () => true,
        });
        for (const use of [
          () => require('crypto').createHash(spy()), () => require('crypto').pbkdf2Sync(spy(), spy(), 1, 1, 'sha1'),
          () => require('zlib').gzipSync('x', spy()), () => require('net').connect(spy()).destroy(),
          () => require('dns').lookup(spy(), () => {}), () => console.log(spy()), () => structuredClone(spy()),
        ]) safely(use);
        for (const thing of things) {
          if (thing && safely(() => thing.constructor?.constructor?.('return this')()) === undefined) continue;
          if (typeof thing === 'object' && thing !== null && isHosts(thing)) escaped = 'a thing';
        }`),
      expect: ok,
    },
    {
      name: 'import() of a module of Node',
      script: unlessAsync(
        "escaped = await import('node:fs').then((fs) => typeof fs.readFileSync, () => undefined);",
      ),
      expect: ok,
    },
    {
      name: 'import() in made code',
      script: unlessAsync(
        `escaped = await new Function("return import('node:child_process')")().then(() => 'in', () => undefined);`,
      ),
      expect: ok,
    },
    {
      name: 'import() with a specifier that is an object',
      script: unlessAsync(`let realm;
        const specifier = { toString() { realm = new Error().stack; return 'node:fs'; } };
        escaped = await import(specifier).then(() => 'in', (error) => error.constructor.constructor('return this')() !== globalThis);
        if (/node:internal/.test(realm)) escaped = realm;`),
      expect: ok,
    },
    {
      name: 'process.binding',
      script: login("process.binding('fs');"),
      expect: { code: 'script_error', detail: /process\.binding is not available/ },
    },
    {
      name: 'process.mainModule, getBuiltinModule and _linkedBinding',
      script:
        unless(`escaped = ['mainModule', 'getBuiltinModule', '_linkedBinding', '_load', 'moduleLoadList', 'report',
          'openStdin', 'reallyExit', '_kill', '_debugProcess', 'setuid'].filter((name) => process[name] !== undefined).join();`),
      expect: ok,
    },
    {
      name: 'process.dlopen',
      script: login("process.dlopen({ exports: {} }, '/usr/lib/libc.so.6');"),
      expect: { code: 'script_error', detail: /process\.dlopen is not available/ },
    },
    {
      name: 'require of modules that reach the system',
      script:
        unless(`for (const name of ['child_process', 'worker_threads', 'cluster', 'vm', 'module', 'v8', 'inspector',
          'repl', 'wasi', 'node:sqlite', 'process', 'node:test', 'isolated-vm', 'trace_events', 'perf_hooks']) {
          const module = safely(() => require(name));
          if (!module) continue;
          for (const member of ['spawn', 'exec', 'fork', 'Worker', 'runInThisContext', 'runInNewContext', 'Script',
            'createRequire', '_load', 'Module', 'setFlagsFromString', 'Session', 'start', 'WASI', 'DatabaseSync', 'Isolate'])
            if (safely(() => new module[member]('1')) !== undefined) escaped = name + '.' + member;
        }`),
      expect: ok,
    },
    {
      name: 'require of files outside',
      script:
        unless(`for (const name of ['../../../etc/passwd', '/etc/passwd', './../database.json', 'file:///etc/passwd',
          '/proc/self/environ', '..', '.', '', '../login', 'node:../fs', './login.js/../../../../etc/passwd', '%2e%2e/x'])
          if (safely(() => require(name)) !== undefined) escaped = name;`),
      expect: ok,
    },
    {
      name: 'fs, by every function that reads',
      script: unless(`const fs = require('fs');
        for (const name of ['readFileSync', 'readdirSync', 'openSync', 'statSync', 'realpathSync', 'readlinkSync'])
          if (safely(() => fs[name]('/etc/passwd')) !== undefined) escaped = name;`),
      expect: ok,
    },
    {
      name: 'require.cache, require.main and module.parent',
      script:
        unless(`escaped = [...Object.keys(require.cache)].filter((name) => !name.startsWith('/escape-')).join()
          || require.main || require.extensions || module.parent || module.constructor._load || module.constructor._resolveFilename
          || module.require?.('fs')?.readFileSync?.('/etc/passwd');`),
      expect: ok,
    },
    {
      name: 'require.resolve of what is outside',
      script:
        unless(`for (const name of ['isolated-vm', '../../../../etc/passwd', '/etc/passwd', 'child_process/../fs'])
          escaped ||= safely(() => require.resolve(name));`),
      expect: ok,
    },
    {
      name: 'module.constructor as a maker of modules',
      script: unless(`const Module = module.constructor;
        escaped = Module !== Object && safely(() => new Module('x')._compile('this.a = process.mainModule', '/x.js'));`),
      expect: ok,
    },
    {
      name: 'a global that the runtime has left',
      script: unless(
        `escaped = Reflect.ownKeys(globalThis).map(String).filter((name) => /drawbridge|ivm|isolat/i.test(name)).join();`,
      ),
      expect: ok,
    },
    {
      name: 'the loader of a library, while it is evaluated',
      script: unless(`const seen = [];
        Object.defineProperty(globalThis, '__drawbridge_define', { set(v) { seen.push(v); }, get() { return undefined; }, configurable: true });
        safely(() => require('lod' + 'ash'));
        for (const one of seen) if (one.constructor('return this')() !== globalThis) escaped = 'a define';`),
      expect: ok,
    },
    {
      name: 'an async generator that returns a thenable',
      script: unlessAsync(`let self;
        const thenable = { then(resolve, reject) { self = [this, resolve, reject]; resolve(1); } };
        async function* generate() { return thenable; }
        await generate().next();
        async function* other() { yield* { [Symbol.asyncIterator]: () => ({ next: () => thenable, return: () => thenable }) }; }
        safely(() => other().return(thenable));
        for (const one of self) if (one.constructor.constructor('return this')() !== globalThis) escaped = 'resolve';`),
      expect: ok,
    },
    {
      name: 'Symbol.species of what an async function waits for',
      script: unlessAsync(`let maker;
        class Own extends Promise { static get [Symbol.species]() { return function (run) { maker = run; run(() => {}, () => {}); }; } }
        await Own.resolve(1);
        safely(() => new Own((resolve) => resolve()).then(() => {}));
        escaped = maker && maker.constructor('return this')() !== globalThis;`),
      expect: ok,
    },
    {
      name: 'an error with a name that is a symbol, whose stack is made by the engine',
      script: unless(`const error = new Error();
        error.name = Symbol();
        const thrown = safely(() => error.stack) === undefined;
        let caught;
        try { error.stack; Error.prepareStackTrace = undefined; String(error); } catch (e) { caught = e; }
        escaped = caught && caught.constructor.constructor('return this')() !== globalThis;`),
      expect: ok,
    },
    {
      name: 'stack overflow within calls of the bridge',
      script: unless(`const crypto = require('crypto');
        const caught = new Set();
        let tries = 0;
        const use = () => { try { crypto.createHash('sha1').update('x').digest(); } catch (error) { caught.add(error); } };
        const dive = () => { try { dive(); } finally { if (tries++ < 500) use(); } };
        safely(dive);
        for (const error of caught) {
          if (!(error instanceof Error) || error.constructor.constructor('return this')() !== globalThis) escaped = 'an error';
          if (/isolated|node:internal/.test(error.stack)) escaped = error.stack;
        }`),
      expect: ok,
    },
    {
      name: 'stack overflow within a require',
      script: unless(`let last;
        let tries = 0;
        const use = () => { try { require('mom' + 'ent'); } catch (error) { last = error; } };
        const dive = () => { try { dive(); } finally { if (tries++ < 30) use(); } };
        safely(dive);
        escaped = last && last.constructor.constructor('return this')() !== globalThis;`),
      expect: ok,
    },
    {
      name: 'Reflect.construct with a new target of its own',
      script:
        unless(`const target = new Proxy(function () {}, { get: (t, key) => key === 'prototype' ? null : t[key] });
        for (const make of [Error, Promise, Map, ArrayBuffer, Date, Function, URL, Buffer]) {
          const made = safely(() => Reflect.construct(make, make === Promise ? [() => {}] : ['return this'], target));
          if (made && typeof made === 'function' && made() !== globalThis && made() !== undefined) escaped = make.name;
          const proto = made && Object.getPrototypeOf(made);
          if (proto?.constructor && proto.constructor.constructor('return this')() !== globalThis) escaped = make.name;
        }`),
      expect: ok,
    },
    {
      name: 'ShadowRealm, WebAssembly, SharedArrayBuffer, Atomics.wait',
      script: unless(`escaped = typeof ShadowRealm + typeof WebAssembly + typeof SharedArrayBuffer;
        if (escaped === 'undefinedundefinedundefined') escaped = undefined;
        escaped ||= safely(() => Atomics.wait(new Int32Array(8), 0, 0, 1000));
        escaped ||= safely(() => new (structuredClone(new Uint8Array(1)).buffer.constructor)(8).grow);`),
      expect: ok,
    },
    {
      name: 'WeakRef and FinalizationRegistry, called by the engine',
      script: unlessAsync(`let called;
        const registry = new FinalizationRegistry(function () { called = this; });
        for (let n = 0; n < 1000; n++) registry.register({ n }, n);
        for (let n = 0; n < 20; n++) { new Array(1e4).fill(n); await new Promise((resolve) => setImmediate(resolve)); }
        escaped = called && called !== globalThis && isHosts(called);`),
      expect: ok,
    },
    {
      name: 'this of a timer, a tick, a listener and a microtask',
      script: unlessAsync(`const selves = [];
        await new Promise((resolve) => setTimeout(function () { selves.push(this); resolve(); }, 1));
        await new Promise((resolve) => process.nextTick(function () { selves.push(this); resolve(); }));
        await new Promise((resolve) => queueMicrotask(function () { selves.push(this); resolve(); }));
        await new Promise((resolve) => require('dns').lookup('127.0.0.1', function (...args) { selves.push(this, ...args); resolve(); }));
        for (const one of selves) if (one?.constructor && one.constructor.constructor('return this')() !== globalThis) escaped = 'this';`),
      expect: ok,
    },
  ],
};
