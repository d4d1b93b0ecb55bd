import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApiKey, scopes } from '../../src/keys/api-key.ts';
import { readKeyFile, updateKeyFile } from '../../src/keys/key-file.ts';
import { KeyFileError } from '../../src/keys/key-file-text.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-'));
  file = join(directory, 'keys.json');
});
afterEach(() => rm(directory, { recursive: true }));

const make = (name: string) => createApiKey({ name, tenant: 'default', scopes, now: new Date() });

function add(name: string) {
  const { key, stored } = make(name);
  return updateKeyFile(file, (keys) => ({ keys: [...keys, stored], result: key }));
}

test('a key has 256 random bits and its id in it', () => {
  const { key, stored } = make('x');
  expect(key).toMatch(new RegExp(`^db_${stored.id}_[A-Za-z0-9_-]{43}$`));
  expect(make('x').key).not.toBe(key);
});

test('the file holds the hash, not the key, and only its owner may read it', async () => {
  const key = await add('x');
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(key.split('_').slice(2).join('_'));
  expect(JSON.parse(text).keys[0].sha256).toMatch(/^[0-9a-f]{64}$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('twenty writers at once lose nothing and leave nothing behind', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => add(`key ${index}`)));
  expect(await readKeyFile(file)).toHaveLength(20);
  expect(await readdir(directory)).toEqual(['keys.json']);
});

test('a lock of a process that is gone is taken over', async () => {
  await writeFile(`${file}.lock`, '999999999');
  await add('x');
  expect(await readKeyFile(file)).toHaveLength(1);
});

test('a lock that is held is waited for, then named', async () => {
  await writeFile(`${file}.lock`, String(process.pid));
  const waiting = updateKeyFile(file, (keys) => ({ keys, result: undefined }), { lockWaitMs: 1 });
  await expect(waiting).rejects.toThrow(`${file}.lock is held by another process`);
});

test('a missing file has no keys', async () => {
  expect(await readKeyFile(file)).toEqual([]);
});

test.each([
  ['not JSON', '{', 'is not valid JSON'],
  ['something else', '{"version":2,"keys":[]}', 'wrong: version'],
  ['a key without hash', '{"version":1,"keys":[{"id":"abcabcabcabc"}]}', 'keys.0.sha256'],
])('%s is refused by name and left as it is', async (_name, text, message) => {
  await writeFile(file, text);
  await expect(readKeyFile(file)).rejects.toThrow(KeyFileError);
  await expect(add('x')).rejects.toThrow(message);
  expect(await readFile(file, 'utf8')).toBe(text);
});
