import { createHash } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import { loginScript, nextChange, openStore } from './open-store.ts';
import { type TemporaryTree, temporaryTree } from './temporary-tree.ts';

const FOLDER = 'database-connections/acme';
const LOGIN = `${FOLDER}/login.js`;
type Tree = Record<string, string | object>;

/** A connection's files, by their paths in its folder; `login.js` and `create.js` are its scripts. */
function acme(files: Tree, customScripts: object = { login: './login.js' }): Tree {
  const inFolder = Object.entries(files).map(([path, content]) => [`${FOLDER}/${path}`, content]);
  const database = { name: 'acme', options: { customScripts } };
  return { [`${FOLDER}/database.json`]: database, ...Object.fromEntries(inFolder) };
}
const both = { login: './login.js', create: './create.js' };

/** A login script with this before it. */
const login = (text: string) => `${text}\n${loginScript}`;
const createScript = (text: string) => `${text}\nfunction create(user, callback) { callback(null); }`;

async function storeOf(files: Tree, env: Record<string, string> = {}) {
  return openStore((await temporaryTree(files)).root, { env });
}

async function connectionOf(files: Tree, env?: Record<string, string>) {
  const store = await storeOf(files, env);
  expect(store.problems()).toEqual([]);
  return store.get('acme')!;
}

/** The problem of the login script, as the script has it and as the store tells it. */
async function problemOf(files: Tree, prepare?: (tree: TemporaryTree) => Promise<void>) {
  const tree = await temporaryTree(acme({ 'login.js': login("require('./helpers');"), ...files }));
  await prepare?.(tree);
  const store = await openStore(tree.root);
  const { scripts, definition } = store.get('acme')!;
  expect(definition.scripts).toEqual([]);
  const [told, ...others] = store.problems();
  expect(others).toEqual([]);
  return { problem: scripts.login!.problem!, told: told! };
}

