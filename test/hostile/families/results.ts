import { type Family, login, timeout } from '../attack.ts';

/** Results that are hostile to whoever reads, copies or writes them. */

const answers = (source: string) => login(`callback(null, ${source});`);

export const family: Family = {
  name: 'results',
  attacks: [
    { name: 'a getter that loops', script: answers('{ get user_id() { for (;;); } }'), expect: timeout },
    {
      name: 'a getter that throws',
      script: answers("{ get user_id() { throw new Error('mine'); } }"),
      expect: { code: 'script_error', detail: /^mine$/ },
    },
    {
      name: 'a getter that answers another object each time, without an end',
      script: answers(
        "{ user_id: '1', get next() { return Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this)); } }",
      ),
      expect: { code: 'invalid_profile' },
    },
    { name: 'toJSON that loops', script: answers('{ toJSON() { for (;;); } }'), expect: timeout },
    {
      name: 'toJSON that answers itself',
      script: login('const self = { toJSON: () => self }; callback(null, self);'),
      expect: { code: 'invalid_profile', detail: /refers back/ },
    },
    {
      name: 'toJSON that answers another with toJSON, without an end',
      script: login('const make = () => ({ toJSON: make }); callback(null, make());'),
      expect: { code: 'invalid_profile', detail: /JSON cannot hold/ },
    },
    {
      name: 'a Proxy of a profile',
      script: answers("new Proxy({ user_id: '1' }, {})"),
      expect: { code: 'ok' },
    },
    {
      name: 'a Proxy with keys that are not there',
      script: answers(
        "new Proxy({}, { ownKeys: () => ['user_id'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: (_, key) => key === 'user_id' ? '1' : undefined })",
      ),
      expect: { code: 'ok' },
    },
    {
      name: 'a Proxy whose ownKeys loops',
      script: answers('new Proxy({}, { ownKeys() { for (;;); }, get: () => undefined })'),
      expect: timeout,
    },
    {
      name: 'a revoked Proxy',
      script: login('const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); callback(null, proxy);'),
      expect: { code: 'script_error', detail: /revoked/ },
    },
    {
      name: 'a Proxy without an end to its depth',
      script: answers(
        "new Proxy({}, { ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: (t, key, self) => typeof key === 'string' && key === 'a' ? new Proxy(t, this) && Object.create(null, { a: { get: () => self, enumerable: true } }) : undefined })",
      ),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'an array of the greatest length',
      script: answers("{ user_id: '1', list: new Array(2 ** 32 - 1) }"),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'a length that lies',
      script: login(
        "const list = new Proxy([], { get: (t, key) => key === 'length' ? 2 ** 53 : t[key] }); callback(null, { user_id: '1', list });",
      ),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'nested a hundred thousand levels deep',
      script: login(
        "let deep = {}; for (let n = 0; n < 1e5; n++) deep = { deep }; callback(null, { user_id: '1', deep });",
      ),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'one string of five megabytes',
      script: answers("{ user_id: '1', picture: 'x'.repeat(5e6) }"),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'of characters that take six each',
      script: answers("{ user_id: '1', text: '\\u0001'.repeat(2e5) }"),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'of twenty thousand keys',
      script: login(
        "const user = { user_id: '1' }; for (let n = 0; n < 2e4; n++) user['k' + n] = 'value ' + n; callback(null, user);",
      ),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'the same object a million times',
      script: login(
        "const one = { a: 'x'.repeat(1000) }; callback(null, { user_id: '1', list: new Array(1e5).fill(one) });",
      ),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'that doubles in width with each level',
      script: login(
        "let wide = 'x'; for (let n = 0; n < 60; n++) wide = [wide, wide]; callback(null, { user_id: '1', wide });",
      ),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'a result that is bigger with every reading',
      script: login(
        "const list = []; callback(null, { user_id: '1', list: new Proxy(list, { get(t, key) { if (key === 'length') { t.push('x'.repeat(100)); return t.length; } return t[key]; } }) });",
      ),
      expect: { code: 'result_too_large' },
    },
    {
      name: 'functions, symbols and BigInts',
      script: answers("{ user_id: '1', f() {}, s: Symbol(), b: 1n }"),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'a user_id with a toString that throws',
      script: answers('{ user_id: { toString() { throw 1; } } }'),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'a Date with a method of its own',
      script: login(
        "const at = new Date(0); at.toISOString = () => ({ toString() { for (;;); } }); callback(null, { user_id: '1', at });",
      ),
      expect: { code: 'ok', user: { user_id: '1', at: {} } },
    },
    {
      name: 'toHexString that answers an object',
      script: answers("{ user_id: { toHexString: () => ({ toString: () => '1' }) } }"),
      expect: { code: 'ok' },
    },
    {
      name: 'a Map with a constructor of its own',
      script: login(
        "const map = new Map(); Object.defineProperty(map, 'constructor', { get() { throw new Error('mine'); } }); callback(null, { user_id: '1', map });",
      ),
      expect: { code: 'script_error', detail: /^mine$/ },
    },
    {
      name: 'a boxed String with toString of its own',
      script: login(
        "const s = new String('1'); s.toString = s.valueOf = () => 'x'; callback(null, { user_id: s });",
      ),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'text that is no whole character',
      script: answers("{ user_id: '1', name: '\\ud800' }"),
      expect: { code: 'ok', user: { user_id: '1', name: '\ud800' } },
    },
    {
      name: 'of a look-up, which JSON cannot carry and which is not "not found"',
      action: 'get_user',
      script:
        "function getUser(identifier, context, callback) { callback(null, new Map([['user_id', '1']])); }",
      expect: { code: 'invalid_profile', detail: /JSON cannot hold/ },
    },
    {
      name: 'a user of another kind than is asked for',
      script: answers("[{ user_id: '1' }]"),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'a promise of a profile',
      script: answers("Promise.resolve({ user_id: '1' })"),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'document.all of another realm, a WeakMap and a generator',
      script: answers("{ user_id: '1', a: new WeakMap(), b: (function* () {})() }"),
      expect: { code: 'ok', user: { user_id: '1', a: {}, b: {} } },
    },
  ],
};
