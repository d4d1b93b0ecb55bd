import { expect, test } from 'vitest';
import { ServiceError } from '../../src/errors.ts';
import { startApp } from './fake-parts.ts';

const body = { identifier: 'jane@example.com', password: 'hunter2' };

test('one line per request says what happened and nothing of whom', async () => {
  await using app = await startApp(() => {
    throw new ServiceError('wrong_username_or_password', { logCode: 'fp' });
  });
  const response = await app.post('/v1/connections/acme/login?identifier=jane', body, {
    'x-request-id': 'r-1',
  });
  await response.text();
  await expect.poll(() => app.lines.length).toBe(1);
  expect(app.lines[0]).toMatchObject({
    level: 'info',
    message: 'request',
    fields: {
      method: 'POST',
      route: '/v1/connections/:connection/login',
      status: 401,
      request: 'r-1',
      execution: app.ran[0]!.executionId,
      connection: 'acme',
      script: 'login',
      code: 'wrong_username_or_password',
      key: 'open',
    },
  });
  expect(app.lines[0]!.fields.ms).toBeTypeOf('number');
  expect(JSON.stringify(app.lines)).not.toMatch(/jane|hunter2/);
});

test('an unknown path is logged without the path', async () => {
  await using app = await startApp(() => ({}));
  await (await app.call('/jane@example.com')).text();
  await expect.poll(() => app.lines.length).toBe(1);
  expect(app.lines[0]!.fields).toMatchObject({ route: 'none', status: 404, code: 'not_found' });
  expect(JSON.stringify(app.lines)).not.toContain('jane');
});

test('health checks are logged for debugging only', async () => {
  await using app = await startApp(() => ({}));
  await (await app.call('/readyz')).text();
  await expect.poll(() => app.lines.length).toBe(1);
  expect(app.lines[0]!.level).toBe('debug');
});

test('a caller who left before the answer is noted', async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  await using app = await startApp(() => promise);
  const controller = new AbortController();
  const headers = { 'content-type': 'application/json' };
  const call = app.call('/v1/connections/acme/login', {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal: controller.signal,
  });
  await expect.poll(() => app.ran.length).toBe(1);
  controller.abort();
  await expect(call).rejects.toThrow();
  await expect.poll(() => app.lines.length).toBe(1);
  expect(app.lines[0]!.fields).toMatchObject({ aborted: true });
  resolve({});
});
