import { expect, test } from 'vitest';
import { jane, startApp } from './fake-parts.ts';

interface Row {
  call: string;
  body: object;
  action: string;
  result: object;
  status: number;
}

const changed = { changed: true };
const rows: Row[] = [
  {
    call: 'get-user',
    body: { identifier: 'jane@example.com' },
    action: 'get_user',
    result: { found: true, user: jane },
    status: 200,
  },
  {
    call: 'get-user',
    body: { identifier: 'jane', identifier_type: 'username' },
    action: 'get_user',
    result: { found: false, user: null },
    status: 200,
  },
  {
    call: 'get-user',
    body: { user_id: '1' },
    action: 'get_user',
    result: { found: true, user: jane },
    status: 200,
  },
  {
    call: 'login',
    body: { identifier: 'jane@example.com', password: 'x' },
    action: 'login',
    result: { user: jane },
    status: 200,
  },
  {
    call: 'create',
    body: { user: { email: 'jane@example.com', password: 'x', shoe_size: 38 }, client_id: 'c' },
    action: 'create',
    result: { user: jane },
    status: 201,
  },
  {
    call: 'signup',
    body: { user: { email: 'jane@example.com' }, method: 'passkey' },
    action: 'signup',
    result: { user: jane },
    status: 201,
  },
  {
    call: 'verify',
    body: { email: 'jane@example.com' },
    action: 'verify',
    result: { verified: true },
    status: 200,
  },
  {
    call: 'change-password',
    body: { identifier: 'jane', new_password: 'y' },
    action: 'change_password',
    result: { changed: true, last_password_reset: '2026-01-01T00:00:00Z' },
    status: 200,
  },
  {
    call: 'change-email',
    body: { email: 'a@example.com', new_email: 'b@example.com', verified: true },
    action: 'change_email',
    result: changed,
    status: 200,
  },
  {
    call: 'change-username',
    body: { username: 'a', new_username: 'b' },
    action: 'change_username',
    result: changed,
    status: 200,
  },
  {
    call: 'change-phone-number',
    body: { phone_number: '+1', new_phone_number: '+2', verified: false },
    action: 'change_phone_number',
    result: changed,
    status: 200,
  },
  { call: 'delete', body: { user_id: '1' }, action: 'delete', result: {}, status: 204 },
];

test.each(rows)(
  '$call with $body runs $action and answers $status',
  async ({ call, body, action, result, status }) => {
    await using app = await startApp(() => result);
    const response = await app.post(`/v1/connections/acme/${call}`, body);
    expect(response.status).toBe(status);
    expect(app.ran).toMatchObject([{ connection: 'acme', action, input: body }]);
    expect(Object.keys(app.ran[0]!.input as object)).toEqual(Object.keys(body));
    const text = await response.text();
    if (status === 204) {
      expect(text).toBe('');
      return;
    }
    const { execution, ...rest } = JSON.parse(text);
    expect(rest).toEqual(result);
    expect(execution).toEqual({ id: app.ran[0]!.executionId, duration_ms: 6, cold_start: false });
  },
);

test.each(rows)(
  '$call hands the organization to the runner, apart from the input',
  async ({ call, body, result }) => {
    await using app = await startApp(() => result);
    const organization = { id: 'org_1', name: 'acme', metadata: { plan: 'gold' } };
    await app.post(`/v1/connections/acme/${call}`, { ...body, organization });
    expect(app.ran[0]).toMatchObject({ organization });
    expect(app.ran[0]!.input).not.toHaveProperty('organization');
  },
);

test('an answer carries the execution id and the timings of the phases', async () => {
  await using app = await startApp(() => ({ found: true, user: jane }));
  const { headers } = await app.post('/v1/connections/acme/get-user', { user_id: '1' });
  expect(headers.get('x-execution-id')).toBe(app.ran[0]!.executionId);
  expect(headers.get('x-execution-id')).toMatch(/^exec_[0-9a-f]{32}$/);
  expect(headers.get('server-timing')).toBe('queue;dur=0.5, sandbox;dur=1.5, script;dur=4, upstream;dur=3');
});

test('an answer must not be cached, framed or sniffed', async () => {
  await using app = await startApp(() => ({ found: true, user: jane }));
  const { headers } = await app.post('/v1/connections/acme/get-user', { user_id: '1' });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  expect(headers.get('x-powered-by')).toBeNull();
});

test('a request id of the caller is kept when it is harmless, else one is made', async () => {
  await using app = await startApp(() => ({}));
  const idFor = async (given: string) =>
    (await app.call('/healthz', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
  expect(await idFor('trace-1:2/3')).toBe('trace-1:2/3');
  expect(await idFor('with space')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await idFor('x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
});
