import { expect, test } from 'vitest';
import { startApp } from './fake-parts.ts';

test('a connection is shown with its scripts, warnings and problems, and without configuration values', async () => {
  await using app = await startApp(() => ({}));
  const response = await app.call('/v1/connections/acme');
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({
    name: 'acme',
    version: 'v1',
    settings: { enable_script_context: true },
    configuration_keys: ['API_TOKEN'],
    scripts: {
      get_user: { sha256: 'a'.repeat(64), warnings: [{ code: 'legacy_global', line: 3 }] },
      login: { problem: { message: 'Unexpected token', line: 2, column: 7 } },
    },
    problems: [],
  });
  expect(text).not.toContain('configuration-value-that-nobody-may-see');
});

test('the list has all connections and what cannot be served', async () => {
  await using app = await startApp(() => ({}));
  const text = await (await app.call('/v1/connections')).text();
  const { connections, problems } = JSON.parse(text);
  expect(connections.map(({ name }: { name: string }) => name)).toEqual(['acme']);
  expect(problems).toEqual([
    {
      file: 'database-connections/broken/database.json',
      path: '',
      message: 'is not valid JSON at line 3, column 5',
      keeps_last_good: false,
      connection: 'broken',
    },
  ]);
  expect(text).not.toContain('configuration-value-that-nobody-may-see');
});

test('a connection that is not there is connection_not_found', async () => {
  await using app = await startApp(() => ({}));
  const response = await app.call('/v1/connections/nowhere');
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 'connection_not_found', connection: 'nowhere' });
});
