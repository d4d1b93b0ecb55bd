import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { actionNames } from '../../sandbox/contract/actions.ts';
import { register } from '../../src/cli/init.ts';

let dir: string;
let output: { stdout: string; stderr: string };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drawbridge-init-'));
  output = { stdout: '', stderr: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output.stdout += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dir, { recursive: true });
});

async function init(...args: string[]): Promise<void> {
  const program = new Command('drawbridge');
  program.exitOverride().configureOutput({
    writeOut: (text) => {
      output.stdout += text;
    },
    writeErr: (text) => {
      output.stderr += text;
    },
  });
  register(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  await program.parseAsync(['init', ...args], { from: 'user' });
}

const databaseOf = async (name: string) =>
  JSON.parse(await readFile(join(dir, 'database-connections', name, 'database.json'), 'utf8'));

describe.each([
  ['http', ['fixtures.yaml']],
  ['fetch', ['fixtures.yaml']],
  ['basic-auth', ['fixtures.yaml']],
  ['postgres', ['schema.sql']],
  ['mysql', ['schema.sql']],
  ['mongodb', ['indexes.js']],
  ['sqlserver', ['schema.sql']],
  ['ldap', ['schema.ldif']],
  ['aws-cognito', []],
  ['auth0-tenant', []],
])('template %s', (template, preparations) => {
  test('lays down the nine scripts, database.json, a README and the list of variables', async () => {
    await init(dir, '--template', template);
    const files = await readdir(join(dir, 'database-connections', 'acme'));
    const scripts = actionNames.map((action) => `${action}.js`);
    expect(files.sort()).toEqual(
      ['.env.example', 'README.md', 'database.json', ...scripts, ...preparations].sort(),
    );
    const { options } = await databaseOf('acme');
    expect(Object.keys(options.customScripts).sort()).toEqual([...actionNames].sort());
    expect(options).toMatchObject({ enable_script_context: true, import_mode: false });
  });

  test('lists in .env.example every variable that database.json waits for', async () => {
    await init(dir, '--template', template, '--json');
    const { variables } = JSON.parse(output.stdout);
    const example = await readFile(join(dir, 'database-connections', 'acme', '.env.example'), 'utf8');
    expect(variables.length).toBeGreaterThanOrEqual(2);
    for (const variable of variables) expect(example).toMatch(new RegExp(`^${variable}=`, 'm'));
  });

  test('reads in its scripts what database.json configures, and nothing else', async () => {
    await init(dir, '--template', template);
    const folder = join(dir, 'database-connections', 'acme');
    const { options } = await databaseOf('acme');
    const sources = await Promise.all(
      actionNames.map((action) => readFile(join(folder, `${action}.js`), 'utf8')),
    );
    const read = sources.flatMap((source) => [...source.matchAll(/\bconfiguration\.(\w+)/g)]);
    expect([...new Set(read.map(([, key]) => key))].sort()).toEqual(
      Object.keys(options.configuration).sort(),
    );
  });

  test('says in the next steps what its store needs first', async () => {
    await init(dir, '--template', template);
    const steps = output.stdout.slice(output.stdout.indexOf('Next steps:'));
    const stores = ['schema.sql', 'schema.ldif', 'indexes.js'];
    expect(stores.filter((file) => steps.includes(file))).toEqual(
      preparations.filter((file) => stores.includes(file)),
    );
    expect(steps).toContain(`npx drawbridge test --dir ${dir}`);
  });
});

test('takes the name of the connection', async () => {
  await init(dir, '--name', 'my-users');
  expect((await databaseOf('my-users')).name).toBe('my-users');
  expect(output.stdout).toContain('/v1/connections/my-users/get-user');
});

test('prints the variables and the next steps', async () => {
  await init(dir);
  expect(output.stdout).toContain('USER_STORE_TOKEN');
  expect(output.stdout).toContain(`drawbridge serve --dir ${dir}`);
});

test('overwrites nothing without --force and names what is there', async () => {
  await init(dir);
  const script = join(dir, 'database-connections', 'acme', 'login.js');
  await writeFile(script, '// mine');
  await expect(init(dir, '--template', 'fetch')).rejects.toThrow(script);
  await expect(init(dir, '--template', 'fetch')).rejects.toThrow('--force');
  expect(await readFile(script, 'utf8')).toBe('// mine');

  await init(dir, '--template', 'fetch', '--force');
  expect(await readFile(script, 'utf8')).toContain('await fetch(');
});

test('names the templates when there is no such template', async () => {
  await expect(init(dir, '--template', 'https')).rejects.toThrow('basic-auth, fetch, http');
  expect(await readdir(dir)).toEqual([]);
});

test.each(['a--b', '../outside', '-x', 'a b', ''])('refuses %j as a name', async (name) => {
  await expect(init(dir, `--name=${name}`)).rejects.toThrow("cannot be a connection's name");
  expect(await readdir(dir)).toEqual([]);
});

test('says what is in the way when the directory is a file', async () => {
  await writeFile(join(dir, 'file'), '');
  await expect(init(join(dir, 'file'))).rejects.toThrow(/cannot write to .*ENOTDIR/);
});

test('shows examples in its help', async () => {
  await expect(init('--help')).rejects.toMatchObject({ code: 'commander.helpDisplayed' });
  expect(output.stdout).toContain('drawbridge init ./tenant --template http');
});
