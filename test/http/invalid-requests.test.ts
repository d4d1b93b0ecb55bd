import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { startApp } from './fake-parts.ts';

const path = '/v1/connections/acme/get-user';

interface Mistake {
  name: string;
  call?: string;
  body: unknown;
  issues: { path: string; code: string }[];
}

const mistakes: Mistake[] = [
  { name: 'no field at all', body: {}, issues: [{ path: '', code: 'invalid_value' }] },
  {
    name: 'both ways to look up',
    body: { identifier: 'a', user_id: 'b' },
    issues: [{ path: '', code: 'invalid_value' }],
  },
  { name: 'a wrong type', body: { identifier: 7 }, issues: [{ path: 'identifier', code: 'wrong_type' }] },
  {
    name: 'an empty identifier',
    body: { identifier: '' },
    issues: [{ path: 'identifier', code: 'too_short' }],
  },
  {
    name: 'an identifier of 1025 characters',
    body: { identifier: 'x'.repeat(1025) },
    issues: [{ path: 'identifier', code: 'too_long' }],
  },
  {
    name: 'an unknown identifier type',
    body: { identifier: 'a', identifier_type: 'shoe' },
    issues: [{ path: 'identifier_type', code: 'invalid_value' }],
  },
  {
    name: 'an unknown field',
    body: { identifier: 'a', pasword: 'b' },
    issues: [{ path: 'pasword', code: 'unknown_field' }],
  },
  {
    name: 'an unknown field within',
    body: { identifier: 'a', organization: { id: 'o', nme: 'x' } },
    issues: [{ path: 'organization.nme', code: 'unknown_field' }],
  },
  {
    name: 'an organization without id',
    body: { identifier: 'a', organization: {} },
    issues: [{ path: 'organization.id', code: 'required' }],
  },
  { name: 'an array', body: [], issues: [{ path: '', code: 'wrong_type' }] },
  { name: 'null', body: 'null', issues: [{ path: '', code: 'wrong_type' }] },
  { name: 'malformed JSON', body: '{"identifier": "a",}', issues: [{ path: '', code: 'malformed_json' }] },
  {
    name: '__proto__',
    body: '{"identifier": "a", "organization": {"id": "o", "metadata": {"__proto__": {}}}}',
    issues: [{ path: 'organization.metadata.__proto__', code: 'unknown_field' }],
  },
  {
    name: '__proto__ in escapes',
    body: '{"identifier": "a", "__\\u0070roto__": {}}',
    issues: [{ path: '__proto__', code: 'unknown_field' }],
  },
  {
    name: 'login without a password',
    call: 'login',
    body: { identifier: 'a' },
    issues: [{ path: 'password', code: 'required' }],
  },
  { name: 'create without a user', call: 'create', body: {}, issues: [{ path: 'user', code: 'required' }] },
  {
    name: 'a numeric email',
    call: 'create',
    body: { user: { email: 1 } },
    issues: [{ path: 'user.email', code: 'wrong_type' }],
  },
  {
    name: 'verified as text',
    call: 'change-email',
    body: { email: 'a', new_email: 'b', verified: 'true' },
    issues: [{ path: 'verified', code: 'wrong_type' }],
  },
];

test.each(mistakes)(
  '$name is invalid_request, named by path, and runs nothing',
  async ({ call, body, issues }) => {
    await using app = await startApp(() => ({}));
    const response = await app.post(call ? `/v1/connections/acme/${call}` : path, body);
    const problem = await response.json();
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(problem).toMatchObject({ code: 'invalid_request', status: 400, retryable: false, issues });
    expect(app.ran).toEqual([]);
  },
);

test('an unknown field is answered with the allowed ones', async () => {
  await using app = await startApp(() => ({}));
  const problem = await (
    await app.post('/v1/connections/acme/login', { identifier: 'a', password: 'b', otp: '1' })
  ).json();
  expect(problem.detail).toBe('otp is not a known field; allowed here: identifier, password, organization');
});

test('malformed JSON is answered with line and column and without what stands there', async () => {
  await using app = await startApp(() => ({}));
  const response = await app.post(
    '/v1/connections/acme/login',
    '{"identifier": "jane",\n "password": hunter2}',
  );
  const text = await response.text();
  expect(JSON.parse(text).detail).toBe('The body is not valid JSON at line 2, column 14');
  expect(text).not.toContain('hunter2');
});

test('values of a refused body are not answered', async () => {
  await using app = await startApp(() => ({}));
  const response = await app.post('/v1/connections/acme/login', {
    identifier: ['jane'],
    password: { is: 'hunter2' },
  });
  expect(await response.text()).not.toMatch(/hunter2|jane/);
});

test.each([
  ['text/plain', undefined],
  ['application/x-www-form-urlencoded', undefined],
  ['application/json; charset=latin1', undefined],
  ['application/json', 'gzip'],
])('a body of type %s, encoding %s, is unsupported_media_type', async (type, encoding) => {
  await using app = await startApp(() => ({}));
  const headers = { 'content-type': type, ...(encoding ? { 'content-encoding': encoding } : {}) };
  const response = await app.post(path, { user_id: '1' }, headers);
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({ code: 'unsupported_media_type' });
});

test('a body that is not UTF-8, that is empty or nested by the thousand is invalid_request', async () => {
  await using app = await startApp(() => ({}));
  const bodies = [
    Buffer.from([0x22, 0xff, 0x22]),
    '',
    `{"identifier":"a","organization":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
  ];
  for (const body of bodies) {
    const response = await app.call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ code: 'invalid_request' });
  }
});

async function send(url: string, agent: Agent, body: Buffer, chunked: boolean) {
  const headers = {
    'content-type': 'application/json',
    ...(chunked ? {} : { 'content-length': body.length }),
  };
  const sent = request(`${url}${path}`, { method: 'POST', agent, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, problem: JSON.parse(text), socket: sent.socket };
}

test.each([false, true])(
  '10 MB are payload_too_large and the connection can be used again (chunked: %s)',
  async (chunked) => {
    await using app = await startApp(() => ({ found: false, user: null }));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const large = await send(app.url, agent, Buffer.alloc(10 * 1024 * 1024, 0x20), chunked);
    expect(large).toMatchObject({ status: 413, problem: { code: 'payload_too_large' } });
    const next = await send(app.url, agent, Buffer.from('{"user_id":"1"}'), false);
    expect(next.status).toBe(200);
    expect(next.socket).toBe(large.socket);
    agent.destroy();
  },
);

test('a path that cannot be decoded is invalid_request', async () => {
  await using app = await startApp(() => ({}));
  const response = await app.post('/v1/connections/%E0%A4%A/login', { identifier: 'a', password: 'b' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'invalid_request' });
});

test('tells of the first fifty mistakes and counts the rest', async () => {
  await using app = await startApp(() => ({}));
  const unknown = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field${index}`, 1]));
  const problem = await (await app.post(path, { identifier: 'jane', ...unknown })).json();
  expect(problem.code).toBe('invalid_request');
  expect(problem.issues).toHaveLength(50);
  expect(problem.detail).toMatch(/; and 950 more$/);
});
