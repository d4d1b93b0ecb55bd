import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';

const getUser = `function getUser(identifierValue, context, callback) {
  callback(null, { user_id: '1', email: identifierValue });
}`;
const create = `function create(user, context, callback) {
  callback(null, { user_id: '2', user_metadata: { got: Object.keys(user).sort(), deep: user.deep } });
}`;

let service: RunningService;
beforeAll(async () => {
  service = await startService({ files: connectionFiles('acme', { get_user: getUser, create }) });
});
afterAll(() => service.stop());

/** Whatever was sent before, the next caller is served. */
afterEach(async () => {
  const reply = await service.run('acme', 'get-user', { identifier: 'jane@example.com' });
  expect(reply).toMatchObject({ status: 200, body: { user: { user_id: '1' } } });
});

const issue = (path: string, code: string) => ({ path, code, message: expect.any(String) });

test.each<[what: string, call: string, body: string | object, issues: object[]]>([
  [
    'JSON that ends early',
    'login',
    `{"identifier": "jane", "password": ${JSON.stringify(password)}`,
    [{ path: '', code: 'malformed_json', message: 'is not valid JSON at line 1, column 70' }],
  ],
  [
    'JSON with a mistake on its second line',
    'get-user',
    '{\n  "identifier": jane\n}',
    [{ path: '', code: 'malformed_json', message: 'is not valid JSON at line 2, column 17' }],
  ],
  ['an array', 'get-user', [], [issue('', 'wrong_type')]],
  ['a number', 'get-user', '7', [issue('', 'wrong_type')]],
  ['null', 'get-user', 'null', [issue('', 'wrong_type')]],
  [
    'fields of the wrong type',
    'get-user',
    { identifier: { $ne: null } },
    [issue('identifier', 'wrong_type')],
  ],
  ['neither identifier nor user_id', 'get-user', {}, [issue('', 'invalid_value')]],
  ['both of them', 'get-user', { identifier: 'jane', user_id: '1' }, [issue('', 'invalid_value')]],
  ['an empty identifier', 'get-user', { identifier: '' }, [issue('identifier', 'too_short')]],
  ['an identifier of 2 KB', 'get-user', { identifier: 'x'.repeat(2048) }, [issue('identifier', 'too_long')]],
  [
    'an identifier type that does not exist',
    'get-user',
    { identifier: 'jane', identifier_type: 'user_id' },
    [issue('identifier_type', 'invalid_value')],
  ],
  [
    'an unknown field',
    'get-user',
    { identifier: 'jane', Organization: {} },
    [issue('Organization', 'unknown_field')],
  ],
  [
    'mistakes within the organization',
    'get-user',
    { identifier: 'jane', organization: { name: 7, display: 'x' } },
    [
      issue('organization.id', 'required'),
      issue('organization.name', 'wrong_type'),
      issue('organization.display', 'unknown_field'),
    ],
  ],
  ['a user that is no object', 'create', { user: 'jane' }, [issue('user', 'wrong_type')]],
  [
    'a password that is a number',
    'create',
    { user: { email: 'ann@example.com', password: 12345678 } },
    [issue('user.password', 'wrong_type')],
  ],
  [
    'a password with a passkey',
    'create',
    { user: { email: 'ann@example.com', password }, method: 'passkey' },
    [issue('user.password', 'password_not_allowed')],
  ],
  [
    '__proto__',
    'create',
    '{"user": {"__proto__": {"admin": true}}}',
    [issue('user.__proto__', 'unknown_field')],
  ],
])('%s: each mistake is named', async (_what, call, body, issues) => {
  const reply = await service.run('acme', call, body);
  expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_request', issues } });
  expect(reply.body.issues).toHaveLength(issues.length);
});

test.each<[what: string, body: string]>([
  ['nothing', ''],
  ['a body nested a thousand levels deep', `{"identifier":${'['.repeat(1000)}${']'.repeat(1000)}}`],
])('%s is refused', async (_what, body) => {
  expect(await service.run('acme', 'get-user', body)).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', detail: expect.stringContaining('The body') },
  });
});

test('fields of a user that are not known here reach the script whole', async () => {
  const deep = { list: [1, { a: null }], text: '"é" \u2028' };
  const reply = await service.run('acme', 'create', {
    user: { email: 'ann@example.com', shoe_size: 38, deep },
  });
  expect(reply).toMatchObject({
    status: 201,
    body: {
      user: { user_metadata: { got: ['connection', 'deep', 'email', 'shoe_size', 'tenant'], deep } },
    },
  });
});

/** One request over the agent's one socket; a body without a length is sent in chunks. */
async function send(agent: Agent, body: Readable | string, length?: number): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = {
    'content-type': 'application/json',
    ...(length === undefined ? {} : { 'content-length': length }),
  };
  const sending = request(`${service.url}/v1/connections/acme/get-user`, { method: 'POST', agent, headers });
  sending.on('response', resolve).on('error', reject);
  Readable.from(body).pipe(sending);
  return promise;
}

function* megabytes(count: number): Generator<Buffer> {
  yield Buffer.from('{"identifier":"');
  for (let index = 0; index < count; index++) yield Buffer.alloc(1024 * 1024, 'x');
}

test.each([
  ['with its length', 10 * 1024 * 1024 + 15],
  ['in chunks', undefined],
])('a body of 10 MB, %s, is refused and the same socket can be used again', async (_how, length) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const refused = await send(agent, Readable.from(megabytes(10)), length);
    const { localPort } = refused.socket;
    expect(refused.statusCode).toBe(413);
    expect(JSON.parse(await text(refused))).toMatchObject({ code: 'payload_too_large', retryable: false });
    const next = await send(agent, JSON.stringify({ identifier: 'jane@example.com' }));
    expect(next.statusCode).toBe(200);
    expect(next.socket.localPort).toBe(localPort);
    await text(next);
  } finally {
    agent.destroy();
  }
});

test('a body of 20 MB is refused and its connection is closed', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const refused = await send(agent, Readable.from(megabytes(20)), 20 * 1024 * 1024 + 15);
    expect(refused.headers.connection).toBe('close');
    expect(refused.statusCode).toBe(413);
    refused.on('error', () => {}).resume();
    const next = await send(agent, JSON.stringify({ identifier: 'jane@example.com' }));
    expect(next.statusCode).toBe(200);
    await text(next);
  } finally {
    agent.destroy();
  }
});

test('what is no HTTP ends its own connection alone', async () => {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.end('\u0016\u0003\u0001 no HTTP at all\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});
