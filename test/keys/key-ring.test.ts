import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApiKey, type StoredKey, scopes } from '../../src/keys/api-key.ts';
import { updateKeyFile } from '../../src/keys/key-file.ts';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { createSecret } from '../../src/keys/secret.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-'));
  file = join(directory, 'keys.json');
});
afterEach(() => rm(directory, { recursive: true }));

async function add(tenant = 'default') {
  const { key, stored } = createApiKey({ name: 'x', tenant, scopes: ['execute'], now: new Date() });
  await updateKeyFile(file, (keys) => ({ keys: [...keys, stored], result: undefined }));
  return { header: `Bearer ${key}`, stored };
}

function revoke({ id }: StoredKey) {
  const revokeIt = (key: StoredKey) =>
    key.id === id ? { ...key, revoked_at: new Date().toISOString() } : key;
  return updateKeyFile(file, (keys) => ({ keys: keys.map(revokeIt), result: undefined }));
}

const unauthorized = expect.objectContaining({ code: 'unauthorized' });

test('without any key it is open, with every scope for the tenant', () => {
  const ring = createKeyRing({ tenant: 'acme' });
  expect(ring.open).toBe(true);
  expect(ring.authenticate(undefined)).toEqual({ keyId: 'open', tenant: 'acme', scopes: new Set(scopes) });
});

test('the key of the environment has every scope for the tenant', () => {
  const ring = createKeyRing({ tenant: 'acme', apiKey: createSecret('0123456789abcdef') });
  expect(ring.open).toBe(false);
  expect(ring.authenticate('bearer 0123456789abcdef')).toMatchObject({
    keyId: 'environment',
    tenant: 'acme',
  });
  expect(() => ring.authenticate('Bearer 0123456789abcdeg')).toThrow(unauthorized);
});

test('a key of the file brings its tenant and scopes', async () => {
  const { header, stored } = await add('other');
  const ring = createKeyRing({ tenant: 'default', file });
  expect(ring.authenticate(header)).toEqual({
    keyId: stored.id,
    tenant: 'other',
    scopes: new Set(['execute']),
  });
  expect(ring.count()).toBe(1);
});

test('the id of a key with another secret is refused', async () => {
  const { stored } = await add();
  const ring = createKeyRing({ tenant: 'default', file });
  expect(() => ring.authenticate(`Bearer db_${stored.id}_${'A'.repeat(43)}`)).toThrow(unauthorized);
});

test('a key that is added or revoked counts with the next request', async () => {
  const first = await add();
  const reloads: (string | undefined)[] = [];
  const ring = createKeyRing({
    tenant: 'default',
    file,
    checkIntervalMs: 0,
    onReload: (problem) => void reloads.push(problem),
  });
  const second = await add();
  expect(ring.authenticate(second.header).keyId).toBe(second.stored.id);
  await revoke(first.stored);
  expect(() => ring.authenticate(first.header)).toThrow(unauthorized);
  expect(ring.authenticate(second.header).keyId).toBe(second.stored.id);
  expect(reloads).toEqual([undefined, undefined]);
});

test('a file that turns bad leaves the last good keys in force and is told once', async () => {
  const { header } = await add();
  const reloads: (string | undefined)[] = [];
  const ring = createKeyRing({
    tenant: 'default',
    file,
    checkIntervalMs: 0,
    onReload: (problem) => void reloads.push(problem),
  });
  await writeFile(file, '{');
  ring.authenticate(header);
  ring.authenticate(header);
  expect(reloads).toEqual([`${file} is not valid JSON`]);
});

test('a file that goes away revokes its keys', async () => {
  const { header } = await add();
  const ring = createKeyRing({ tenant: 'default', file, checkIntervalMs: 0 });
  await rm(file);
  expect(() => ring.authenticate(header)).toThrow(unauthorized);
  expect(ring.open).toBe(false);
});

test('a file that is not there at the start is refused with what to do', () => {
  expect(() => createKeyRing({ tenant: 'default', file })).toThrow(
    /does not exist; make it with: npx drawbridge keys create/,
  );
});

test('a file that cannot even be looked at leaves the last good keys in force', async () => {
  const { header } = await add();
  const reloads: (string | undefined)[] = [];
  const ring = createKeyRing({
    tenant: 'default',
    file,
    checkIntervalMs: 0,
    onReload: (problem) => reloads.push(problem),
  });
  await rm(file);
  await symlink(file, file);
  await expect
    .poll(() => {
      expect(ring.authenticate(header)).toMatchObject({ tenant: 'default' });
      return reloads;
    })
    .toHaveLength(1);
  expect(reloads[0]).toMatch(/cannot be read/);
});
