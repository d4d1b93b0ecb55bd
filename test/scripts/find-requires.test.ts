import { describe, expect, it } from 'vitest';
import { findRequires } from '../../src/scripts/find-requires.ts';
import { parseSource } from '../../src/scripts/parse-source.ts';

function found(source: string) {
  const parsed = parseSource(source);
  if ('problem' in parsed) throw new Error(parsed.problem.message);
  return findRequires(parsed);
}

const relativeIn = (source: string) => found(source).relative.map(({ request }) => request);

describe('findRequires', () => {
  it('tells modules from files, each once, with the place of the first', () => {
    const source = "require('axios');\n  require('./a'); require(`../b`);\nrequire('./a'); require('axios');";
    expect(found(source)).toEqual({
      requires: [{ request: 'axios', line: 1 }],
      relative: [
        { request: './a', line: 2, column: 3, guarded: false },
        { request: '../b', line: 2, column: 19, guarded: false },
      ],
    });
  });

  it('has the places of the source behind an anonymous function that was given a name', () => {
    expect(found("function (a) {} require('./a');").relative).toMatchObject([{ line: 1, column: 17 }]);
  });

  it.each(["require('.')", "require('..')", "require('./')", "require('../a/b.json')"])(
    'takes %s for one of a file',
    (call) => {
      expect(relativeIn(call)).toHaveLength(1);
    },
  );

  it.each([
    "require('.a')",
    "require('a/./b')",
    "require('./' + name)",
    'require(`./$' + '{name}`)',
    'require()',
  ])('does not take %s for one', (call) => {
    expect(relativeIn(call)).toEqual([]);
  });

  it.each([
    ['in a try', "try { f(require('./a')); } catch {}", true],
    ['in a function in a try', "try { (() => require('./a'))(); } catch (e) {}", true],
    ['in a try that does not catch', "try { require('./a'); } finally {}", false],
    ['in the catch', "try {} catch { require('./a'); }", false],
    ['after it', "try {} catch {} require('./a');", false],
    ['in it and elsewhere', "try { require('./a'); } catch {} require('./a');", false],
  ])('says whether a file may be missing: %s', (_title, source, guarded) => {
    expect(found(source).relative).toMatchObject([{ request: './a', guarded }]);
  });

  it.each([
    ['a parameter', "f(function (require, module) { require('./a'); });"],
    ['a parameter of a function around it', "f((require) => { g(() => require('./a')); });"],
    ['a parameter taken apart', "f(({ require }) => require('./a'));"],
    ['a variable', "function f() { require('./a'); var require = g; }"],
    ['a function', "function f() { function require() {} require('./a'); }"],
    ['a function at the top level', "function require(name) {} require('./a');"],
    ['a variable at the top level', "var require = f; g(() => require('./a'));"],
    ['an assignment', "require = f; require('./a');"],
  ])('passes over a require that is not the file’s own: %s', (_title, source) => {
    expect(relativeIn(source)).toEqual([]);
  });

  it.each([
    ['beside a function with one', "f(function (require) {}); require('./a');"],
    ['before it', "require('./a'); f((require) => {});"],
    ['in a default of a parameter of another function', "f((a = require('./a')) => {}); g((require) => {});"],
    ['in a template', 'f`$' + "{require('./a')} $" + '{((require) => 1)()}`;'],
  ])('takes the file’s own %s', (_title, source) => {
    expect(relativeIn(source)).toEqual(['./a']);
  });
});
