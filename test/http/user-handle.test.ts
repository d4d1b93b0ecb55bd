import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, onTestFinished, test } from 'vitest';
import { createApiKey } from '../../src/keys/api-key.ts';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { openUserHandles } from '../../src/user-handles/open-user-handles.ts';
import { startApp } from './fake-parts.ts';

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'handles-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

async function openHandles() {
  const handles = openUserHandles({ file: join(await folder(), 'user-handles.db') });
  onTestFinished(() => handles.close());
  return handles;
}

const path = '/v1/connections/acme/user-handle';

test('takes the scope execute', async () => {
  const reader = createApiKey({
    name: 'reader',
    tenant: 'default',
    scopes: ['read:connections'],
    now: new Date(),
  });
  const file = join(await folder(), 'keys.json');
  await writeFile(file, JSON.stringify({ version: 1, keys: [reader.stored] }));
  const keys = createKeyRing({ tenant: 'default', file });
  await using app = await startApp(() => ({}), { userHandles: await openHandles(), keys });
  const refused = await app.post(path, {}, { authorization: `Bearer ${reader.key}` });
  expect(await refused.json()).toMatchObject({
    code: 'forbidden',
    detail: expect.stringContaining('execute'),
  });
  expect((await app.post(path, {})).status).toBe(401);
});

test('is answered as openapi.json says', async () => {
  await using app = await startApp(() => ({}), { userHandles: await openHandles() });
  const document = await (await app.call('/openapi.json')).json();
  const { post } = document.paths['/v1/connections/{connection}/user-handle'];
  const ajv = new Ajv2020({ strict: false }).addSchema(document, 'openapi');
  const fits = (schema: { $ref: string }, value: unknown) =>
    ajv.validate({ $ref: `openapi${schema.$ref}` }, value);
  const sent = post.requestBody.content['application/json'].schema;

  const body = await (await app.post(path, {})).json();
  expect(fits(post.responses[201].content['application/json'].schema, body)).toBe(true);
  for (const request of [{}, { user_id: '42' }, { user_handle: body.user_handle, user_id: '42' }]) {
    expect(fits(sent, request)).toBe(true);
  }
  expect(fits(sent, { user: '42' })).toBe(false);
  const bound = await (await app.post(path, { ...body, user_id: '42' })).json();
  expect(fits(post.responses[200].content['application/json'].schema, bound)).toBe(true);
  expect(fits(post.responses[200].content['application/json'].schema, { user_handle: 'a b' })).toBe(false);
  expect(post.responses[409]).toMatchObject({ description: 'user_handle_taken, user_handles_off' });
});

test('an error of the file is internal_error, and tells nothing of what was asked', async () => {
  const userHandles = await openHandles();
  await using app = await startApp(() => ({}), { userHandles });
  userHandles.close();
  const response = await app.post(path, { user_id: 'somebody' });
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ code: 'internal_error' });
  expect(text).not.toContain('somebody');
});
