import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createApiKey, type Scope, scopes } from '../../src/keys/api-key.ts';
import { updateKeyFile } from '../../src/keys/key-file.ts';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { createSecret } from '../../src/keys/secret.ts';
import { startApp } from './fake-parts.ts';

const found = () => ({ found: false, user: null });
const environmentKey = 'a-key-of-the-environment';

async function keyFile(about: { tenant: string; scopes: readonly Scope[] }) {
  const directory = await mkdtemp(join(tmpdir(), 'keys-'));
  const file = join(directory, 'keys.json');
  const { key, stored } = createApiKey({ name: 'test', now: new Date(), ...about });
  await updateKeyFile(file, (keys) => ({ keys: [...keys, stored], result: undefined }));
  return { file, key, stored, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

test.each([
  ['no key', {}, 'Bearer realm="drawbridge"'],
  ['another scheme', { authorization: 'Basic eDp5' }, 'Bearer realm="drawbridge", error="invalid_token"'],
  ['an unknown key', { authorization: 'Bearer nope' }, 'Bearer realm="drawbridge", error="invalid_token"'],
])('%s is unauthorized, with a challenge, and runs nothing', async (_name, headers, challenge) => {
  await using app = await startApp(found, {
    keys: createKeyRing({ tenant: 'default', apiKey: createSecret(environmentKey) }),
  });
  const response = await app.post('/v1/connections/acme/get-user', { user_id: '1' }, headers);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe(challenge);
  expect(await response.json()).toMatchObject({ code: 'unauthorized' });
  expect(app.ran).toEqual([]);
});

test('DRAWBRIDGE_API_KEY opens every call', async () => {
  await using app = await startApp(found, {
    keys: createKeyRing({ tenant: 'default', apiKey: createSecret(environmentKey) }),
  });
  const headers = { authorization: `Bearer ${environmentKey}` };
  expect((await app.post('/v1/connections/acme/get-user', { user_id: '1' }, headers)).status).toBe(200);
  expect((await app.call('/v1/connections', { headers })).status).toBe(200);
});

test('a key of the file opens what its scopes say', async () => {
  await using keys = await keyFile({ tenant: 'default', scopes: ['read:connections'] });
  await using app = await startApp(found, { keys: createKeyRing({ tenant: 'default', file: keys.file }) });
  const headers = { authorization: `Bearer ${keys.key}` };
  expect((await app.call('/v1/connections', { headers })).status).toBe(200);
  const refused = await app.post('/v1/connections/acme/get-user', { user_id: '1' }, headers);
  expect(refused.status).toBe(403);
  expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope');
  expect(await refused.json()).toMatchObject({
    code: 'forbidden',
    detail: 'The API key lacks the scope execute',
  });
  expect(app.lines.at(-1)).toMatchObject({ fields: { key: keys.stored.id, code: 'forbidden' } });
});

test('a key of another tenant is forbidden', async () => {
  await using keys = await keyFile({ tenant: 'other', scopes });
  await using app = await startApp(found, { keys: createKeyRing({ tenant: 'default', file: keys.file }) });
  const response = await app.post(
    '/v1/connections/acme/get-user',
    { user_id: '1' },
    { authorization: `Bearer ${keys.key}` },
  );
  expect(await response.json()).toMatchObject({
    code: 'forbidden',
    detail: 'The API key belongs to another tenant',
  });
});

test.each(['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs/errors.md'])(
  '%s needs no key',
  async (path) => {
    await using app = await startApp(found, {
      keys: createKeyRing({ tenant: 'default', apiKey: createSecret(environmentKey) }),
    });
    expect((await app.call(path)).status).toBe(200);
  },
);

function statusForHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/connections`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

test('without a key, requests addressed to a foreign name are forbidden (DNS rebinding)', async () => {
  await using app = await startApp(found);
  expect(await statusForHost(app.url, 'localhost:3000')).toBe(200);
  expect(await statusForHost(app.url, '127.0.0.1')).toBe(200);
  expect(await statusForHost(app.url, '[::1]:3000')).toBe(200);
  expect(await statusForHost(app.url, 'evil.example:3000')).toBe(403);
});
