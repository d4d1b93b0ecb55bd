import { type Attack, type Family, login, ok } from '../attack.ts';

/** Files that are not what the wrapper around them expects. */

const invalid = { code: 'script_invalid' } as const;
const good = login("callback(null, { user_id: '1' });");
const shape = (name: string, script: string, expect: Attack['expect']): Attack => ({ name, script, expect });

export const family: Family = {
  name: 'sources',
  attacks: [
    shape('closes the wrapper early', `${good}\n}); globalThis.out = 1; (function () {`, invalid),
    shape('closes the wrapper as an expression', `})(); process.exit(); (function(){ ${good}`, invalid),
    shape(
      'closes the call of the wrapper',
      `});0;__drawbridge_script('login',function(){return function(a,b,c,d){d(null,{user_id:'2'})}`,
      invalid,
    ),
    shape('a block comment that is never closed', `${good} /* `, invalid),
    shape('a template that is never closed', `${good} \``, invalid),
    shape('a string that is never closed', `${good} "`, invalid),
    shape('a comment on the last line', `${good} // })`, ok),
    shape('an HTML comment at the end', `${good}\n--> })`, ok),
    shape('an HTML comment at the beginning', `<!-- })\n${good}`, ok),
    shape('a hashbang', `#!/usr/bin/env node\n${good}`, invalid),
    shape('a byte order mark', `\ufeff${good}`, ok),
    shape('line separators of Unicode', `${good}\u2028//\u2029// })`, ok),
    shape('nothing but a carriage return between lines', `// a comment\r${good}`, ok),
    shape('a NUL in the source', `${good}\u0000`, invalid),
    shape('use strict of its own', `'use strict'; ${good} this.x;`, ok),
    shape('with', `with ({ callback: 1 }) { var kept = callback; } ${good}`, ok),
    shape('return at the top level', `return ${good}`, { code: 'script_invalid' }),
    shape('await at the top level', `${good}\nawait 1;`, invalid),
    shape('import at the top level', `import fs from 'fs';\n${good}`, invalid),
    shape('export at the top level', `export default ${good}`, { code: 'script_invalid' }),
    shape('import.meta', `${good}\nimport.meta;`, invalid),
    shape('new.target at the top level', `${good}\nnew.target;`, { code: 'ok' }),
    shape(
      'arguments at the top level',
      `${good}\nif (arguments.length !== 5 || arguments[1].constructor('return this')() !== globalThis) throw 1;`,
      ok,
    ),
    shape(
      'the wrapper by arguments.callee',
      `${good}\ntry { arguments.callee.caller.caller(); } catch {}`,
      ok,
    ),
    shape(
      'a declaration named like a parameter of the wrapper',
      `var require = 1, module = 2, exports = 3; ${good}`,
      ok,
    ),
    shape('let named like a parameter of the wrapper', `let require = 1; ${good}`, {
      code: 'script_invalid',
    }),
    shape('a function named undefined', `${good}\nvar undefined = 1; function NaN() {}`, ok),
    shape(
      'an entry that is a getter',
      `Object.defineProperty(module, 'exports', { get() { return ${good}; } });`,
      ok,
    ),
    shape(
      'exports that are a Proxy',
      `module.exports = new Proxy(${good}, { apply: (f, self, args) => f(...args), get: (f, key) => { if (key === 'then') throw 1; return f[key]; } });`,
      ok,
    ),
    shape(
      'a class as the entry',
      `module.exports = class login { constructor(a, b, c, d) { d(null, { user_id: '2' }); } };`,
      { code: 'script_error', detail: /cannot be invoked without 'new'/ },
    ),
    shape(
      'a generator as the entry',
      `function* login(identifier, password, context, callback) { callback(null, { user_id: '2' }); }`,
      { code: 'script_no_callback' },
    ),
    shape(
      'an entry that replaces itself',
      `function login(identifier, password, context, callback) { login = null; module.exports = null; callback(null, { user_id: '1' }); }`,
      ok,
    ),
    shape('an entry that is redeclared', `${good}\nvar login = 5;`, {
      code: 'script_error',
      detail: /defines no function/,
    }),
    shape(
      'labels without an end',
      `${'a: '.replace('a', 'l0')}${Array.from({ length: 300 }, (_, n) => `x${n}: `).join('')}{ }\n${good}`,
      ok,
    ),
    shape('parentheses, 20,000 deep', `${good}\n${'('.repeat(20_000)}1${')'.repeat(20_000)};`, invalid),
    shape('arrays, 40,000 deep', `${good}\nvar a = ${'['.repeat(40_000)}${']'.repeat(40_000)};`, invalid),
    shape('blocks, 45,000 deep', `${good}\n${'{'.repeat(45_000)}${'}'.repeat(45_000)}`, invalid),
    shape('1 MB of nesting', `${good}\n${'['.repeat(500_000)}${']'.repeat(500_000)}`, invalid),
    shape('additions, 40,000 of them', `${good}\nvar a = 1${'+1'.repeat(40_000)};`, invalid),
    shape('a regular expression that is not one', `${good}\nvar a = /(/;`, invalid),
    shape(
      'a name in escapes',
      `function l\\u006fgin(identifier, password, context, callback) { callback(null, { user_id: '1' }); }`,
      ok,
    ),
    shape('names that look alike', `const c\u0430llback = 1; ${good}`, ok),
    shape('no function at all', '42;', invalid),
    shape('nothing at all', '', invalid),
    shape('a throw at the top level', `throw new Error('at the top'); ${good}`, {
      code: 'script_error',
      detail: /^at the top$/,
    }),
    shape(
      'a source map that leads elsewhere',
      `${good}\n//# sourceMappingURL=file:///etc/passwd\n//# sourceURL=/etc/passwd`,
      ok,
    ),
  ],
};
