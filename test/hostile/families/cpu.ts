import { type Family, login, timeout } from '../attack.ts';

/** Scripts that do not stop by themselves. */

const cpu = { ...timeout, detail: /^login used more than 500 ms of CPU time$/ };
const within = 2_000;
const looping = (name: string, body: string) => ({
  name,
  script: login(body),
  expect: cpu,
  withinMs: within,
});

export const family: Family = {
  name: 'cpu',
  attacks: [
    looping('an empty loop', 'for (;;);'),
    looping('a loop that goes on in finally', 'for (;;) { try { for (;;); } finally { continue; } }'),
    looping(
      'a loop in a catch that catches itself',
      'const again = () => { try { again(); } catch { again(); } }; for (;;) again();',
    ),
    looping('recursion two ways', 'const f = (n) => n < 2 ? 1 : f(n - 1) + f(n - 2); f(99);'),
    looping('a regular expression that goes back and back', "/^(a+)+$/.test('a'.repeat(60) + 'b');"),
    looping(
      'a regular expression in a replace with a function',
      "'a'.repeat(28).replace(/(a*)*b/g, () => 'x'); for (;;) 'a'.repeat(30).match(/(a*)*b/);",
    ),
    looping(
      'a generator without an end, spread',
      'const g = (function* () { for (;;) yield 1; })(); let n = 0; for (const one of g) n += one;',
    ),
    looping('a sort whose comparison loops', '[3, 2, 1].sort(() => { for (;;); });'),
    looping('a getter that loops', 'const o = { get x() { for (;;); } }; o.x;'),
    looping(
      'a Proxy trap that loops',
      "new Proxy({}, { has() { for (;;); } }); 'x' in new Proxy({}, { has() { for (;;); } });",
    ),
    looping('valueOf that loops', '+{ valueOf() { for (;;); } };'),
    looping('a loop in a static block of a class', 'class A { static { for (;;); } }'),
    looping('a loop in made code', "new Function('for (;;);')();"),
    looping('a loop in eval', "eval('for (;;);');"),
    looping('a loop with labels and continue', 'outer: for (;;) { for (;;) continue outer; }'),
    looping('a loop of allocations that are let go of', 'for (;;) new Array(1000).fill(1.5);'),
    looping('a loop of typed arrays', 'const a = new Float64Array(1e5); for (;;) a.sort().reverse();'),
    looping(
      'Array.from of an endless iterator',
      'Array.from({ [Symbol.iterator]: () => ({ next: () => ({ value: 0, done: false, get length() { return 0; } }) }) , length: 0 }, () => { for (;;); });',
    ),
    looping('JSON.parse with a reviver that loops', 'JSON.parse(\'{"a":1}\', () => { for (;;); });'),
    looping(
      'JSON.stringify of an object whose toJSON answers another',
      'const o = { get a() { for (;;); } }; JSON.stringify(o);',
    ),
    looping(
      'hashes without an end, through the bridge',
      "const { createHash } = require('crypto'); for (;;) createHash('sha512').update('x'.repeat(1e5)).digest();",
    ),
    looping(
      'bcrypt without an end, on the thread of the host',
      "const { hashSync } = require('bcrypt'); for (;;) hashSync('x', 8);",
    ),
    looping(
      'gzip without an end, on the thread of the host',
      "const { gzipSync } = require('zlib'); const b = Buffer.alloc(1e6, 'ab'); for (;;) gzipSync(b);",
    ),
    looping('BigInt arithmetic in small steps', 'let n = 3n; for (;;) n = (n * n) % (2n ** 4096n - 1n);'),
    looping('Intl, over and over', "for (;;) new Intl.NumberFormat('de').format(123456.789);"),
    looping('Date parsing, over and over', "for (;;) Date.parse('Thu, 01 Jan 1970 00:00:00 GMT+0200');"),
    looping(
      'structuredClone, over and over',
      'const o = { a: new Array(1000).fill({}) }; for (;;) structuredClone(o);',
    ),
    looping(
      'scrypt in the thread pool, many at once',
      "const { scrypt } = require('crypto'); for (let n = 0; n < 200; n++) scrypt('x', 'y', 64, { N: 16384 }, () => {});",
    ),
    looping(
      'pbkdf2 in the thread pool, one after another',
      "const { pbkdf2 } = require('crypto'); const again = () => pbkdf2('x', 'y', 1e5, 64, 'sha512', again); again();",
    ),
    {
      name: 'a loop at the top level of the file',
      script: `for (;;); ${login('')}`,
      expect: cpu,
      withinMs: within,
    },
    {
      name: 'a loop in the getter of what the file exports',
      script: `module.exports = { get default() { for (;;); } };`,
      expect: cpu,
      withinMs: within,
    },
  ],
};
