import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { runCli } from './run-cli.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-'));
  file = join(directory, 'keys.json');
});
afterEach(() => rm(directory, { recursive: true }));

test('a key is created, printed once, listed without its secret and revoked', async () => {
  const created = await runCli([
    'keys',
    'create',
    '--file',
    file,
    '--name',
    'auth server',
    '--tenant',
    'acme',
  ]);
  expect(created.code).toBe(0);
  const key = created.stdout.trim();
  const ring = createKeyRing({ tenant: 'acme', file, checkIntervalMs: 0 });
  const { keyId } = ring.authenticate(`Bearer ${key}`);

  const listed = await runCli(['keys', 'list', '--file', file]);
  expect(listed.stdout).toContain(keyId);
  expect(listed.stdout).toContain('auth server');
  expect(listed.stdout).not.toContain(key);

  const revoked = await runCli(['keys', 'revoke', keyId, '--file', file]);
  expect(revoked.code).toBe(0);
  expect(() => ring.authenticate(`Bearer ${key}`)).toThrow(/revoked/);
  expect((await runCli(['keys', 'list', '--file', file])).stdout).toContain('revoked');
});

test('--json gives the key for scripts, list --json never has the hash', async () => {
  const env = { DRAWBRIDGE_API_KEYS_FILE: file, DRAWBRIDGE_TENANT: 'acme' };
  const created = await runCli(['keys', 'create', '--name', 'x', '--scope', 'execute', '--json'], env);
  expect(JSON.parse(created.stdout)).toMatchObject({ name: 'x', tenant: 'acme', scopes: ['execute'] });
  expect(JSON.parse(created.stdout).key).toMatch(/^db_/);
  const listed = JSON.parse((await runCli(['keys', 'list', '--json'], env)).stdout);
  expect(listed).toHaveLength(1);
  expect(listed[0]).not.toHaveProperty('sha256');
  expect(listed[0]).not.toHaveProperty('key');
});

test.each([
  [
    ['create', '--name', 'x', '--scope', 'everything'],
    2,
    'The scopes are execute, read:connections, read:recordings, read:events',
  ],
  [['create', '--name', 'x', '--tenant', '../x'], 2, 'letters, digits'],
  [['create', '--name', ' '], 2, '1 to 100'],
  [['revoke'], 2, "missing required argument 'id'"],
])('keys %j is wrong usage', async (args, code, reason) => {
  const result = await runCli(['keys', ...args], { DRAWBRIDGE_API_KEYS_FILE: file });
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(reason);
});

test('a list without keys says how to make one', async () => {
  const { code, stdout } = await runCli(['keys', 'list', '--file', file]);
  expect(code).toBe(0);
  const command = `npx drawbridge keys create --file ${file} --name my-auth-server`;
  expect(stdout).toBe(`${file} has no keys yet; make one with: ${command}\n`);
});

test('an unknown id and a missing file name are failures with what to do', async () => {
  const unknown = await runCli(['keys', 'revoke', 'abcabcabcabc', '--file', file]);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain(`"npx drawbridge keys list --file ${file}" shows them`);
  const nameless = await runCli(['keys', 'list']);
  expect(nameless.code).toBe(1);
  expect(nameless.stderr).toContain('--file');
});
