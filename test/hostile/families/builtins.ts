import { type Attack, type Family, login } from '../attack.ts';

/**
 * Builtins of V8 that look for an interrupt seldom or never: what is stopped late, or can be stopped only with its
 * process. The limit holds in any case, by the clock of the service at the latest.
 */

const stubborn = (name: string, body: string): Attack => ({
  name,
  script: login(body),
  expect: { code: 'script_timeout' },
  withinMs: 3_500,
});

export const family: Family = {
  name: 'builtins',
  attacks: [
    stubborn(
      'fill of a sparse array of the greatest length',
      'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0);',
    ),
    stubborn(
      'indexOf in a length without contents',
      'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);',
    ),
    stubborn(
      'reverse of a length without contents',
      'Array.prototype.reverse.call({ length: 2 ** 53 - 1 });',
    ),
    stubborn('includes in a sparse array', 'for (;;) new Array(2 ** 32 - 1).includes(1);'),
    stubborn(
      'lastIndexOf with a Proxy below',
      'Array.prototype.lastIndexOf.call(new Proxy({ length: 2 ** 53 - 1 }, {}), 1);',
    ),
    stubborn(
      'copyWithin of what is nowhere',
      'Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 1);',
    ),
    stubborn('BigInt powers that grow', 'let n = 3n; for (;;) n *= n;'),
    stubborn('a BigInt as text', 'for (;;) (2n ** 3000000n).toString();'),
    stubborn('a replace that makes ever more', "let s = 'ab'.repeat(1e5); for (;;) s.replace(/a/g, 'ab');"),
    stubborn(
      'localeCompare of long texts',
      "const s = '\\u00e9'.repeat(1e6); for (;;) (s + 'a').localeCompare(s + 'b', 'de');",
    ),
    stubborn(
      'normalize of long texts',
      "const s = '\\u1e9b\\u0323'.repeat(1e6); for (;;) s.normalize('NFKD');",
    ),
    stubborn('a sparse sort', 'const a = []; a[2 ** 32 - 2] = 1; for (;;) a.sort();'),
  ],
};
