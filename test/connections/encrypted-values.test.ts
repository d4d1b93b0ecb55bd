import { expect, test } from 'vitest';
import { createCipher } from '../../src/encryption/create-cipher.ts';
import { generateEncryptionKey, parseEncryptionKeys } from '../../src/encryption/encryption-key.ts';
import { loginScript, nextChange, openStore } from './open-store.ts';
import { temporaryTree } from './temporary-tree.ts';

const cipher = createCipher(parseEncryptionKeys(generateEncryptionKey())!);
const stranger = createCipher(parseEncryptionKeys(generateEncryptionKey())!);
const value = 'postgres://app:hunter22@db/users';
const encrypted = cipher.encrypt(value, ['configuration', 'acme', 'DB_URL']);

const filesOf = (name: string, configuration: object) => ({
  [`database-connections/${name}/database.json`]: { name, strategy: 'auth0', options: { configuration } },
  [`database-connections/${name}/login.js`]: loginScript,
});

test('values are read in clear, from folders and from a YAML file', async () => {
  const inYaml = cipher.encrypt(value, ['configuration', 'other', 'DB_URL']);
  const { root } = await temporaryTree({
    ...filesOf('acme', { DB_URL: encrypted, PLAIN: 'as it is' }),
    'tenant.yaml': `databases:\n  - name: other\n    options:\n      configuration:\n        DB_URL: ${inYaml}\n`,
  });
  const store = await openStore(root, { cipher });
  expect(store.problems()).toEqual([]);
  expect(store.get('acme')?.definition.configuration).toEqual({ DB_URL: value, PLAIN: 'as it is' });
  expect(store.get('other')?.definition.configuration).toEqual({ DB_URL: value });
});

test('an encrypted value may come from the environment', async () => {
  const { root } = await temporaryTree(filesOf('acme', { DB_URL: '@@DB_URL@@' }));
  const store = await openStore(root, { cipher, env: { DB_URL: encrypted } });
  expect(store.get('acme')?.definition.configuration).toEqual({ DB_URL: value });
});

test.each([
  ['without a key', undefined, 'acme', /^is encrypted; set DRAWBRIDGE_ENCRYPTION_KEY/],
  [
    'with another key',
    stranger,
    'acme',
    /^is encrypted with the key [\w-]{8}, which is none of those given$/,
  ],
  [
    'in another connection',
    cipher,
    'moved',
    /^does not decrypt: it was changed, or encrypted for another place$/,
  ],
])('%s it is a problem that names file and path, never the value', async (_, given, name, message) => {
  const { root } = await temporaryTree({ ...filesOf(name, { DB_URL: encrypted }), ...filesOf('well', {}) });
  const store = await openStore(root, { cipher: given });
  expect(store.list().map((connection) => connection.name)).toEqual(['well']);
  expect(store.problems()).toEqual([
    {
      file: `database-connections/${name}/database.json`,
      path: 'options.configuration.DB_URL',
      message: expect.stringMatching(message),
      connection: name,
      keepsLastGood: false,
    },
  ]);
  expect(JSON.stringify(store.problems())).not.toContain(encrypted.slice(-20));
});

test('a value that stops decrypting keeps the last good version', async () => {
  const tree = await temporaryTree(filesOf('acme', { DB_URL: encrypted }));
  const store = await openStore(tree.root, { cipher, watch: true });
  const problem = nextChange(store, 'problem');
  await tree.write(filesOf('acme', { DB_URL: encrypted.slice(0, -4) }));
  expect((await problem).problem).toMatchObject({ connection: 'acme', keepsLastGood: true });
  expect(store.get('acme')?.definition.configuration).toEqual({ DB_URL: value });
});
