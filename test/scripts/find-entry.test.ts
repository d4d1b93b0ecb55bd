import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ScriptEntry } from '../../sandbox/contract/definition.ts';
import { findEntry } from '../../src/scripts/find-entry.ts';

/** Gets the entry out of a source as a sandbox does: inside one function, as CommonJS modules are run. */
function evaluateEntry(source: string, entry: ScriptEntry): unknown {
  const [body, answer] = (() => {
    switch (entry.form) {
      case 'declared':
        return [source, `return ${entry.name}`];
      case 'expression':
        return [`return (${source}\n)`, ''];
      case 'statement':
        return [
          `${source.slice(0, entry.offset)}module.exports=${source.slice(entry.offset)}`,
          'return module.exports',
        ];
      case 'exports':
        return [
          source,
          `return module.exports${entry.key === undefined ? '' : `[${JSON.stringify(entry.key)}]`}`,
        ];
      default:
        return entry satisfies never;
    }
  })();
  const script = `(function (exports, require, module, __filename, __dirname) {${body}\n${answer}\n})`;
  const module = { exports: {} };
  const modules: Record<string, unknown> = {
    co: {
      wrap:
        (generator: () => Iterator<unknown>) =>
        (...args: []) =>
          generator(...args).next().value,
    },
    util: {
      callbackify:
        (inner: (...args: unknown[]) => unknown) =>
        (...args: unknown[]) =>
          inner(...args),
    },
  };
  return vm.runInNewContext(script)(module.exports, (name: string) => modules[name], module, '', '');
}

interface Shape {
  title: string;
  action?: ActionName;
  source: string;
  entry: ScriptEntry;
  parameters: number | 'unknown';
}

const MARK = "return 'entry';";
const login: ScriptEntry = { form: 'declared', name: 'login' };

