import { type Family, login, outOfMemory } from '../attack.ts';

/** Scripts that want more memory than the isolate has. */

const memory = { ...outOfMemory, detail: /64 MB$/ };
const hoard = (name: string, body: string) => ({
  name,
  script: login(body),
  expect: memory,
  withinMs: 10_000,
});

export const family: Family = {
  name: 'heap',
  attacks: [
    hoard('arrays of numbers', 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length));'),
    hoard('arrays of doubles', 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length + 0.5));'),
    hoard('strings', "const all = []; for (;;) all.push(JSON.stringify('x'.repeat(1e6) + all.length));"),
    hoard(
      'a string that doubles, flattened',
      "let s = 'xy'; const all = []; for (;;) { s += s; if (s.length > 2e7) s = 'xy' + all.length; /x/.test(s); all.push(s + 'z'); JSON.stringify(all.at(-1)); }",
    ),
    hoard(
      'closures',
      'let f = () => 1; const all = []; for (;;) { const g = f; f = () => g; all.push(f, new Array(1e4).fill(f)); }',
    ),
    hoard(
      'a Map',
      "const map = new Map(); for (let n = 0; ; n++) map.set('key' + n, new Array(1000).fill(n));",
    ),
    hoard('a linked list', 'let head = null; for (;;) head = { head, list: new Array(1000).fill(head) };'),
    hoard(
      'promises that wait',
      'const all = []; for (;;) all.push(Promise.resolve(new Array(1000).fill(0)).then(() => new Promise(() => {})), new Array(1000).fill(all.at(-1)));',
    ),
    hoard('symbols', 'const all = []; for (;;) all.push(Symbol("x".repeat(1000) + all.length));'),
    hoard('the split of a text', "const all = []; for (;;) all.push('x,'.repeat(1e6).split(','));"),
    hoard('BigInts', 'const all = []; for (;;) all.push(2n ** 100000n + BigInt(all.length));'),
    hoard(
      'errors with their stacks',
      "const all = []; for (;;) { const error = new Error(JSON.stringify('x'.repeat(1e6) + all.length)); all.push(error, error.stack); }",
    ),
    {
      name: 'an array joined to itself',
      script: login('let list = [1]; for (;;) list = list.concat(list);'),
      expect: memory,
      withinMs: 10_000,
    },
    {
      name: 'an object with millions of keys that are text',
      script: login(
        "const o = {}; for (let n = 0; n < 1e7; n++) o['k' + n] = n; callback(null, { user_id: '1' });",
      ),
      expect: memory,
      withinMs: 10_000,
    },
    {
      name: 'an error whose message takes all of it when it is read',
      script: login(
        "const error = new Error('x'); Object.defineProperty(error, 'message', { get() { const all = []; for (;;) all.push(new Array(1e5).fill(1.1)); } }); Promise.reject(error);",
      ),
      expect: memory,
      withinMs: 10_000,
    },
    {
      name: 'code that makes code',
      script: login(
        "const all = []; for (;;) all.push(new Function('/*' + 'x'.repeat(1e6) + all.length + '*/'));",
      ),
      expect: memory,
      withinMs: 10_000,
    },
    {
      name: 'memory that a global keeps, call after call',
      script: login(
        'globalThis.kept = globalThis.kept || []; for (;;) kept.push(new Array(1e5).fill(0).map(() => ({})));',
      ),
      expect: memory,
      withinMs: 10_000,
    },
  ],
};
