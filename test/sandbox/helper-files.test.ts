import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job, Pool } from '../../src/pool/pool.ts';
import { createTestPool, jobOf, resultOf, runSource, type SourceOptions } from './sandbox-pool.ts';

let pool: Pool;
let executions = 0;
beforeAll(async () => {
  pool = await createTestPool();
});
afterAll(() => pool?.close());

/** What a script answers that has this expression at its end, seen from its top level. */
function evaluated(expression: string, helpers: Record<string, string>, options: SourceOptions = {}) {
  const source = `function getUser(id, context, callback) { callback(null, value); }\nconst value = ${expression};`;
  return resultOf(pool, source, { isolation: 'execution', helpers, ...options });
}

async function answerOf(job: Job): Promise<unknown> {
  const { outcome } = await pool.execute({ ...job, execution: `exec_helper_${++executions}` });
  return outcome.kind === 'returned' ? JSON.parse(outcome.result ?? 'null') : outcome;
}

async function failureOf(source: string, helpers: Record<string, string>) {
  const { outcome } = await runSource(pool, source, { helpers });
  if (outcome.kind === 'rejected' || outcome.kind === 'uncaught' || outcome.kind === 'invalid')
    return outcome.failure;
  throw new Error(`The script did not fail: ${JSON.stringify(outcome)}`);
}

describe('a relative require', () => {
  it.each([
    ['./helpers', 'helpers.js'],
    ['./helpers.js', 'helpers.js'],
    ['./lib/../helpers', 'helpers.js'],
    ['././/helpers', 'helpers.js'],
    ['./old', 'old.cjs'],
    ['./lib', 'lib/index.js'],
    ['./lib/', 'lib/index.js'],
    ['.', 'index.js'],
    ['./twice', 'twice.js'],
    ['./twice/', 'twice/index.js'],
    ['./queries.sql', 'queries.sql'],
    ['./my (helpers)', 'my%20%28helpers%29.js'],
  ])('of %s finds %s', async (request, file) => {
    const names = ['helpers.js', 'old.cjs', 'lib/index.js', 'index.js', 'twice.js', 'twice/index.js'];
    const files = [...names, 'queries.sql', 'my%20%28helpers%29.js'];
    const helpers = Object.fromEntries(files.map((name) => [name, `module.exports = '${name}';`]));
    expect(await evaluated(`require('${request}')`, helpers)).toBe(file);
  });

  it('starts at the file that it stands in', async () => {
    const helpers = {
      'lib/hash.js': "module.exports = [require('./salt'), require('../salt'), require('..')];",
      'lib/salt.js': "module.exports = 'inner';",
      'salt.js': "module.exports = 'outer';",
      'index.js': "module.exports = 'index';",
    };
    expect(await evaluated("require('./lib/hash')", helpers)).toEqual(['inner', 'outer', 'index']);
  });

  it('of a JSON file gives what is in it, the same object each time', async () => {
    const helpers = { 'roles.json': '{ "admin": ["read", "\u2028"], "__proto__": 1 }' };
    const expression = "[require('./roles').admin, require('./roles.json') === require('./roles')]";
    expect(await evaluated(expression, helpers)).toEqual([['read', '\u2028'], true]);
    expect(await evaluated("Object.keys(require('./roles'))", helpers)).toEqual(['admin', '__proto__']);
  });

  it('leads to modules on board from a helper file, too', async () => {
    const helpers = { 'hash.js': "module.exports = require('crypto').createHash('sha256').update('a');" };
    expect(await evaluated("require('./hash').digest('hex')", helpers)).toMatch(/^ca978112/);
  });

  it('that is put together at run time finds the files that there are', async () => {
    const helpers = { 'lib/hash.js': "module.exports = 'hash';" };
    expect(await evaluated("require('./' + 'lib/hash')", helpers)).toBe('hash');
    expect(await evaluated("require(require('path').join(__dirname, 'lib', 'hash'))", helpers)).toBe('hash');
  });

  it.each([
    ['a file that was not loaded', './other'],
    ['a file above the folder', '../other/helpers'],
    ['a file above everything', '../../../../etc/passwd'],
    ['a file of the machine', '/etc/passwd'],
  ])('of %s fails and says what there is', async (_title, request) => {
    const helpers = { 'lib/hash.js': '', 'roles.json': '{}' };
    const source = `function getUser(id, context, callback) {\n  require(String('${request}'));\n}`;
    const failure = await failureOf(source, helpers);
    expect(failure).toMatchObject({
      code: 'MODULE_NOT_FOUND',
      place: { file: 'acme/get_user.js', line: 2, column: 3 },
    });
    expect(failure.message).toContain(`'${request}' from acme/get_user.js`);
    expect(failure.message).toContain('by a literal path');
    expect(failure.message).toContain('Helper files: acme/lib/hash.js, acme/roles.json');
  });

  it('fails where there are no helper files, and says that', async () => {
    const { outcome } = await runSource(
      pool,
      "function getUser(id, context, callback) { require('./helpers'); }",
    );
    expect(outcome).toMatchObject({ kind: 'rejected', failure: { code: 'MODULE_NOT_FOUND' } });
    expect(JSON.stringify(outcome)).toContain('This connection has no helper files');
  });
});