/** Each entry answers 'entry' when it is called, every other function something else. */
const shapes: Shape[] = [
  {
    title: 'a declaration',
    source: `function login(email, password, callback) { ${MARK} }`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'a declaration of another name',
    action: 'get_user',
    source: `function loginByEmail(email, callback) { ${MARK} }`,
    entry: { form: 'declared', name: 'loginByEmail' },
    parameters: 2,
  },
  {
    title: 'an async declaration',
    action: 'get_user',
    source: `async function getUser(identifierValue, context, callback) { await 1; }`,
    entry: { form: 'declared', name: 'getUser' },
    parameters: 3,
  },
  {
    title: 'remove as delete',
    action: 'delete',
    source: `function helper(a) {}\nfunction remove(id, callback) { ${MARK} }\nfunction after(b) {}`,
    entry: { form: 'declared', name: 'remove' },
    parameters: 2,
  },
  {
    title: 'an anonymous function',
    action: 'change_email',
    source: `function (email, newEmail, verified, callback) { ${MARK} }`,
    entry: { form: 'expression' },
    parameters: 4,
  },
  {
    title: 'an anonymous async function with a comment before and after, without a line end',
    source: `// Checks a password.\nasync function (email, password, callback) { ${MARK} } // the end`,
    entry: { form: 'expression' },
    parameters: 3,
  },
  {
    title: 'an anonymous function with a semicolon',
    source: `function (email, password, callback) { ${MARK} };`,
    entry: { form: 'statement', offset: 0 },
    parameters: 3,
  },
  {
    title: 'an anonymous function after a directive and a helper',
    source: `'use strict';\nfunction helper(a) {}\nfunction (email, password, callback) { ${MARK} }\n`,
    entry: { form: 'statement', offset: 36 },
    parameters: 3,
  },
  {
    title: 'an anonymous function before a helper',
    source: `function (email, password, callback) { return helper(); }\nfunction helper() { ${MARK} }`,
    entry: { form: 'statement', offset: 0 },
    parameters: 3,
  },
  {
    title: 'an arrow function',
    source: `(email, password, callback) => { ${MARK} }`,
    entry: { form: 'expression' },
    parameters: 3,
  },
  {
    title: 'an arrow function with a semicolon after helpers',
    source: `const helper = (a) => a;\nasync (email, password, callback) => { ${MARK} };`,
    entry: { form: 'statement', offset: 25 },
    parameters: 3,
  },
  {
    title: 'a function in parentheses',
    source: `(function login(email, password, callback) { ${MARK} });`,
    entry: { form: 'statement', offset: 0 },
    parameters: 3,
  },
  {
    title: 'a constant arrow function',
    source: `const login = async (email, password, context, callback) => { ${MARK} };`,
    entry: login,
    parameters: 4,
  },
  {
    title: 'a variable set later',
    source: `let login;\nlogin = function (email, password, callback) { ${MARK} };`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'an alias of a function',
    source: `const login = check;\nfunction check(email, password, callback) { ${MARK} }`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'a wrapped generator',
    source: `const co = require('co');\nconst login = co.wrap(function* (email, password, callback) { ${MARK} });`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'a wrapped async function, whose callback the wrapper adds',
    source: `const login = require('util').callbackify(async function (email, password) { ${MARK} });\nfunction after() {}`,
    entry: login,
    parameters: 'unknown',
  },
  {
    title: 'a function that a transpiler made',
    source: `let login = (() => { var inner = function () { ${MARK} }; return function login(a, b, c) { return inner.apply(this, arguments); }; })();\nfunction _asyncToGenerator(fn) {}`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'a function that another one makes',
    source: `const login = makeLogin({});\nfunction makeLogin(options) { return (email) => { ${MARK} }; }`,
    entry: login,
    parameters: 'unknown',
  },
  {
    title: 'module.exports of a function',
    source: `function helper() {}\nmodule.exports = function (email, password, callback) { ${MARK} };\nfunction after() {}`,
    entry: { form: 'exports' },
    parameters: 3,
  },
  {
    title: 'module.exports of a name',
    source: `module.exports = check;\nfunction check(email, password, callback) { ${MARK} }\nfunction after() {}`,
    entry: { form: 'declared', name: 'check' },
    parameters: 3,
  },
  {
    title: 'module.exports and exports at once',
    source: `module.exports = exports = async (email, password, callback) => { return 1; };`,
    entry: { form: 'exports' },
    parameters: 3,
  },
  {
    title: 'a constant that is exported where it is declared',
    source: `const check = module.exports = function (email, password, callback) { ${MARK} };\nfunction after() {}`,
    entry: { form: 'exports' },
    parameters: 3,
  },
  {
    title: 'an exported object with the recommended name',
    source: `module.exports = { login, other };\nfunction login(a, b, c) { ${MARK} }\nfunction other() {}`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'an exported object with a method',
    source: `module.exports = { other() {}, login(email, password, callback) { ${MARK} } };`,
    entry: { form: 'exports', key: 'login' },
    parameters: 3,
  },
  {
    title: 'exports.default',
    source: `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.default = void 0;\nexports.default = (email, password, callback) => { ${MARK} };`,
    entry: { form: 'exports', key: 'default' },
    parameters: 3,
  },
  {
    title: 'exports of a recommended name that tsc wrote',
    source: `"use strict";\nexports.login = void 0;\nexports.login = login;\nfunction login(a, b, c) { ${MARK} }\nfunction z() {}`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'an esbuild bundle',
    source: `var __defProp = Object.defineProperty;\nvar __export = (target, all) => { for (var name in all) __defProp(target, name, { get: all[name], enumerable: true }); };\nvar __toCommonJS = (mod) => Object.assign({}, mod);\nvar entry_exports = {};\n__export(entry_exports, { default: () => check });\nmodule.exports = __toCommonJS(entry_exports);\nfunction check(email, password, callback) { ${MARK} }\nfunction last() {}`,
    entry: { form: 'declared', name: 'check' },
    parameters: 3,
  },
  {
    title: 'a bundle whose entry is a wrapper with a rest parameter',
    source: `var login = (() => { var exported = {}; exported.default = () => { ${MARK} }; return exported; })();\nfunction login_wrapper(...args) { return login.default(...args); }`,
    entry: { form: 'declared', name: 'login_wrapper' },
    parameters: 'unknown',
  },
  {
    title: 'a wrapper around the recommended name',
    source: `function login(email) { ${MARK} }\nfunction login_wrapper(...args) { return login(...args); }`,
    entry: { form: 'declared', name: 'login_wrapper' },
    parameters: 'unknown',
  },
  {
    title: 'a helper that is called a wrapper',
    source: `function login(a, b, c) { return login_wrapper(); }\nfunction login_wrapper() { ${MARK} }`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'a webpack bundle without anything at its top level',
    source: `(() => { var found = { 1: (module) => { module.exports = function (a, b, c) { ${MARK} }; } }; var exported = {}; found[1](exported); module.exports = exported.exports; })();`,
    entry: { form: 'exports' },
    parameters: 'unknown',
  },
  {
    title: 'the last of several functions',
    source: `function first(a) {}\nconst value = 1;\nconst second = function (b, c) { ${MARK} };\nconst list = [1].map((each) => each);`,
    entry: { form: 'declared', name: 'second' },
    parameters: 2,
  },
  {
    title: 'a client of the recommended name before the entry',
    action: 'create',
    source: `const factory = { make() {} };\nconst create = factory.make();\nfunction addUser(user, callback) { ${MARK} }`,
    entry: { form: 'declared', name: 'addUser' },
    parameters: 2,
  },
  {
    title: 'a commented-out function first',
    source: `/*\nfunction login(old) {}\n*/\n// function login(older) {}\nfunction login(a, b, c) { ${MARK} }`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'use strict first',
    source: `'use strict';\nfunction login(a, b, c) { ${MARK} }`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'a byte-order mark and CRLF',
    source: `\uFEFFfunction login(a, b, c) {\r\n  ${MARK}\r\n}\r\n`,
    entry: login,
    parameters: 3,
  },
  {
    title: 'a comment at the end without a line end',
    source: `function login(a, b, c) { ${MARK} } // done`,
    entry: login,
    parameters: 3,
  },
  { title: 'no parameters', source: `function login() { ${MARK} }`, entry: login, parameters: 0 },
  {
    title: 'a default value',
    source: `function login(a, b, context = {}, callback) { ${MARK} }`,
    entry: login,
    parameters: 4,
  },
  {
    title: 'a return at the top level',
    source: `function login(a, b, c) { ${MARK} }\nif (false) return;`,
    entry: login,
    parameters: 3,
  },
];

