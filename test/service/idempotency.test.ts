import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';
import { type SeenRequest, startUpstream, type Upstream } from './upstream.ts';

const create = `async function create(user, context, callback) {
  const response = await fetch(configuration.URL + '/users', { method: 'POST', body: user.email });
  if (response.status === 409) return callback(new ValidationError('user_exists', 'Taken'));
  if (response.status !== 201) return callback(new Error('The store answered ' + response.status));
  callback(null, { user_id: (await response.json()).id, email: user.email });
}`;

let status: number;
let upstream: Upstream;
let service: RunningService;

beforeAll(async () => {
  upstream = await startUpstream(({ answer }: SeenRequest) =>
    answer(status, { id: `u${upstream.seen.length}` }),
  );
  service = await startService({
    files: {
      ...connectionFiles('acme', { create }, { configuration: { URL: upstream.url } }),
      ...connectionFiles('other', { create }, { configuration: { URL: upstream.url } }),
    },
    env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address },
  });
});
afterAll(async () => {
  await service.stop();
  await upstream.close();
});
beforeEach(() => {
  status = 201;
  upstream.seen.splice(0);
});

let keys = 0;
const newKey = () => ({ 'idempotency-key': `key-${++keys}` });
const user = { email: 'ann@example.com', password };
const run = (headers: Record<string, string>, body: object = { user }, connection = 'acme') =>
  service.run(connection, 'create', body, headers);

test('a second request with the key and body gets the first answer, and create runs once', async () => {
  const key = newKey();
  const first = await run(key);
  const second = await run(key, { user: { password, email: 'ann@example.com' } });
  expect(first.status).toBe(201);
  expect(second).toMatchObject({ status: 201, text: first.text });
  expect(second.headers.get('x-execution-id')).toBe(first.headers.get('x-execution-id'));
  expect([first, second].map(({ headers }) => headers.get('idempotent-replay'))).toEqual([null, 'true']);
  expect(upstream.seen).toHaveLength(1);
});

test('requests with one key at once run create once', async () => {
  const key = newKey();
  const replies = await Promise.all(Array.from({ length: 5 }, () => run(key)));
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  expect(upstream.seen).toHaveLength(1);
});

test('another body with the key is refused and runs nothing', async () => {
  const key = newKey();
  await run(key);
  const reply = await run(key, { user: { ...user, password: 'another one' } });
  expect(reply).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  expect(upstream.seen).toHaveLength(1);
});

test('a key counts for its connection; without one create runs each time', async () => {
  const key = newKey();
  await run(key);
  await run(key, { user }, 'other');
  await run({});
  await run({});
  expect(upstream.seen).toHaveLength(4);
});

test('a refusal is kept', async () => {
  const key = newKey();
  status = 409;
  const first = await run(key);
  status = 201;
  expect(first).toMatchObject({ status: 409, body: { code: 'user_exists', script_code: 'user_exists' } });
  expect((await run(key)).text).toBe(first.text);
  expect(upstream.seen).toHaveLength(1);
});

test('an answer that says that nothing was run is not kept', async () => {
  const key = newKey();
  const wrong = { user: { email: 'ann@example.com', password }, method: 'passkey' };
  for (let time = 0; time < 2; time++) expect((await run(key, wrong)).body.code).toBe('invalid_request');
  expect(await run(key)).toMatchObject({ status: 201 });
});