describe('a helper file', () => {
  it('is evaluated once in a context, however it is required', async () => {
    const helpers = {
      'counter.js': 'let count = 0; module.exports = () => ++count;',
      'again.js': "module.exports = require('./counter.js');",
    };
    const expression = "[require('./counter')(), require('./again')(), require('./lib/../counter')()]";
    expect(await evaluated(expression, helpers)).toEqual([1, 2, 3]);
  });

  it('keeps its variables for the next execution in its context', async () => {
    const helpers = { 'counter.js': 'let count = 0; module.exports = () => ++count;' };
    const source = "function getUser(id, context, callback) { callback(null, require('./counter')()); }";
    const run = () => resultOf(pool, source, { helpers, connection: 'kept' });
    expect(await run()).toBe(1);
    // A context is taken again only when the execution in it has come to rest.
    await expect.poll(run).toBeGreaterThan(1);
  });

  it('is evaluated anew for each execution with isolation: execution', async () => {
    const helpers = { 'counter.js': 'let count = 0; module.exports = () => ++count;' };
    expect(await evaluated("require('./counter')()", helpers)).toBe(1);
    expect(await evaluated("require('./counter')()", helpers)).toBe(1);
  });

  it('is one module for all scripts of the connection', async () => {
    const helpers = { 'counter.js': 'exports.count = 0;' };
    const counting = jobOf(
      "function getUser(a, b, callback) { callback(null, ++require('./counter').count); }",
      {
        helpers,
      },
    );
    const looking = jobOf(
      "function login(a, b, c, callback) { callback(null, require('./counter').count); }",
      {
        helpers,
        action: 'login',
        args: ['', '', {}],
      },
    );
    const scripts = [...counting.definition.scripts, ...looking.definition.scripts];
    const definition = { ...counting.definition, version: 'both', scripts };
    const seen = async () => {
      await answerOf({ ...counting, definition });
      return answerOf({ ...looking, definition });
    };
    await expect.poll(seen).toBeGreaterThan(0);
  });

  it('is there twice, each with a state of its own, while a script is kept with an older one', async () => {
    const counting = jobOf(
      "function getUser(a, b, callback) { callback(null, ++require('./counter').count); }",
      {
        helpers: { 'counter.js': 'exports.count = 0;' },
      },
    );
    const looking = jobOf(
      "function login(a, b, c, callback) { callback(null, require('./counter').count); }",
      {
        helpers: { 'counter.js': 'exports.count = 10;' },
        action: 'login',
        args: ['', '', {}],
      },
    );
    const [login] = looking.definition.scripts;
    const definition = {
      ...counting.definition,
      version: 'two sets',
      scripts: [...counting.definition.scripts, { ...login!, helpers: { set: 1, from: 'acme/login.js' } }],
      helperSets: [...counting.definition.helperSets!, ...looking.definition.helperSets!],
    };
    const run = (job: Job) => answerOf({ ...job, definition });
    expect([await run(counting), await run(looking)]).toEqual([1, 10]);
    await expect.poll(() => run(counting)).toBe(2);
    expect(await run(looking)).toBe(10);
  });

  it('may require a file that requires it back, and gets what that has exported so far', async () => {
    const helpers = {
      'a.js': "exports.early = 1; exports.ofB = require('./b').sawOfA; exports.late = 2;",
      'b.js': "exports.sawOfA = Object.keys(require('./a'));",
    };
    expect(await evaluated("require('./a')", helpers)).toEqual({ early: 1, ofB: ['early'], late: 2 });
  });

  it('that requires the script back gets the exports of the script that is running', async () => {
    const helpers = {
      'back.js': "module.exports = Object.keys(require('./get_user'));",
      'get_user.js': "throw new Error('evaluated a second time');",
    };
    expect(await evaluated("(exports.early = 1, require('./back'))", helpers)).toEqual(['early']);
  });

  it('has module, exports, this, __filename and __dirname as in Node', async () => {
    const text = `module.exports = {
      self: this === exports && exports === module.exports && arguments[2] === module,
      names: [__filename, __dirname, module.id, module.filename, module.path, module.loaded],
      cached: require.cache[__filename] === module,
      resolved: [require.resolve('./salt'), require.resolve('crypto')],
    };`;
    const helpers = { 'lib/hash.js': text, 'lib/salt.js': '' };
    expect(await evaluated("require('./lib/hash')", helpers)).toEqual({
      self: true,
      names: ['/acme/lib/hash.js', '/acme/lib', '/acme/lib/hash.js', '/acme/lib/hash.js', '/acme/lib', false],
      cached: true,
      resolved: ['/acme/lib/salt.js', 'crypto'],
    });
    expect(await evaluated('[__filename, __dirname, module.filename]', helpers)).toEqual([
      '/acme/get_user.js',
      '/acme',
      '/acme/get_user.js',
    ]);
  });

  it('is evaluated again after it was taken out of require.cache', async () => {
    const helpers = { 'now.js': 'global.times = (global.times || 0) + 1; module.exports = global.times;' };
    const expression =
      "[require('./now'), require('./now'), delete require.cache[require.resolve('./now')] && require('./now')]";
    expect(await evaluated(expression, helpers)).toEqual([1, 1, 2]);
  });

  it('that throws while it is evaluated is evaluated again the next time', async () => {
    const text = 'global.tries = (global.tries || 0) + 1;\nif (global.tries < 3) throw global.tries;';
    const source = `function getUser(id, context, callback) {
  const seen = [];
  for (let times = 0; times < 4; times++) try { require('./late'); } catch (thrown) { seen.push(thrown); }
  callback(null, [...seen, global.tries]);
}`;
    expect(await resultOf(pool, source, { helpers: { 'late.js': text } })).toEqual([1, 2, 3]);
  });

  it('sees configuration and nothing of how it came in', async () => {
    const text = `module.exports = [
      configuration.KEY,
      Object.getOwnPropertyNames(globalThis).filter((name) => /drawbridge/i.test(name)),
      typeof __drawbridge_helper,
    ];`;
    const configuration = { KEY: 'value' };
    const source = `const seen = require('./look');
function getUser(id, context, callback) {
  const now = Object.getOwnPropertyNames(globalThis).filter((name) => /drawbridge/i.test(name));
  callback(null, [seen, now]);
}`;
    const options = { helpers: { 'look.js': text }, configuration };
    expect(await resultOf(pool, source, options)).toEqual([['value', [], 'undefined'], []]);
  });
});

