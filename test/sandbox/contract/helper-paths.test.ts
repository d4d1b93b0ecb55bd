import { describe, expect, it } from 'vitest';
import { candidatePaths, isRelative, shownPath } from '../../../sandbox/contract/helper-paths.ts';

describe('isRelative', () => {
  it.each(['.', '..', './a', '../a', './', '../..'])('takes %s', (request) => {
    expect(isRelative(request)).toBe(true);
  });

  it.each(['a', '.a', '..a', '/a', 'a/./b', '', '...', '.\\a'])('does not take "%s"', (request) => {
    expect(isRelative(request)).toBe(false);
  });
});

describe('candidatePaths', () => {
  it('are those of Node, in its order', () => {
    expect(candidatePaths('./a', 'acme/lib/b.js')).toEqual([
      'acme/lib/a',
      'acme/lib/a.js',
      'acme/lib/a.json',
      'acme/lib/a.cjs',
      'acme/lib/a/index.js',
      'acme/lib/a/index.json',
      'acme/lib/a/index.cjs',
    ]);
  });

  it.each([
    ['.', 'acme/lib'],
    ['./', 'acme/lib'],
    ['..', 'acme'],
    ['../.', 'acme'],
    ['./a/..', 'acme/lib'],
    ['./a/', 'acme/lib/a'],
  ])('of %s are those in a folder', (request, folder) => {
    const names = ['index.js', 'index.json', 'index.cjs'];
    expect(candidatePaths(request, 'acme/lib/b.js')).toEqual(names.map((name) => `${folder}/${name}`));
  });

  it.each([
    ['./a.js', 'b.js', 'a.js'],
    ['../..', 'acme/lib/b.js', 'index.js'],
    ['/acme/a.js', 'acme/lib/b.js', 'acme/a.js'],
    ['/acme/../a.js', 'acme/b.js', 'a.js'],
    ['../../a.js', 'acme/lib/b.js', 'a.js'],
  ])('of %s in %s begin with %s', (request, from, path) => {
    expect(candidatePaths(request, from)[0]).toBe(path);
  });

  it.each(['../../../a', '../../..', './a/../../../../b', '/..'])(
    'of %s are none: it leads above the top',
    (request) => {
      expect(candidatePaths(request, 'acme/lib/b.js')).toEqual([]);
    },
  );
});

it('shownPath leaves nothing that a frame is taken apart at, and no two paths alike', () => {
  const paths = ['a b.js', 'a%20b.js', 'a(b).js', 'a\tb\u00a0.js', 'a%2520b.js', 'a-b_ü.js'];
  const shown = paths.map(shownPath);
  expect(new Set(shown).size).toBe(paths.length);
  for (const path of shown) expect(path).toMatch(/^[^\s()]+$/);
  expect(shown.at(-1)).toBe('a-b_ü.js');
});
