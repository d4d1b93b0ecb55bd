import { expect, test } from 'vitest';
import { addCounts, noCounts } from '../../../src/cli/test/coverage/count-parts.ts';
import { findParts } from '../../../src/cli/test/coverage/coverage-map.ts';

const source = `function login(a, b, callback) {
  if (a) return callback(null);
  const c = a ? 1 : b && 2;
  switch (c) { case 1: break; default: b(); }
  try { b(); } catch { c(); }
  return () => 3;
}`;
const parts = findParts(source);
const textOf = ({ start, end }: { start: number; end: number }) => source.slice(start, end);

test('finds statements, functions and branches where the author wrote them', () => {
  expect(parts.statements.map(textOf)).toContain('const c = a ? 1 : b && 2;');
  expect(parts.statements.map(textOf)).toContain('3');
  expect(parts.functions.map(({ name }) => name)).toEqual(['login', '(anonymous)']);
  expect(parts.branches.map(({ type, ways }) => [type, ...ways.map(textOf)])).toEqual([
    ['if', 'return callback(null);', 'if (a) return callback(null);'],
    ['cond-expr', '1', 'b && 2'],
    ['binary-expr', 'b', '2'],
    ['switch', 'case 1: break;', 'default: b();'],
    ['catch', '{ c(); }'],
  ]);
});

test('gives each the count of the narrowest range around it, and sums up', () => {
  const counts = noCounts(parts);
  const range = (text: string, count: number) => {
    const start = source.indexOf(text);
    return { start, end: start + text.length, count };
  };
  const ranges = [
    { start: 0, end: source.length, count: 3 },
    range('return callback(null);', 1),
    range('() => 3', 0),
  ];
  addCounts(counts, parts, ranges);
  addCounts(counts, parts, ranges);
  expect(counts.functions).toEqual([6, 0]);
  // The way past an "if" without an "else" is what is left.
  expect(counts.branches[0]).toEqual([2, 4]);
  expect(counts.statements[parts.statements.findIndex((each) => textOf(each) === '3')]).toBe(0);
});

test('finds its way in a script that is an anonymous function, and nothing in what is none', () => {
  const [only] = findParts('function (id, callback) { callback(null); }').statements;
  expect(only).toMatchObject({ start: 26 });
  expect(findParts('function (').statements).toEqual([]);
});