describe('a failure in a helper file', () => {
  const helpers = {
    'lib/check.js': "exports.check = (user) => {\n  throw new TypeError('no ' + user);\n};",
    'first.js': "exports.fail = () => { throw new Error('on the first line'); };",
    'top.js': '\n  undefined.x;',
    'later.js': "module.exports = () => setTimeout(() => {\n  throw new Error('later');\n}, 1);",
    'promise.js': "module.exports = () => void Promise.reject(new Error('nobody cares'));",
  };
  const calling = (expression: string) =>
    `function getUser(id, context, callback) {\n  ${expression};\n  setTimeout(callback, 4000);\n}`;

  it.each([
    ['a function of it', "require('./lib/check').check('jane')", 'acme/lib/check.js', 2, 9],
    ['its first line', "require('./first').fail()", 'acme/first.js', 1, 30],
    ['its top level', "require('./top')", 'acme/top.js', 2, 13],
    ['a timer', "require('./later')()", 'acme/later.js', 2, 9],
    ['a promise', "require('./promise')()", 'acme/promise.js', 1, 44],
  ])('in %s has its file, line and column', async (_title, expression, file, line, column) => {
    const failure = await failureOf(calling(expression), helpers);
    expect(failure.place).toEqual({ file, line, column });
    expect(failure.stack[0]).toContain(`${file}:${line}:${column}`);
  });

  it('shows the way to it from the script', async () => {
    const failure = await failureOf(calling("require('./lib/check').check('jane')"), helpers);
    expect(failure.stack.map((frame) => /acme\/[^)]*/.exec(frame)?.[0])).toEqual([
      'acme/lib/check.js:2:9',
      'acme/get_user.js:2:26',
    ]);
  });

  it('in a file whose name has blanks and parentheses has a place all the same', async () => {
    const named = { 'my%20%28helpers%29.js': "throw new Error('no');" };
    const failure = await failureOf(calling("require('./my (helpers)')"), named);
    expect(failure.place).toEqual({ file: 'acme/my%20%28helpers%29.js', line: 1, column: 7 });
  });

  it.each(['broken.cjs', '[broken].js', 'broken.mjs', 'broken'])(
    'that V8 finds when it compiles the file has its place: %s',
    async (path) => {
      const failure = await failureOf(calling(`require('./${path}')`), { [path]: 'const a = 1;\nlet a;' });
      expect(failure).toMatchObject({ name: 'SyntaxError', place: { file: `acme/${path}`, line: 2 } });
    },
  );
});
