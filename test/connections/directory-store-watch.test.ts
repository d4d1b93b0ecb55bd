import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoreLog } from '../../src/connections/directory-store.ts';
import { loginScript, nextChange, openStore } from './open-store.ts';
import { temporaryTree } from './temporary-tree.ts';

const FILE = 'database-connections/acme/database.json';
const LOGIN = 'database-connections/acme/login.js';
const acme = (options: object = {}) => ({
  name: 'acme',
  options: { customScripts: { login: './login.js' }, ...options },
});
const secondScript = 'async function login(email, password, callback) { callback(new Error()); }';

async function watchedStore(log?: StoreLog) {
  const tree = await temporaryTree({ [FILE]: acme(), [LOGIN]: loginScript });
  return { tree, store: await openStore(tree.root, { watch: true, log }) };
}

describe('a watched directory', () => {
  it('serves a changed script', async () => {
    const { tree, store } = await watchedStore();
    const before = store.get('acme');
    const changed = nextChange(store, 'changed');
    await tree.write({ [LOGIN]: secondScript });
    const { connection } = await changed;
    expect(connection).toBe(store.get('acme'));
    expect(connection.version).not.toBe(before?.version);
    expect(connection.definition.scripts[0]?.source).toBe(secondScript);
  });

  it('serves a script that was saved beside and renamed', async () => {
    const { tree, store } = await watchedStore();
    const changed = nextChange(store, 'changed');
    await tree.write({ 'database-connections/acme/.login.js.tmp': secondScript });
    await rename(join(tree.root, 'database-connections/acme/.login.js.tmp'), join(tree.root, LOGIN));
    expect((await changed).connection.definition.scripts[0]?.source).toBe(secondScript);
  });

  it('tells of added and removed connections', async () => {
    const { tree, store } = await watchedStore();
    const added = nextChange(store, 'added');
    await tree.write({ 'database-connections/other/database.json': { name: 'other' } });
    expect((await added).connection.name).toBe('other');
    const removed = nextChange(store, 'removed');
    await tree.remove('database-connections/other');
    expect((await removed).connection.name).toBe('other');
    expect(store.list().map(({ name }) => name)).toEqual(['acme']);
  });

  it('keeps the last good version of a script that no longer compiles, and says so', async () => {
    const { tree, store } = await watchedStore();
    const { version } = store.get('acme')!;
    const problem = nextChange(store, 'problem');
    await tree.write({ [LOGIN]: 'function login(email, password, callback) {\n  callback(;\n}' });
    expect((await problem).problem).toEqual({
      file: LOGIN,
      path: '',
      message: 'line 2, column 12: Unexpected token',
      connection: 'acme',
      keepsLastGood: true,
    });
    expect(store.problems()).toHaveLength(1);
    expect(store.get('acme')).toMatchObject({ version, scripts: { login: { action: 'login' } } });
    expect(store.get('acme')?.scripts.login?.problem).toBeUndefined();

    const solved = nextChange(store, 'solved');
    await tree.write({ [LOGIN]: secondScript });
    expect((await solved).problem.file).toBe(LOGIN);
    expect(store.problems()).toEqual([]);
    expect(store.get('acme')?.definition.scripts[0]?.source).toBe(secondScript);
  });

  it('runs the last good script under the new options of its connection', async () => {
    const { tree, store } = await watchedStore();
    const problem = nextChange(store, 'problem');
    await tree.write({ [LOGIN]: 'function (' });
    await problem;
    const changed = nextChange(store, 'changed');
    await tree.write({ [FILE]: acme({ configuration: { KEY: 'new' }, enable_script_context: true }) });
    const { connection } = await changed;
    expect(connection.definition).toMatchObject({
      configuration: { KEY: 'new' },
      scripts: [{ source: loginScript }],
    });
    expect(connection.scripts.login?.warnings).toMatchObject([{ code: 'entry_without_context' }]);
  });

  it.each([
    ['breaks its JSON', '{ "name": "acme", ', /too early/],
    ['breaks a rule', acme({ configuration: { KEY: 5 } }), /not a number/],
  ])('keeps the last good connection when a change %s', async (_title, file, message) => {
    const { tree, store } = await watchedStore();
    const before = store.get('acme');
    const problem = nextChange(store, 'problem');
    await tree.write({ [FILE]: file });
    expect((await problem).problem).toMatchObject({
      file: FILE,
      message: expect.stringMatching(message),
      connection: 'acme',
      keepsLastGood: true,
    });
    expect(store.get('acme')).toBe(before);
  });

  it('keeps all connections of a YAML file that no longer parses', async () => {
    const tree = await temporaryTree({ 'tenant.yaml': 'databases: [{ name: a }, { name: b }]' });
    const store = await openStore(tree.root, { watch: true });
    const problem = nextChange(store, 'problem');
    await tree.write({ 'tenant.yaml': 'databases: [{ name: a' });
    expect((await problem).problem).toMatchObject({ file: 'tenant.yaml', keepsLastGood: true });
    expect(store.list().map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('keeps serving when the directory goes, and reads it when it comes back', async () => {
    const { tree, store } = await watchedStore();
    const gone = nextChange(store, 'problem');
    await rename(tree.root, `${tree.root}-away`);
    expect((await gone).problem).toMatchObject({ keepsLastGood: true });
    expect(store.readable()).toBe(false);
    expect(store.get('acme')).toBeDefined();
    const solved = nextChange(store, 'solved');
    await rename(`${tree.root}-away`, tree.root);
    await solved;
    expect(store.readable()).toBe(true);
  });

  it('picks up a directory that was not there at the start', async () => {
    const tree = await temporaryTree();
    await rm(tree.root, { recursive: true });
    const store = await openStore(tree.root, { watch: true });
    const added = nextChange(store, 'added');
    await tree.write({ [FILE]: acme(), [LOGIN]: loginScript });
    expect((await added).connection.name).toBe('acme');
  });

  it('logs what it serves and what is wrong, without a configuration value', async () => {
    const lines: unknown[] = [];
    const write = (...line: unknown[]) => void lines.push(line);
    const { tree, store } = await watchedStore({ info: write, warn: write, error: write });
    const changed = nextChange(store, 'changed');
    await tree.write({ [FILE]: acme({ configuration: { KEY: 's3cret' } }) });
    await changed;
    const problem = nextChange(store, 'problem');
    await tree.write({ [LOGIN]: 'function (' });
    await problem;
    const log = JSON.stringify(lines);
    expect(log).toContain('Connection acme was changed');
    expect(log).toContain('the last good version is still served');
    expect(log).not.toContain('s3cret');
  });
});
