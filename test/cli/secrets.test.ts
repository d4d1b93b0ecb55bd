import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateEncryptionKey } from '../../src/encryption/encryption-key.ts';
import { loadCipher } from '../../src/encryption/load-cipher.ts';
import { createApiKey } from '../../src/keys/api-key.ts';
import { readKeyFile, updateKeyFile } from '../../src/keys/key-file.ts';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { openStore } from '../connections/open-store.ts';
import { temporaryTree } from '../connections/temporary-tree.ts';
import { runCli } from './run-cli.ts';

const [key, newKey] = [generateEncryptionKey(), generateEncryptionKey()];
const env = { DRAWBRIDGE_ENCRYPTION_KEY: key };

/** Odd on purpose: what is not a value has to stay as it is. */
const json = `{
\t"name": "acme", "strategy": "auth0",
\t"options": {
\t\t"configuration": {"A": "hunter22 \\"\\u00e9\\ud83d\\ude00\\/", "B":"",
\t\t\t"C":   @@C@@, "D": "https://##HOST##/x", "E": "@@E@@" }, "passkey_options": {"challenge_ui":"both"}
\t}
}`;
const yaml = `# what we run
databases:
  - name: old
    options:
      configuration:   # of the old store
        A: hunter33
        B: 'it''s hunter44'   # why
        C: |
          -----BEGIN-----
          hunter55
        D: @@D@@
        "E": {}
      import_mode: false
  - { name: flow, options: { configuration: { A: hunter66, B: "x" } } }
`;

async function tenant() {
  const tree = await temporaryTree({
    'database-connections/acme/database.json': json,
    'tenant.yaml': yaml.replace('        "E": {}\n', ''),
  });
  const read = (file: string) => readFile(join(tree.root, file), 'utf8');
  const secrets = (args: string[], more: Record<string, string> = env) =>
    runCli(['secrets', ...args, '--dir', tree.root], more);
  const configurations = async (keys: string) => {
    const values = { C: 'c', D: 'd', E: 'e', HOST: 'h' };
    const store = await openStore(tree.root, { cipher: loadCipher({ keys }), env: values });
    expect(store.problems()).toEqual([]);
    return Object.fromEntries(store.list().map(({ name, definition }) => [name, definition.configuration]));
  };
  return { ...tree, read, secrets, configurations };
}

test('encrypt changes the values and nothing else, and the service reads them as before', async () => {
  const { root, read, secrets, configurations } = await tenant();
  const file = join(root, 'database-connections/acme/database.json');
  await chmod(file, 0o640);
  const before = await configurations(key);
  expect(before.acme).toMatchObject({ A: 'hunter22 "é😀/', C: 'c', D: 'https://h/x' });
  expect(before.old).toMatchObject({ A: 'hunter33', B: "it's hunter44", C: '-----BEGIN-----\nhunter55\n' });

  const done = await secrets(['encrypt']);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toContain('database-connections/acme/database.json: acme A: encrypted\n');
  expect(await configurations(key)).toEqual(before);
  const [asJson, asYaml] = [await read('database-connections/acme/database.json'), await read('tenant.yaml')];
  for (const text of [asJson, asYaml, done.stdout]) expect(text).not.toMatch(/hunter/);
  const hidden = (text: string) => text.replace(/"enc:v1:[\w:-]+"/g, '?');
  expect(hidden(asJson)).toBe(json.replace(/"hunter22.*\\\/"/, '?').replace('""', '?'));
  expect(hidden(asYaml)).toContain('A: ?\n        B: ?   # why\n        C: ?\n        D: @@D@@\n');
  expect(hidden(asYaml)).toContain('# of the old store');
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await readdir(join(root, 'database-connections/acme'))).toEqual(['database.json']);

  expect((await secrets(['encrypt'])).stdout).toContain('Nothing to do');
  expect(await read('tenant.yaml')).toBe(asYaml);
});

test('encrypt --check fails while a value is in clear, needs no key and writes nothing', async () => {
  const { read, secrets } = await tenant();
  const check = await secrets(['encrypt', '--check', '--json'], {});
  expect(check.code).toBe(1);
  const { values } = JSON.parse(check.stdout);
  const clear = values.filter((value: { changed: boolean }) => value.changed);
  expect(
    clear.map((value: { connection: string; key: string }) => `${value.connection}.${value.key}`),
  ).toEqual(['acme.A', 'acme.B', 'old.A', 'old.B', 'old.C', 'flow.A', 'flow.B']);
  expect(check.stdout).not.toMatch(/hunter/);
  expect(await read('database-connections/acme/database.json')).toBe(json);
  await secrets(['encrypt']);
  expect((await secrets(['encrypt', '--check'], {})).code).toBe(0);
});

