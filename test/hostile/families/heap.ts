import { type Family, login, outOfMemory } from '../attack.ts';

/** Scripts that want more memory than the isolate has. */

const memory = { ...outOfMemory, detail: /64 MB$/ };
const hoard = (name: string, body: string) => ({
  name,
  script: login(body),
  expect: memory,
  withinMs: 3_000,
});

export const family: Family = {
  name: 'heap',
  attacks: [
    hoard('arrays of numbers', 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length));'),
    hoard('arrays of doubles', 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length + 0.5));'),
    hoard(
      'strings',
      "const all = []; for (;;) all.push(('x'.repeat(1e6) + all.length).split('').reverse().join(''));",
    ),
    hoard(
      'a string that doubles, flattened',
      "let s = 'xy'; const all = []; for (;;) { s += s; if (s.length > 2e7) s = 'xy' + all.length; /x/.test(s); all.push(s + 'z'); JSON.stringify(all.at(-1)); }",
    ),
    hoard(
      'closures',
      'let f = () => 1; const all = []; for (;;) { const g = f; f = () => g; all.push(f, new Array(1e4).fill(f)); }',
    ),
    hoard('a Map', "const map = new Map(); for (let n = 0; ; n++) map.set('key' + n, { n });"),
    hoard(
      'a linked list',
      'let head = null; for (;;) head = { head, a: 1, b: 2, c: [1, 2, 3, 4, 5, 6, 7, 8] };',
    ),
    hoard(
      'promises that wait',
      'const all = []; for (;;) all.push(new Promise(() => {}).then(() => new Array(10)));',
    ),
    hoard('symbols', 'const all = []; for (;;) all.push(Symbol("x".repeat(1000) + all.length));'),
    hoard('the split of a text', "const all = []; for (;;) all.push('x,'.repeat(1e6).split(','));"),
    hoard('BigInts', 'const all = []; for (;;) all.push(2n ** 100000n + BigInt(all.length));'),
    hoard(
      'errors with their stacks',
      'const all = []; Error.stackTraceLimit = 200; const deep = (n) => n ? deep(n - 1) : all.push(new Error("x".repeat(1e4) + all.length).stack + all.length); for (;;) deep(100);',
    ),
    {
      name: 'an object with ten million keys',
      script: login(
        "const o = {}; for (let n = 0; n < 1e7; n++) o['k' + n] = n; callback(null, { user_id: '1' });",
      ),
      expect: memory,
      withinMs: 3_000,
    },
    {
      name: 'code that makes code',
      script: login(
        "const all = []; for (;;) all.push(new Function('return ' + JSON.stringify('x'.repeat(1e5) + all.length)), 'x'.repeat(1e4).split(''));",
      ),
      expect: memory,
      withinMs: 3_000,
    },
    {
      name: 'memory that a global keeps, call after call',
      script: login(
        'globalThis.kept = globalThis.kept || []; for (;;) kept.push(new Array(1e5).fill(0).map(() => ({})));',
      ),
      expect: memory,
      withinMs: 3_000,
    },
  ],
};
