import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import { createDirectoryStore } from '../../src/connections/directory-store.ts';
import { moduleTable } from '../scripts/module-table.ts';
import { loginScript, openStore } from './open-store.ts';
import { temporaryTree } from './temporary-tree.ts';

const acme = (options: object = {}, more: object = {}) => ({
  strategy: 'auth0',
  name: 'acme',
  ...more,
  options: { customScripts: { login: './login.js' }, ...options },
});
const FILE = 'database-connections/acme/database.json';
const LOGIN = 'database-connections/acme/login.js';

async function storeOf(files: Record<string, string | object>, env: Record<string, string> = {}) {
  const tree = await temporaryTree(files);
  return openStore(tree.root, { env });
}

describe('a directory of connections', () => {
  it('serves a connection with its scripts, options and defaults', async () => {
    const store = await storeOf({
      [FILE]: acme({ enable_script_context: false, own: 1 }),
      [LOGIN]: loginScript,
    });
    const connection = store.get('acme');
    expect(connection).toMatchObject({
      name: 'acme',
      realms: ['acme'],
      options: { enable_script_context: false, own: 1 },
      configurationKeys: [],
      warnings: [],
      scripts: {
        login: {
          action: 'login',
          file: 'acme/login.js',
          sha256: createHash('sha256').update(loginScript).digest('hex'),
          bytes: loginScript.length,
          arguments: 'plain',
          warnings: [],
        },
      },
    });
    expect(connection?.options).not.toHaveProperty('customScripts');
    expect(ConnectionDefinition.parse(connection?.definition)).toEqual({
      name: 'acme',
      version: connection?.version,
      isolation: 'connection',
      configuration: {},
      scripts: [
        {
          action: 'login',
          file: 'acme/login.js',
          source: loginScript,
          entry: { form: 'declared', name: 'login' },
          requires: [],
        },
      ],
    });
    expect(store.list()).toHaveLength(1);
    expect(store.problems()).toEqual([]);
    expect(store.readable()).toBe(true);
  });

  it('keeps configuration values out of JSON, the console and the options', async () => {
    const options = { configuration: { KEY: 's3cret' }, bareConfiguration: { KEY: 's3cret' } };
    const store = await storeOf({ [FILE]: acme(options), [LOGIN]: loginScript });
    const connection = store.get('acme');
    expect(connection?.definition.configuration).toEqual({ KEY: 's3cret' });
    expect(connection?.configurationKeys).toEqual(['KEY']);
    expect(JSON.stringify(connection)).not.toContain('s3cret');
    expect(inspect(connection, { depth: 9, showHidden: true })).not.toContain('s3cret');
    expect(inspect({ definition: connection?.definition }, { depth: 9 })).not.toContain('s3cret');
    expect(JSON.parse(JSON.stringify(connection?.definition)).configuration).toEqual({ KEY: 's3cret' });
  });

  it('takes byte-order marks, backslashes and scripts at the top level of the file', async () => {
    const file = { name: 'acme', customScripts: { login: '.\\scripts\\login.js' } };
    const store = await storeOf({
      [FILE]: `\uFEFF${JSON.stringify(file)}`,
      'database-connections/acme/scripts/login.js': `\uFEFF${loginScript}`,
    });
    expect(store.problems()).toEqual([]);
    expect(store.get('acme')?.definition.scripts[0]?.source).toBe(loginScript);
  });

  it('finds scripts by their names where the file names none at all', async () => {
    const files = { [LOGIN]: loginScript, 'database-connections/acme/other.js': loginScript };
    const named = await storeOf({ ...files, [FILE]: { name: 'acme', options: { customScripts: {} } } });
    const unnamed = await storeOf({ ...files, [FILE]: { name: 'acme' } });
    expect(Object.keys(named.get('acme')?.scripts ?? {})).toEqual([]);
    expect(Object.keys(unnamed.get('acme')?.scripts ?? {})).toEqual(['login']);
  });

  it('reads the single YAML form', async () => {
    const store = await storeOf(
      {
        'tenant.yaml': [
          'databases:',
          '  - name: acme',
          '    strategy: auth0',
          '    options:',
          '      enable_script_context: true',
          '      configuration:',
          '        KEY: @@KEY@@',
          '        URL: https://##HOST##/v1',
          '      customScripts:',
          '        login: databases/acme/login.js',
          '  - name: plain',
        ].join('\n'),
        'databases/acme/login.js': loginScript,
      },
      { KEY: 'a: "b" #c', HOST: 'x.org' },
    );
    expect(store.problems()).toEqual([]);
    expect(store.list().map(({ name }) => name)).toEqual(['acme', 'plain']);
    expect(store.get('acme')?.definition.configuration).toEqual({
      KEY: 'a: "b" #c',
      URL: 'https://x.org/v1',
    });
    expect(store.get('acme')?.scripts.login?.arguments).toBe('plain');
  });

  it('replaces keywords in JSON and in scripts; unknown ones are warned of', async () => {
    const script = "function login(a, b, callback) { callback(new Error(@@KEY@@ + '##NONE##')); }";
    const store = await storeOf(
      { [FILE]: acme({ configuration: { KEY: '@@KEY@@', OTHER: '##OTHER##' } }), [LOGIN]: script },
      { KEY: 'a"b$&' },
    );
    const connection = store.get('acme');
    expect(connection?.definition.configuration).toEqual({ KEY: 'a"b$&', OTHER: '##OTHER##' });
    expect(connection?.definition.scripts[0]?.source).toContain('new Error("a\\"b$&" + \'##NONE##\')');
    expect(connection?.warnings).toEqual([
      { code: 'unknown_keyword', message: expect.stringContaining('##OTHER##'), file: FILE, line: 1 },
    ]);
    expect(connection?.scripts.login?.warnings).toEqual([
      { code: 'unknown_keyword', message: expect.stringContaining('##NONE##'), file: LOGIN, line: 1 },
    ]);
  });

  it('changes the version with a value of the environment, and only then', async () => {
    const files = { [FILE]: acme({ configuration: { KEY: '@@KEY@@' } }), [LOGIN]: loginScript };
    const tree = await temporaryTree(files);
    const versions = [];
    for (const KEY of ['a', 'a', 'b']) {
      versions.push((await openStore(tree.root, { env: { KEY } })).get('acme')?.version);
    }
    expect(versions[0]).toBe(versions[1]);
    expect(versions[0]).not.toBe(versions[2]);
  });

  it('leaves out excluded connections, broken ones too', async () => {
    const store = await storeOf(
      {
        [FILE]: acme(),
        'database-connections/bad/database.json': { name: 'bad', realms: 5 },
        'database-connections/kept/database.json': { name: 'kept' },
      },
      { AUTH0_EXCLUDED_DATABASES: '["acme", "bad"]' },
    );
    expect(store.list().map(({ name }) => name)).toEqual(['kept']);
    expect(store.problems()).toEqual([]);
  });

  it('warns of a long name, unknown scripts and misspelt options', async () => {
    const name = 'x'.repeat(36);
    const options = { customScripts: { sign_in: './x.js' }, passkey_options: { chalenge_ui: 'both' } };
    const store = await storeOf({ [FILE]: { name, options } });
    expect(store.get(name)?.warnings.map(({ code }) => code)).toEqual([
      'long_name',
      'unknown_option',
      'unknown_script',
    ]);
  });

  it('shows the action in place of a file name that two scripts share', async () => {
    const customScripts = { login: 'a/index.js', create: 'b/index.js', get_user: 'get user.js' };
    const files = Object.fromEntries(
      Object.values(customScripts).map((path) => [`database-connections/acme/${path}`, loginScript]),
    );
    const store = await storeOf({ ...files, [FILE]: acme({ customScripts }) });
    expect(Object.values(store.get('acme')?.scripts ?? {}).map(({ file }) => file)).toEqual([
      'acme/login.js',
      'acme/get_user.js',
      'acme/create.js',
    ]);
  });

  it('passes warnings of the analysis on with their file', async () => {
    const store = await storeOf({ [FILE]: acme({ enable_script_context: true }), [LOGIN]: loginScript });
    expect(store.get('acme')?.scripts.login).toMatchObject({
      arguments: 'plain',
      warnings: [{ code: 'entry_without_context', file: LOGIN }],
    });
  });
});

