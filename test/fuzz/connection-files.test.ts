import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import { createDirectoryStore } from '../../src/connections/directory-store.ts';
import { temporaryTree } from '../connections/temporary-tree.ts';
import { moduleTable } from '../scripts/module-table.ts';
import { damaged, fuzz, fuzzTimeoutMs, jsonValue, nearly, oddText } from './fuzz.ts';

/** In every file of these tests; no message may quote it. */
const secret = 'a-secret-that-no-message-quotes';

const whole = {
  name: 'acme',
  strategy: 'auth0',
  display_name: 'Acme',
  realms: ['acme'],
  metadata: { team: 'identity' },
  options: {
    enable_script_context: true,
    isolation: 'execution',
    configuration: { API_TOKEN: secret, OTHER: 'value' },
    customScripts: { login: './login.js', get_user: './lib/../get_user.js' },
    attributes: {
      email: { identifier: { active: true }, profile_required: true, signup: { status: 'required' } },
    },
    authentication_methods: { password: { enabled: true }, passkey: { enabled: true } },
    precedence: ['email', 'phone_number', 'username'],
    passkey_options: { challenge_ui: 'both' },
    password_options: { history: { active: true } },
  },
};
const json = JSON.stringify(whole, null, 1);
const yaml = stringify({ databases: [whole, { ...whole, name: 'other' }] });
const login = `const helper = require('./helper');\nfunction login(email, password, context, callback) { callback(null, '${secret}'); }`;

const nested = fc
  .tuple(fc.constantFrom('[', '{"a":', '- ', '{a: '), fc.nat({ max: 20_000 }), fc.boolean())
  .map(([open, depth, closed]) => {
    const close = open === '[' ? ']' : '}';
    return open.repeat(depth) + (closed && open !== '- ' ? `1${close.repeat(depth)}` : '');
  });
const deepOption = fc.nat({ max: 20_000 }).map((depth) => {
  const value = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  return json.replace('"enable_script_context": true', `"deep": ${value}`);
});
const doubled = fc
  .constantFrom('name', 'options', 'configuration', '__proto__')
  .map((key) => json.replace('{', `{"${key}":7,`));
const bomb = fc.integer({ min: 1, max: 12 }).map((levels) => {
  const lines = Array.from(
    { length: levels },
    (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(',')}]`,
  );
  return `a0: &a0 x\n${lines.join('\n')}\ndatabases:\n  - name: acme\n    options: {x: *a${levels}}\n`;
});

const jsonText = fc.oneof(
  { weight: 5, arbitrary: nearly(whole, 5).map((value) => JSON.stringify(value) ?? '') },
  { weight: 4, arbitrary: damaged(json) },
  { weight: 1, arbitrary: doubled },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: deepOption },
  { weight: 1, arbitrary: jsonValue.map((value) => JSON.stringify(value) ?? '') },
);
const yamlText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(nearly(whole, 5), { maxLength: 3 }).map((databases) => stringify({ databases })),
  },
  { weight: 4, arbitrary: damaged(yaml) },
  { weight: 1, arbitrary: bomb },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }) },
);
const script = fc.oneof(
  { weight: 3, arbitrary: fc.constant(login) },
  { weight: 3, arbitrary: damaged(login) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 20_000 }).map((depth) => `${'('.repeat(depth)}1${')'.repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 20_000 }).map((depth) => `x${'.y'.repeat(depth)} = ${'a+'.repeat(depth)}1`),
  },
);
const fileName = fc.oneof(
  fc.constantFrom(
    'acme',
    '.hidden',
    ' ',
    'a b',
    '__proto__',
    'ünïcode',
    '-x',
    'x'.repeat(200),
    'a\nb',
    '%2e%2e',
    '\\',
  ),
  fc.stringMatching(/^[^/\0]{1,20}$/).filter((name) => name !== '.' && name !== '..'),
);
const link = fc.constantFrom(
  '/etc/passwd',
  '/',
  '.',
  '..',
  '../acme',
  'login.js',
  'nowhere',
  '/dev/zero',
  '/dev/stdin',
);

const tree = fc.record({
  folders: fc.dictionary(
    fileName,
    fc.record({ json: jsonText, login: script, helper: script }, { requiredKeys: [] }),
    { maxKeys: 3 },
  ),
  links: fc.array(fc.tuple(fileName, fc.constantFrom('database.json', 'login.js', 'helper.js', ''), link), {
    maxLength: 2,
  }),
  yaml: fc.option(yamlText),
  env: fc.dictionary(fc.constantFrom('KEY', 'API_TOKEN', '__proto__'), fc.oneof(oddText, fc.string())),
});

/** What the system does not take for a name is no case. */
async function put(write: Promise<unknown>): Promise<void> {
  await write.catch((error: NodeJS.ErrnoException) => {
    if (
      !/^(EEXIST|ENAMETOOLONG|EILSEQ|EISDIR|ENOTDIR|ELOOP|ENOENT|EACCES|ERR_INVALID_ARG_VALUE)$/.test(
        error.code ?? '',
      )
    )
      throw error;
  });
}

async function lay(
  root: string,
  { folders, links, yaml }: typeof tree extends fc.Arbitrary<infer T> ? T : never,
) {
  const connections = join(root, 'database-connections');
  await mkdir(connections);
  for (const [name, target, to] of links.map(
    ([folder, file, to]) => [folder, join(connections, folder, file), to] as const,
  )) {
    await put(mkdir(join(connections, name), { recursive: true }));
    await put(mkdir(dirname(target), { recursive: true }));
    await put(symlink(to, target));
  }
  for (const [name, { json, login, helper }] of Object.entries(folders)) {
    const folder = join(connections, name);
    await put(mkdir(folder));
    if (json !== undefined) await put(writeFile(join(folder, 'database.json'), json, { flag: 'wx' }));
    if (login !== undefined) await put(writeFile(join(folder, 'login.js'), login, { flag: 'wx' }));
    if (helper !== undefined) await put(writeFile(join(folder, 'helper.js'), helper, { flag: 'wx' }));
  }
  if (yaml !== null) await writeFile(join(root, 'tenant.yaml'), yaml);
}

test('whatever lies in the directory, it is served or a problem, and good connections are served', {
  timeout: fuzzTimeoutMs,
}, async () => {
  const good = {
    name: 'good',
    strategy: 'auth0',
    options: { enable_script_context: true, configuration: { KEY: secret } },
  };
  await fuzz(
    tree,
    async (files) => {
      const { root } = await temporaryTree();
      await lay(root, files);
      const folder = join(root, 'database-connections', '0 good');
      await mkdir(folder);
      await writeFile(join(folder, 'database.json'), JSON.stringify(good));
      await writeFile(join(folder, 'login.js'), login);
      await writeFile(join(folder, 'helper.js'), '');
      const errors: unknown[] = [];
      const log = {
        info() {},
        warn() {},
        error: (fields: object, message: string) => void errors.push([fields, message]),
      };
      const store = await createDirectoryStore({
        root,
        env: files.env,
        modules: moduleTable,
        watch: false,
        log,
      });
      expect(errors).toEqual([]);
      expect(store.readable()).toBe(true);
      expect(store.get('good')?.scripts.login).toMatchObject({ arguments: 'context' });
      for (const connection of store.list()) {
        ConnectionDefinition.parse(JSON.parse(JSON.stringify(connection.definition)));
        expect(JSON.stringify(connection)).not.toContain(secret);
      }
      for (const problem of store.problems()) {
        expect(problem.message).not.toMatch(/^$|The service failed/);
        expect(JSON.stringify(problem)).not.toContain(secret);
      }
    },
    400,
  );
});