test('rotate encrypts with the first key what another has; then the old one can go', async () => {
  const { secrets, configurations } = await tenant();
  await secrets(['encrypt']);
  const before = await configurations(key);
  const rotated = await secrets(['rotate'], { DRAWBRIDGE_ENCRYPTION_KEY: `${newKey},${key}` });
  expect(rotated.code).toBe(0);
  expect(await configurations(newKey)).toEqual(before);
  expect((await secrets(['rotate'], { DRAWBRIDGE_ENCRYPTION_KEY: newKey })).stdout).toContain(
    'Nothing to do',
  );
});

test('decrypt prints the one value that is asked for', async () => {
  const { secrets } = await tenant();
  await secrets(['encrypt']);
  const shown = await secrets(['decrypt', 'B', '--connection', 'old']);
  expect(shown).toEqual({ code: 0, stdout: "it's hunter44\n", stderr: '' });
  const none = await secrets(['decrypt', 'Z', '--connection', 'old']);
  expect(none).toMatchObject({ code: 1, stderr: 'error: no file has a configuration value Z of old\n' });
  const wrong = await secrets(['decrypt', 'B', '--connection', 'old'], { DRAWBRIDGE_ENCRYPTION_KEY: newKey });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(
    /^error: old B is encrypted with the key .{8}, which is none of those given\n$/,
  );
});

test('what cannot be encrypted where it stands is told by file and line, and left', async () => {
  const anchored = `shared: &values { A: hunter }
databases:
  - name: one
    options: { configuration: *values }
  - name: @@NAME@@
    options: { configuration: { A: hunter } }
  - name: three
    options: { configuration: { A: &a hunter, B: *a, C: 5, D: d } }
`;
  const { root, write } = await temporaryTree({ 'tenant.yaml': anchored });
  await write({ 'database-connections/x/database.json': '{"name": ' });
  const done = await runCli(['secrets', 'encrypt', '--dir', root], env);
  expect(done.code).toBe(1);
  expect(done.stdout).toBe('tenant.yaml: three D: encrypted\n');
  expect(done.stderr).not.toContain('hunter');
  for (const place of ['tenant.yaml: line 4', 'tenant.yaml: line 5', 'line 8', 'x/database.json: line 1']) {
    expect(done.stderr).toContain(place);
  }
});

test('a file outside is not written through a link', async () => {
  const { root } = await temporaryTree();
  const outside = await temporaryTree({ 'database.json': json });
  await mkdir(join(root, 'database-connections/acme'), { recursive: true });
  await symlink(join(outside.root, 'database.json'), join(root, 'database-connections/acme/database.json'));
  const done = await runCli(['secrets', 'encrypt', '--dir', root], env);
  expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('lies outside') });
  expect(await readFile(join(outside.root, 'database.json'), 'utf8')).toBe(json);
});

test('generate-key prints a key that encrypts; without one it is said what to do', async () => {
  const made = await runCli(['secrets', 'generate-key', '--json']);
  expect(loadCipher({ keys: JSON.parse(made.stdout).key })).toBeDefined();
  const { secrets } = await tenant();
  expect(await secrets(['encrypt'], {})).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('secrets generate-key'),
  });
  const empty = await secrets(['encrypt'], { DRAWBRIDGE_ENCRYPTION_KEY: '' });
  expect(empty).toMatchObject({ code: 1, stderr: expect.stringContaining('does not hold what it must') });
});

test('the file of API keys is encrypted as a whole, and one in clear is then refused', async () => {
  const { root } = await temporaryTree();
  const file = join(root, 'keys.json');
  const { key: apiKey, stored } = createApiKey({
    name: 'auth server',
    tenant: 'default',
    scopes: ['execute'],
    now: new Date(),
  });
  await updateKeyFile(file, () => ({ keys: [stored], result: undefined }));
  const cipher = loadCipher({ keys: key });
  expect(() => createKeyRing({ tenant: 'default', file, cipher })).toThrow(
    /is not encrypted.*secrets encrypt/,
  );

  const encrypted = await runCli(['secrets', 'encrypt', '--dir', root, '--api-keys-file', file], env);
  expect(encrypted.code).toBe(0);
  const text = await readFile(file, 'utf8');
  for (const part of [stored.id, stored.sha256, 'auth server']) expect(text).not.toContain(part);
  const ring = createKeyRing({ tenant: 'default', file, cipher });
  expect(ring.authenticate(`Bearer ${apiKey}`).keyId).toBe(stored.id);
  expect(() => createKeyRing({ tenant: 'default', file })).toThrow(/is encrypted; set/);

  const created = await runCli(['keys', 'create', '--name', 'more', '--file', file], env);
  expect(created.code).toBe(0);
  expect(await readKeyFile(file, { cipher })).toHaveLength(2);

  // Whoever can write the file, but has no key, cannot let themselves in.
  await writeFile(file, JSON.stringify({ version: 1, keys: [stored] }));
  expect(() => createKeyRing({ tenant: 'default', file, cipher })).toThrow(/is not encrypted/);
});