describe('mistakes in a directory', () => {
  it('leave the good connections served', async () => {
    const store = await storeOf({
      'database-connections/a/database.json':
        '{\n  "name": "a",\n  "options": { "configuration": s3cret }\n}',
      'database-connections/b/database.json': { name: 'b', options: { configuration: { PORT: 5432 } } },
      'database-connections/empty/readme.md': '',
      'database-connections/.hidden/database.json': 'not read',
      'tenant.yaml': 'databases: [{ name: y }, { name: "y--z" }, 5]',
      [FILE]: acme(),
      [LOGIN]: loginScript,
    });
    expect(store.list().map(({ name }) => name)).toEqual(['acme', 'y']);
    const problem = (file: string, path: string, message: RegExp, connection?: string) => ({
      file,
      path,
      message: expect.stringMatching(message),
      ...(connection ? { connection } : {}),
      keepsLastGood: false,
    });
    expect(store.problems()).toEqual([
      problem(
        'database-connections/b/database.json',
        'options.configuration.PORT',
        /string, not a number/,
        'b',
      ),
      problem('tenant.yaml', 'databases[1].name', /single dashes/, 'y--z'),
      problem('tenant.yaml', 'databases[2]', /object/),
      problem('database-connections/a/database.json', '', /line 3, column 33: Expected a value/, 'a'),
      problem('database-connections/empty/database.json', '', /does not exist/, 'empty'),
    ]);
    expect(JSON.stringify(store.problems())).not.toContain('s3cret');
  });

  it('name both files of a name that is taken twice', async () => {
    const store = await storeOf({
      'database-connections/a/database.json': { name: 'same', display_name: 'first' },
      'database-connections/b/database.json': { name: 'same' },
    });
    expect(store.get('same')?.displayName).toBe('first');
    expect(store.problems()).toMatchObject([
      {
        file: 'database-connections/b/database.json',
        path: 'name',
        message: expect.stringContaining('database-connections/a/database.json'),
      },
    ]);
  });

  it('in a script are a problem of this script alone', async () => {
    const customScripts = { login: './login.js', create: './create.js', verify: './none.js' };
    const store = await storeOf({
      [FILE]: acme({ customScripts }),
      [LOGIN]: loginScript,
      'database-connections/acme/create.js': 'function create(user, callback) {\n  return (;\n}',
    });
    const { scripts, definition } = store.get('acme')!;
    expect(scripts.login?.problem).toBeUndefined();
    expect(scripts.create?.problem).toEqual({ message: 'Unexpected token', line: 2, column: 11 });
    expect(scripts.verify?.problem?.message).toBe('./none.js does not exist');
    expect(definition.scripts.map(({ action }) => action)).toEqual(['login']);
    expect(store.problems()).toEqual([
      {
        file: 'database-connections/acme/create.js',
        path: '',
        message: 'line 2, column 11: Unexpected token',
        connection: 'acme',
        keepsLastGood: false,
      },
      {
        file: FILE,
        path: 'options.customScripts.verify',
        message: './none.js does not exist',
        connection: 'acme',
        keepsLastGood: false,
      },
    ]);
  });

  it('refuses a script above 100 KB and takes one of 100 KB', async () => {
    const sized = (bytes: number) => `${loginScript}//`.padEnd(bytes, 'x');
    const customScripts = { login: './login.js', create: './create.js' };
    const store = await storeOf({
      [FILE]: acme({ customScripts }),
      [LOGIN]: sized(102_401),
      'database-connections/acme/create.js': sized(102_400),
    });
    expect(store.get('acme')?.scripts.create?.problem).toBeUndefined();
    expect(store.get('acme')?.scripts.login).toMatchObject({
      bytes: 102_401,
      problem: { message: 'The script has 102401 bytes; the limit is 102400 (100 KB)' },
    });
  });

  it.each([
    '../../../outside.js',
    '..\\..\\..\\outside.js',
    '/etc/hostname',
    '../../link.js',
    '../linked/x.js',
  ])('refuses the script path %s, which leads out of the directory', async (path) => {
    const tree = await temporaryTree({ [FILE]: acme({ customScripts: { login: path } }) });
    await tree.write({ '../outside.js': loginScript, '../outside/x.js': loginScript });
    await symlink(join(tree.root, '../outside.js'), join(tree.root, 'link.js'));
    await symlink(join(tree.root, '../outside'), join(tree.root, 'database-connections/linked'));
    const store = await openStore(tree.root);
    expect(store.get('acme')?.scripts.login?.problem?.message).toMatch(/lies outside of the directory/);
    expect(store.get('acme')?.definition.scripts).toEqual([]);
  });

  it('takes a symbolic link that stays inside', async () => {
    const tree = await temporaryTree({ [FILE]: acme(), 'shared/login.js': loginScript });
    await symlink(join(tree.root, 'shared/login.js'), join(tree.root, LOGIN));
    const store = await openStore(tree.root);
    expect(store.get('acme')?.scripts.login?.problem).toBeUndefined();
  });

  it('refuses a connection folder that links out of the directory', async () => {
    const tree = await temporaryTree({ 'database-connections/kept/database.json': { name: 'kept' } });
    await tree.write({ '../outside/database.json': { name: 'outside' } });
    await symlink(join(tree.root, '../outside'), join(tree.root, 'database-connections/linked'));
    const store = await openStore(tree.root);
    expect(store.list().map(({ name }) => name)).toEqual(['kept']);
    expect(store.problems()).toMatchObject([{ message: expect.stringMatching(/outside/) }]);
  });

  it('does not wait for a writer of a named pipe', async () => {
    const tree = await temporaryTree({ 'database-connections/kept/database.json': { name: 'kept' } });
    await mkdir(join(tree.root, 'database-connections/acme'));
    execFileSync('mkfifo', [join(tree.root, FILE)]);
    const store = await openStore(tree.root);
    expect(store.list().map(({ name }) => name)).toEqual(['kept']);
    expect(store.problems()).toMatchObject([{ file: FILE, message: 'is not a file' }]);
  });

  it('says that the directory is not there', async () => {
    const tree = await temporaryTree();
    await rm(tree.root, { recursive: true });
    const store = await openStore(tree.root);
    expect(store.readable()).toBe(false);
    expect(store.list()).toEqual([]);
    expect(store.problems()).toMatchObject([{ file: '.', message: expect.stringMatching(/does not exist/) }]);
    expect(JSON.stringify(store.problems())).not.toContain(tree.root);
  });

  it('says that the directory has neither layout', async () => {
    const store = await storeOf({ 'readme.md': '' });
    expect(store.readable()).toBe(true);
    expect(store.problems()).toMatchObject([{ message: expect.stringMatching(/tenant\.yaml/) }]);
  });

  it('refuses variables that are not JSON before anything is read', async () => {
    const tree = await temporaryTree();
    await mkdir(join(tree.root, 'database-connections'));
    const env = { AUTH0_KEYWORD_REPLACE_MAPPINGS: 'x' };
    await expect(createDirectoryStore({ root: tree.root, env, modules: moduleTable })).rejects.toThrow(
      /AUTH0_KEYWORD_REPLACE_MAPPINGS/,
    );
  });
});
