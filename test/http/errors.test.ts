import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type ErrorCode, errorTable, ServiceError } from '../../src/errors.ts';
import { jane, startApp, timings } from './fake-parts.ts';

const codes = Object.keys(errorTable) as ErrorCode[];
const path = '/v1/connections/acme/login';
const body = { identifier: 'jane', password: 'hunter2' };

const failing = (error: unknown) => () => {
  throw error;
};

test.each(codes)('%s is answered as problem details with its row of the table', async (code) => {
  await using app = await startApp(
    failing(new ServiceError(code, { detail: 'why', connection: 'acme', script: 'login' })),
  );
  const response = await app.post(path, body);
  const { status, title, retryable } = errorTable[code];
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const executionId = app.ran[0]!.executionId;
  expect(response.headers.get('x-execution-id')).toBe(executionId);
  expect(await response.json()).toEqual({
    type: `/docs/errors.md#${code}`,
    title,
    status,
    code,
    detail: 'why',
    instance: path,
    retryable,
    connection: 'acme',
    script: 'login',
    execution_id: executionId,
  });
});

test('all that a script error carries reaches the caller', async () => {
  const issues = [{ path: 'email', message: 'must be an email', code: 'email_malformed' }];
  const details = {
    issues,
    logCode: 'fp',
    scriptCode: 'too_young',
    scriptStack: ['at login (acme/login.js:3:9)'],
  };
  await using app = await startApp(
    failing(new ServiceError('script_rejected', { ...details, durationMs: 9, timings })),
  );
  const response = await app.post(path, body);
  expect(await response.json()).toMatchObject({
    issues,
    log_code: 'fp',
    script_code: 'too_young',
    stack: ['at login (acme/login.js:3:9)'],
  });
  expect(response.headers.get('server-timing')).toBe(
    'queue;dur=0.5, sandbox;dur=4.5, script;dur=4, upstream;dur=3',
  );
});

test('overloaded says when to try again', async () => {
  await using app = await startApp(failing(new ServiceError('overloaded', { retryAfterS: 2.2 })));
  expect((await app.post(path, body)).headers.get('retry-after')).toBe('3');
});

test('anything else that is thrown is internal_error: logged, and nothing of it answered', async () => {
  const error = new Error('the secret is in /srv/drawbridge');
  await using app = await startApp(failing(error));
  const response = await app.post(path, body);
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ code: 'internal_error', retryable: true });
  expect(text).not.toContain('secret');
  expect(app.lines.filter(({ level }) => level === 'error')).toMatchObject([
    {
      message: 'internal error',
      fields: { err: error, execution: app.ran[0]!.executionId, connection: 'acme' },
    },
  ]);
});

test('an unknown connection is connection_not_found, a broken one says what is wrong with it', async () => {
  await using app = await startApp(() => ({ user: jane }));
  const unknown = await app.post('/v1/connections/nowhere/login', body);
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ code: 'connection_not_found', connection: 'nowhere' });
  const broken = await (await app.post('/v1/connections/broken/login', body)).json();
  expect(broken.detail).toContain(
    'database-connections/broken/database.json: is not valid JSON at line 3, column 5',
  );
});

test('an unknown path is not_found, a wrong method is method_not_allowed with Allow', async () => {
  await using app = await startApp(() => ({}));
  const nowhere = await app.call('/v2/nothing');
  expect(nowhere.status).toBe(404);
  expect(await nowhere.json()).toMatchObject({ code: 'not_found' });
  const got = await app.call(path);
  expect(got.status).toBe(405);
  expect(got.headers.get('allow')).toBe('POST');
  expect(await got.json()).toMatchObject({ code: 'method_not_allowed' });
  const posted = await app.post('/v1/connections', {});
  expect(posted.headers.get('allow')).toBe('GET, HEAD');
});

test('docs/errors.md has one row per code, with its status and whether it may be retried', async () => {
  const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const row = /^\| <a id="(\w+)"><\/a>`(\w+)` \| (\d{3}) \| (yes|no) \| (.+) \| (.+) \|$/gm;
  const documented = [...page.matchAll(row)].map(([, anchor, code, status, retryable]) => {
    expect(anchor).toBe(code);
    return [code, { status: Number(status), retryable: retryable === 'yes' }];
  });
  const expected = codes.map((code) => [
    code,
    { status: errorTable[code].status, retryable: errorTable[code].retryable },
  ]);
  expect(documented).toEqual(expected);
});
