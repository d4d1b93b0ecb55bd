import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTenantSettings } from '../../src/connections/read-tenant-settings.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tenant-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(files: Record<string, unknown>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
}
const read = (env: Record<string, string> = {}) => readTenantSettings({ root, env });

test('a directory without files of the tenant says nothing', async () => {
  expect(await read()).toEqual({ mistakes: [] });
});

test('the files of an export are read', async () => {
  await write({
    'prompts/prompts.json': { universal_login_experience: 'new', identifier_first: true },
    'pages/login.json': { name: 'login', enabled: false, html: './login.html' },
    'custom-domains/custom-domains.json': [{ domain: 'login.example.com', type: 'auth0_managed_certs' }],
  });
  expect(await read()).toMatchObject({
    universalLogin: { value: 'new', file: 'prompts/prompts.json' },
    identifierFirst: { value: true },
    customLoginPage: { value: false, file: 'pages/login.json' },
    customDomains: { value: [{ domain: 'login.example.com' }] },
    mistakes: [],
  });
});

test('a tenant.yaml is read', async () => {
  await write({
    'tenant.yaml':
      'prompts: {universal_login_experience: classic}\npages: [{name: login, enabled: true}]\ncustomDomains: []\n',
  });
  expect(await read()).toMatchObject({
    universalLogin: { value: 'classic', file: 'tenant.yaml' },
    customLoginPage: { value: true },
    customDomains: { value: [] },
  });
});

test('markers are replaced; one without a value leaves its file unknown', async () => {
  await write({ 'prompts/prompts.json': '{"identifier_first": @@FIRST@@}' });
  expect(await readTenantSettings({ root, env: {}, placeholder: (key) => key })).toEqual({ mistakes: [] });
  const env = { AUTH0_KEYWORD_REPLACE_MAPPINGS: '{"FIRST": true}' };
  expect(await read(env)).toMatchObject({ identifierFirst: { value: true } });
});

test('a broken file is a mistake that names file and reason', async () => {
  await write({ 'prompts/prompts.json': '{"identifier_first": tru}', 'pages/login.json': { enabled: 'no' } });
  const { mistakes } = await read();
  expect(mistakes).toEqual([
    { file: 'prompts/prompts.json', message: expect.stringMatching(/^line 1, column \d+: /) },
    { file: 'pages/login.json', path: 'enabled', message: expect.stringContaining('boolean') },
  ]);
});
