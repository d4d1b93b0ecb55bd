import { expect, test } from 'vitest';
import { ServiceError } from '../../src/errors.ts';
import { createIdempotency } from '../../src/http/idempotency.ts';
import { fakeConnection, fakeStore, jane, startApp } from './fake-parts.ts';

const path = '/v1/connections/acme/create';
const body = { user: { email: 'jane@example.com', password: 'hunter2' } };
const key = { 'idempotency-key': 'k-1' };

test('the same key and body returns the first answer and runs nothing', async () => {
  await using app = await startApp(() => ({ user: jane }));
  const first = await app.post(path, body, key);
  const second = await app.post(path, body, key);
  expect(app.ran).toHaveLength(1);
  expect(first.headers.get('idempotent-replay')).toBeNull();
  expect(second.headers.get('idempotent-replay')).toBe('true');
  expect(second.status).toBe(201);
  expect(second.headers.get('x-execution-id')).toBe(first.headers.get('x-execution-id'));
  expect(await second.json()).toEqual(await first.json());
});

test('the order of fields makes no other body', async () => {
  await using app = await startApp(() => ({ user: jane }));
  await app.post(path, body, key);
  const second = await app.post(path, { user: { password: 'hunter2', email: 'jane@example.com' } }, key);
  expect(second.headers.get('idempotent-replay')).toBe('true');
});

test('the same key with another body is idempotency_key_reused', async () => {
  await using app = await startApp(() => ({ user: jane }));
  await app.post(path, body, key);
  const second = await app.post(path, { user: { email: 'john@example.com' } }, key);
  expect(second.status).toBe(409);
  expect(await second.json()).toMatchObject({ code: 'idempotency_key_reused' });
  expect(app.ran).toHaveLength(1);
});

test('a second request waits for the first while it is under way', async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  await using app = await startApp(() => promise);
  const both = [app.post(path, body, key), app.post(path, body, key)];
  await expect.poll(() => app.ran.length).toBe(1);
  resolve({ user: jane });
  const answers = await Promise.all(both);
  expect(app.ran).toHaveLength(1);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(answers.map(({ headers }) => headers.get('idempotent-replay')).sort()).toEqual(
    [null, 'true'].sort(),
  );
});

test.each([
  ['user_exists', {}, true],
  ['script_error', {}, true],
  ['overloaded', {}, false],
  ['script_timeout', {}, false],
  ['script_timeout', { writeBegun: true }, true],
  ['sandbox_crashed', { writeBegun: true }, true],
  ['script_not_found', {}, false],
] as const)('an answer %s with %j is kept: %s', async (code, details, kept) => {
  await using app = await startApp(() => {
    throw new ServiceError(code, details);
  });
  await app.post(path, body, key);
  const second = await app.post(path, body, key);
  expect(second.headers.get('idempotent-replay')).toBe(kept ? 'true' : null);
  expect(app.ran).toHaveLength(kept ? 1 : 2);
});

test('a key holds for one connection and one call', async () => {
  await using app = await startApp(() => ({ user: jane }), {
    store: fakeStore([fakeConnection('acme'), fakeConnection('other')]),
  });
  await app.post(path, body, key);
  await app.post('/v1/connections/acme/signup', body, key);
  await app.post('/v1/connections/other/create', body, key);
  expect(app.ran.map(({ connection, action }) => `${connection} ${action}`)).toEqual([
    'acme create',
    'acme signup',
    'other create',
  ]);
});

test.each(['x'.repeat(256), 'with space', ''])('a key %j is invalid_request', async (bad) => {
  await using app = await startApp(() => ({ user: jane }));
  const response = await app.post(path, body, { 'idempotency-key': bad });
  expect(await response.json()).toMatchObject({
    code: 'invalid_request',
    issues: [{ path: 'Idempotency-Key' }],
  });
});

test('calls that are not create or signup take no heed of a key', async () => {
  await using app = await startApp(() => ({ user: jane }));
  const login = { identifier: 'jane', password: 'x' };
  await app.post('/v1/connections/acme/login', login, key);
  await app.post('/v1/connections/acme/login', login, key);
  expect(app.ran).toHaveLength(2);
});

const answer = (text: string) => ({ answer: { status: 201, headers: {}, body: text } });

test('an answer is forgotten after its lifetime', async () => {
  let now = 0;
  const idempotency = createIdempotency({ lifetimeMs: 1000, now: () => now });
  const once = (text: string) =>
    idempotency.once({ scope: ['a'], key: 'k', body: 1 }, async () => answer(text));
  await once('first');
  now = 999;
  expect(await once('second')).toMatchObject({ replayed: true, answer: { body: 'first' } });
  now = 1000;
  expect(await once('third')).toMatchObject({ replayed: false, answer: { body: 'third' } });
});

test('the answers used longest ago go when there are too many, or too many bytes', async () => {
  for (const limit of [{ maxEntries: 2 }, { maxBytes: 450 }]) {
    const idempotency = createIdempotency(limit);
    const replayed = async (key: string) =>
      (await idempotency.once({ scope: ['a'], key, body: 1 }, async () => answer('x'.repeat(80)))).replayed;
    expect(await replayed('one')).toBe(false);
    expect(await replayed('two')).toBe(false);
    expect(await replayed('one')).toBe(true);
    expect(await replayed('three')).toBe(false);
    expect(await replayed('one')).toBe(true);
    expect(await replayed('two')).toBe(false);
  }
});

test('a request under way is not forgotten, however many come after it', async () => {
  const idempotency = createIdempotency({ maxEntries: 1 });
  const first = Promise.withResolvers<ReturnType<typeof answer>>();
  let runs = 0;
  const once = (key: string, result: Promise<ReturnType<typeof answer>>) =>
    idempotency.once({ scope: ['a'], key, body: 1 }, () => {
      runs += 1;
      return result;
    });
  const one = once('one', first.promise);
  await once('two', Promise.resolve(answer('two')));
  const again = once('one', first.promise);
  first.resolve(answer('one'));
  expect(await Promise.all([one, again])).toMatchObject([{ replayed: false }, { replayed: true }]);
  expect(runs).toBe(2);
});