describe('findEntry', () => {
  it.each(shapes)('finds $title', ({ source, action = 'login', entry, parameters }) => {
    expect(findEntry(source, action)).toMatchObject({ entry, parameters });
  });

  it.each(shapes)('leads to a function that can be called: $title', ({ source, action = 'login' }) => {
    const found = findEntry(source, action);
    if ('problem' in found) throw new Error(found.problem.message);
    const entry = evaluateEntry(source, found.entry);
    expect(entry).toBeTypeOf('function');
    const answer = (entry as (...args: unknown[]) => unknown)();
    if (source.includes(MARK) && typeof answer === 'string') expect(answer).toBe('entry');
  });

  it('lists each literal require once, with its line', () => {
    const source = `const a = require('axios');\nfunction login(a, b, c) {\n  require('axios'); require(\`pg@8\`); require(name);\n}`;
    expect(findEntry(source, 'login')).toMatchObject({
      requires: [
        { request: 'axios', line: 1 },
        { request: 'pg@8', line: 3 },
      ],
    });
  });

  it('tells names that are used but not declared, in whatever scope', () => {
    const source = `function login(a, jwt, c) {\n  const { x: uuid } = a; const { _ } = a; request.get(jwt, uuid, _);\n  a.bcrypt({ bcrypt: 1 }); typeof querystring;\n}`;
    const found = findEntry(source, 'login', ['request', 'jwt', 'uuid', '_', 'bcrypt', 'querystring']);
    expect(found).toMatchObject({ freeNames: [{ name: 'request', line: 2 }] });
  });
});

describe('findEntry on a source that cannot be run', () => {
  const problemOf = (source: string) => {
    const found = findEntry(source, 'login');
    return 'problem' in found ? found.problem : undefined;
  };

  it('says where the syntax is wrong', () => {
    expect(problemOf('function login(a, b, c) {\n  const x = ;\n}')).toEqual({
      message: 'Unexpected token',
      line: 2,
      column: 13,
    });
  });

  it('says where it is wrong on the first line and behind an anonymous function', () => {
    expect(problemOf('const x = ;')).toMatchObject({ line: 1, column: 11 });
    expect(problemOf('function (a) {} const x = ;')).toMatchObject({ line: 1, column: 27 });
  });

  it('refuses a brace too many', () => {
    const problem = { message: "Unexpected token '}'", line: 3, column: 1 };
    expect(problemOf('function login(a) {\n}\n}')).toEqual(problem);
    expect(problemOf('function login(a) {\n}\n}, function () {')).toEqual(problem);
  });

  it('says what to write instead of ES module syntax', () => {
    expect(problemOf('export default function login(a, b, c) {}')?.message).toMatch(/module\.exports/);
    expect(problemOf("import axios from 'axios';\nfunction login() {}")?.message).toMatch(/require/);
  });

  it('says that await needs an async function', () => {
    expect(problemOf('const x = await fetch(1);\nfunction login() {}')).toMatchObject({
      message: 'await is only possible inside an async function',
      line: 1,
    });
  });

  it('refuses a lexical declaration of what scripts are given', () => {
    expect(problemOf('const module = 1;\nfunction login() {}')?.message).toMatch(
      /'module' cannot be declared/,
    );
  });

  it('refuses a nested function without a name, and a second one', () => {
    expect(problemOf('function login() { function (a) {} }')).toMatchObject({ line: 1, column: 29 });
    expect(problemOf('function (a) {}\nfunction (b) {}')).toMatchObject({ line: 2, column: 10 });
  });

  it.each([
    ['an empty file', ''],
    ['comments', '// nothing\n/* here */'],
    ['values', 'const login = 1;'],
  ])('says that %s defines no function', (_title, source) => {
    expect(problemOf(source)).toMatchObject({ line: 1, column: 1 });
    expect(problemOf(source)?.message).toContain('function login(userNameOrEmail, password, callback)');
  });

  it('does not repeat a regular expression, which may hold a secret', () => {
    const message = problemOf('function login() { return /secret(/; }')?.message;
    expect(message).toMatch(/^Invalid regular expression/);
    expect(message).not.toContain('secret');
  });

  it('survives a source that nests deeper than a stack', () => {
    expect(problemOf(`function login() { return ${'('.repeat(90_000)}`)?.message).toMatch(/too deeply/);
    expect(problemOf(`function login() { return ${'!'.repeat(90_000)}1 }`)).toMatchObject({
      message: 'The source nests too deeply',
    });
  });
});