describe('helper files', () => {
  it('are part of the definition, each once, with what their scripts need of them', async () => {
    const hash = "const crypto = require('crypto');\nmodule.exports = require('../roles');";
    const connection = await connectionOf(
      acme(
        {
          'login.js': login("require('./lib/hash'); require('axios');"),
          'create.js': createScript("require('./lib');"),
          'lib/hash.js': hash,
          'lib/index.js': "module.exports = require('./hash.js');",
          'roles.json': '{ "admin": 1 }',
          'unused.js': 'syntax error',
        },
        both,
      ),
    );
    expect(ConnectionDefinition.parse(connection.definition)).toMatchObject({
      scripts: [
        { action: 'login', requires: ['axios', 'crypto'], helpers: { set: 0, from: 'acme/login.js' } },
        { action: 'create', requires: ['crypto'], helpers: { set: 0, from: 'acme/create.js' } },
      ],
      helperSets: [
        [
          { file: 'acme/lib/hash.js', source: hash },
          { file: 'acme/roles.json', source: '{ "admin": 1 }' },
          { file: 'acme/lib/index.js' },
        ],
      ],
    });
    expect(connection.definition.helperSets?.[0]).toHaveLength(3);
    expect(connection.scripts.login?.helpers).toEqual([
      { file: 'acme/lib/hash.js', sha256: createHash('sha256').update(hash).digest('hex') },
      { file: 'acme/roles.json', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  it('are not taken for scripts', async () => {
    const files = {
      'login.js': login("require('./helpers'); require('./lib/create');"),
      'helpers.js': '',
      'lib/create.js': '',
      'database.json': { name: 'acme' },
    };
    const connection = await connectionOf(acme(files));
    expect(Object.keys(connection.scripts)).toEqual(['login']);
    expect(connection.scripts.login?.helpers?.map(({ file }) => file)).toEqual([
      'acme/helpers.js',
      'acme/lib/create.js',
    ]);
  });

  it.each([
    ['./a', ['a', 'a.js'], 'a'],
    ['./a', ['a.js', 'a.json', 'a.cjs', 'a/index.js'], 'a.js'],
    ['./a', ['a.json', 'a.cjs', 'a/index.js'], 'a.json'],
    ['./a', ['a.cjs', 'a/index.js'], 'a.cjs'],
    ['./a', ['a/index.js', 'a/index.json'], 'a/index.js'],
    ['./a/', ['a.js', 'a/index.json'], 'a/index.json'],
    ['./b/../a.js', ['a.js'], 'a.js'],
    ['.', ['index.js'], 'index.js'],
    ['./a (1)', ['a (1).js'], 'a%20%281%29.js'],
  ])('are found for %s among %j as Node does', async (request, names, found) => {
    const files = Object.fromEntries(names.map((name) => [name, '{}']));
    const connection = await connectionOf(acme({ 'login.js': login(`require('${request}');`), ...files }));
    expect(connection.scripts.login?.helpers?.map(({ file }) => file)).toEqual([`acme/${found}`]);
  });

  it('may require one another and their script in a circle', async () => {
    const files = {
      'login.js': login("require('./a');"),
      'a.js': "require('./b');",
      'b.js': "require('./a'); require('./b'); require('./login');",
    };
    const connection = await connectionOf(acme(files));
    expect(connection.scripts.login?.helpers?.map(({ file }) => file)).toEqual([
      'acme/a.js',
      'acme/b.js',
      'acme/login.js',
    ]);
  });

  it('have their keywords replaced, JSON as well', async () => {
    const files = {
      'login.js': login("require('./a'); require('./b');"),
      'a.js': "module.exports = [@@KEY@@, '##NONE##'];",
      'b.json': '{ "key": "@@KEY@@" }',
    };
    const connection = await connectionOf(acme(files), { KEY: 's3cret"' });
    expect(connection.definition.helperSets?.[0]).toEqual([
      { file: 'acme/a.js', source: 'module.exports = ["s3cret\\"", \'##NONE##\'];' },
      { file: 'acme/b.json', source: '{ "key": "s3cret\\"" }' },
    ]);
    expect(connection.warnings).toMatchObject([{ code: 'unknown_keyword', file: `${FOLDER}/a.js`, line: 1 }]);
    expect(JSON.stringify(connection) + inspect(connection, { depth: 9, showHidden: true })).not.toContain(
      's3cret',
    );
  });

  it('are warned of once, with their file and line', async () => {
    const files = {
      'login.js': login("require('./a');"),
      'create.js': createScript("require('./a');"),
      'a.js': "\nrequire('oracledb');\nrequest.get();",
    };
    const connection = await connectionOf(acme(files, both));
    expect(connection.warnings).toMatchObject([
      { code: 'module_unknown', file: `${FOLDER}/a.js`, line: 2 },
      { code: 'legacy_global', file: `${FOLDER}/a.js`, line: 3 },
    ]);
    expect(connection.scripts.login?.warnings).toEqual([]);
  });

  it('lie around the script file in the YAML layout', async () => {
    const files = {
      'tenant.yaml':
        'databases: [{ name: acme, options: { customScripts: { login: db/login.js, create: create.js } } }]',
      'db/login.js': login("require('./lib/a');"),
      'db/lib/a.js': "require('../b');",
      'db/b.js': '',
      'create.js': createScript("require('./db/b'); require('./c');"),
      'c.js': '',
    };
    const connection = await connectionOf(files);
    expect(connection.scripts.login?.helpers?.map(({ file }) => file)).toEqual([
      'acme/db/lib/a.js',
      'acme/db/b.js',
    ]);
    expect(connection.scripts.create?.helpers?.map(({ file }) => file)).toEqual([
      'acme/db/b.js',
      'acme/c.js',
    ]);
    expect(connection.definition.scripts.map(({ helpers }) => helpers)).toEqual([
      { set: 0, from: 'acme/db/login.js' },
      { set: 0, from: 'acme/create.js' },
    ]);
  });

  it('may be left out where the script catches that', async () => {
    const text = "let local = {};\ntry { local = require('./local'); } catch {}";
    const connection = await connectionOf(acme({ 'login.js': login(text) }));
    expect(connection.scripts.login?.warnings).toMatchObject([
      { code: 'helper_missing', message: expect.stringContaining('./local'), file: LOGIN, line: 2 },
    ]);
    expect(connection.definition).not.toHaveProperty('helperSets');
  });

  it('are not looked for where a bundle brings its own require', async () => {
    const bundle = "const all = { 1: function (require, module, exports) { require('./inner'); } };";
    const connection = await connectionOf(acme({ 'login.js': login(bundle) }));
    expect(connection.scripts.login?.warnings).toEqual([]);
    expect(connection.definition.scripts[0]?.requires).toEqual([]);
  });
});

describe('a helper file that cannot be had', () => {
  it('is a problem of the file that requires it, with line and column', async () => {
    const message = /^require\('\.\/helpers'\) finds nothing: there is no such file/;
    const { problem, told } = await problemOf({});
    expect(problem).toEqual({ message: expect.stringMatching(message), line: 1, column: 1 });
    expect(told).toEqual({
      file: LOGIN,
      path: '',
      message: `line 1, column 1: ${problem.message}`,
      connection: 'acme',
      keepsLastGood: false,
    });
  });

  it('may be a folder whose package.json has a main, which is not looked at', async () => {
    const { problem } = await problemOf({
      'helpers/package.json': '{ "main": "lib.js" }',
      'helpers/lib.js': '',
    });
    expect(problem.message).toMatch(
      /nor an index\.js in a folder .* main of a package\.json is not looked at/,
    );
  });

  it('is one of the helper file that requires it, too', async () => {
    const { problem, told } = await problemOf({ 'helpers.js': "\n  require('./none');" });
    expect(problem).toMatchObject({ file: 'acme/helpers.js', line: 2, column: 3 });
    expect(told).toMatchObject({
      file: `${FOLDER}/helpers.js`,
      message: expect.stringMatching(/^line 2, column 3: require\('\.\/none'\) finds nothing/),
    });
  });

  it.each([
    ['JavaScript', 'helpers.js', 'const a = 1;\n  const b = ;', 2, 13, /^Unexpected token;/],
    ['JavaScript that only a script may have', 'helpers.js', 'function (a) {}', 1, 10, /^Unexpected token;/],
    ['an ES module', 'helpers.js', 'export default 1;', 1, 1, /^ES module syntax/],
    ['JSON', 'helpers.json', '{\n  "key": s3cret }', 2, 10, /^Expected a value in the JSON;/],
  ])(
    'because its %s is broken names its place and who requires it',
    async (_title, name, text, line, column, message) => {
      const { problem, told } = await problemOf({ [name]: text });
      expect(problem).toEqual({
        file: `acme/${name}`,
        line,
        column,
        message: expect.stringMatching(message),
      });
      expect(problem.message).toMatch(/; the file is required by acme\/login\.js:1:1$/);
      expect(told).toMatchObject({
        file: `${FOLDER}/${name}`,
        message: `line ${line}, column ${column}: ${problem.message}`,
      });
      expect(JSON.stringify([problem, told])).not.toContain('s3cret');
    },
  );

  it.each([
    ['..', '../../shared/helpers'],
    ['.. behind a folder', './lib/../../../shared/helpers'],
    ['.. to above the directory that is served', '../../../../../../../etc/hostname'],
    ['a link to another folder of the directory', './link'],
    ['a link out of the directory', './away'],
    ['a linked folder', './linked/helpers'],
  ])('because it lies outside of the folder, by %s, is refused', async (_title, request) => {
    const files = { 'login.js': login(`require('${request}');`) };
    const { problem, told } = await problemOf(files, async ({ root, write }) => {
      await write({ 'shared/helpers.js': '', '../outside.js': '' });
      await symlink(join(root, 'shared/helpers.js'), join(root, FOLDER, 'link.js'));
      await symlink(join(root, '../outside.js'), join(root, FOLDER, 'away.js'));
      await symlink(join(root, 'shared'), join(root, FOLDER, 'linked'));
    });
    expect(problem).toMatchObject({ line: 1, column: 1 });
    expect(problem.message).toContain(`require('${request}')`);
    expect(problem.message).toContain("outside of the script's folder");
    expect(told.file).toBe(LOGIN);
  });

  it('takes a link that stays in the folder', async () => {
    const tree = await temporaryTree(
      acme({ 'login.js': login("require('./link');"), 'lib/a.js': "require('./b');", 'b.js': '' }),
    );
    await symlink('lib/a.js', join(tree.root, FOLDER, 'link.js'));
    const store = await openStore(tree.root);
    expect(store.problems()).toEqual([]);
    // From where the link is, as its author sees it.
    expect(store.get('acme')?.scripts.login?.helpers?.map(({ file }) => file)).toEqual([
      'acme/link.js',
      'acme/b.js',
    ]);
  });

  it('is bounded by the folder of the script, not of the file that requires it', async () => {
    const files = { 'helpers.js': "require('./lib/a');", 'lib/a.js': "require('../../other/b');" };
    const { problem } = await problemOf(files);
    expect(problem).toMatchObject({
      file: 'acme/lib/a.js',
      message: expect.stringContaining("outside of the script's folder"),
    });
  });

  it('because the folder itself links out of the directory is refused', async () => {
    const tree = await temporaryTree({
      'tenant.yaml': 'databases: [{ name: acme, options: { customScripts: { login: linked/login.js } } }]',
      'real/login.js': login("require('./helpers');"),
    });
    await tree.write({ '../outside/helpers.js': '' });
    await symlink(join(tree.root, 'real/login.js'), join(tree.root, '../outside/login.js'));
    await symlink(join(tree.root, '../outside'), join(tree.root, 'linked'));
    const store = await openStore(tree.root);
    expect(store.get('acme')?.scripts.login?.problem?.message).toContain("outside of the script's folder");
    expect(store.get('acme')?.definition).not.toHaveProperty('helperSets');
  });

  it('because it is over 100 KB names it; 100 KB are taken', async () => {
    const { problem, told } = await problemOf({ 'helpers.js': '/'.repeat(102_401) });
    expect(problem).toEqual({
      file: 'acme/helpers.js',
      message:
        'The file has 102401 bytes; the limit is 102400 (100 KB); the file is required by acme/login.js:1:1',
    });
    expect(told.file).toBe(`${FOLDER}/helpers.js`);
    const files = { 'login.js': login("require('./helpers');"), 'helpers.js': '/'.repeat(102_400) };
    expect((await connectionOf(acme(files))).scripts.login?.helpers).toHaveLength(1);
  });

  it('because all are over 1,000 KB together names the one that is too much', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `h${index}`);
    const files = Object.fromEntries(names.map((name) => [`${name}.js`, '/'.repeat(102_400)]));
    const requires = names.map((name) => `require('./${name}');`).join('\n');
    const { problem, told } = await problemOf({ ...files, 'login.js': login(requires) });
    expect(problem).toMatchObject({ line: 10, column: 1 });
    expect(problem.message).toMatch(/^With acme\/h9\.js .* \d{7} bytes together; the limit is 1024000/);
    expect(told.file).toBe(LOGIN);
  });

  it('because there are too many names the one that is', async () => {
    const names = Array.from({ length: 201 }, (_, index) => `h${index}`);
    const files = Object.fromEntries(names.map((name) => [`${name}.js`, '']));
    const requires = names.map((name) => `require('./${name}');`).join('\n');
    const { problem } = await problemOf({ ...files, 'login.js': login(requires) });
    expect(problem).toEqual({
      message: 'With acme/h200.js the script has more than 200 helper files',
      line: 201,
      column: 1,
    });
  });

  it('leaves the scripts that do without it served', async () => {
    const files = {
      'login.js': login("require('./broken');"),
      'create.js': createScript("require('./good');"),
      'broken.js': '(',
      'good.js': '',
    };
    const store = await storeOf(acme(files, both));
    expect(store.get('acme')?.definition.scripts.map(({ action }) => action)).toEqual(['create']);
    expect(store.problems()).toHaveLength(1);
  });
});

describe('helper files of a watched directory', () => {
  const files = acme(
    {
      'login.js': login("require('./lib/a');"),
      'create.js': createScript("require('./lib/a');"),
      'lib/a.js': "module.exports = require('../b');",
      'b.js': 'module.exports = 1;',
    },
    both,
  );
  async function watched() {
    const tree = await temporaryTree(files);
    return { tree, store: await openStore(tree.root, { watch: true }) };
  }

  it('are served when they have changed, under a new version', async () => {
    const { tree, store } = await watched();
    const before = store.get('acme')!;
    const changed = nextChange(store, 'changed');
    await tree.write({ [`${FOLDER}/b.js`]: 'module.exports = 2;' });
    const { connection } = await changed;
    expect(connection.version).not.toBe(before.version);
    expect(connection.definition.helperSets?.[0]?.[1]?.source).toBe('module.exports = 2;');
    expect(connection.scripts.login?.helpers?.[1]?.sha256).not.toBe(
      before.scripts.login?.helpers?.[1]?.sha256,
    );
  });

  it('are kept in their last good version with the scripts, under the version there was', async () => {
    const { tree, store } = await watched();
    const before = store.get('acme')!;
    const problem = nextChange(store, 'problem');
    await tree.write({ [`${FOLDER}/b.js`]: 'module.exports = ;' });
    expect((await problem).problem).toMatchObject({
      file: `${FOLDER}/b.js`,
      message: expect.stringMatching(/^line 1, column 18: .* required by acme\/lib\/a\.js:1:18$/),
      keepsLastGood: true,
    });
    expect(store.problems()).toHaveLength(1);
    expect(store.get('acme')).toMatchObject({ version: before.version });
    expect(store.get('acme')?.definition).toEqual(before.definition);

    const solved = nextChange(store, 'solved');
    await tree.write({ [`${FOLDER}/b.js`]: 'module.exports = 3;' });
    await solved;
    expect(store.get('acme')?.definition.helperSets?.[0]?.[1]?.source).toBe('module.exports = 3;');
  });

  it('are there twice while one script is kept and another has moved on', async () => {
    const { tree, store } = await watched();
    const changed = nextChange(store, 'changed');
    await tree.write({ [LOGIN]: 'function (', [`${FOLDER}/b.js`]: 'module.exports = 2;' });
    const { definition } = (await changed).connection;
    expect(definition.scripts.map(({ action, helpers }) => [action, helpers?.set])).toEqual([
      ['login', 0],
      ['create', 1],
    ]);
    expect(definition.helperSets?.map((set) => set.map(({ source }) => source).at(-1))).toEqual([
      'module.exports = 1;',
      'module.exports = 2;',
    ]);
  });

  it('are shared while a script is kept and its files have not changed', async () => {
    const { tree, store } = await watched();
    const { version } = store.get('acme')!;
    const problem = nextChange(store, 'problem');
    await tree.write({ [LOGIN]: 'function (' });
    await problem;
    expect(store.get('acme')).toMatchObject({ version });
    expect(store.get('acme')?.definition.helperSets).toHaveLength(1);
  });

  it('lead a kept script where they led it, though a nearer file has come', async () => {
    const tree = await temporaryTree(
      acme(
        {
          'login.js': login("require('./a');"),
          'create.js': createScript("require('./other');"),
          'a/index.js': '',
          'other.js': '',
        },
        both,
      ),
    );
    const store = await openStore(tree.root, { watch: true });
    const changed = nextChange(store, 'changed');
    await tree.write({
      [LOGIN]: 'function (',
      [`${FOLDER}/a.js`]: '',
      [`${FOLDER}/other.js`]: "require('./a');",
    });
    const { definition } = (await changed).connection;
    expect(definition.helperSets?.map((set) => set.map(({ file }) => file))).toEqual([
      ['acme/a/index.js'],
      ['acme/other.js', 'acme/a.js'],
    ]);
  });
});
