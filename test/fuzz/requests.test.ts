import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorTable } from '../../src/errors.ts';
import { scriptEndpoints } from '../../src/http/app.ts';
import { Problem } from '../../src/http/schemas.ts';
import { connectionFiles, type RunningService, startService } from '../service/running-service.ts';
import { damaged, fuzz, fuzzTimeoutMs, jsonValue, nearly, oddText } from './fuzz.ts';
import { type RawAnswer, sendRaw } from './raw-request.ts';

const answers = (parameters: string) =>
  `function answer(${parameters}, context, callback) { callback(null, { user_id: '1', email: 'jane@example.com' }); }`;

let service: RunningService;
let port: number;

beforeAll(async () => {
  const done = (parameters: string) =>
    `function done(${parameters}, context, callback) { callback(null, true); }`;
  service = await startService({
    files: connectionFiles('acme', {
      login: answers('identifier, password'),
      get_user: answers('identifier'),
      create: answers('user'),
      verify: done('email'),
      delete: done('id'),
      change_password: done('identifier, password'),
      change_email: done('email, newEmail, verified'),
      change_username: done('username, newUsername'),
      change_phone_number: done('phone, newPhone, verified'),
    }),
  });
  port = Number(new URL(service.url).port);
}, 60_000);
afterAll(() => service.stop());

const organization = { id: 'org_1', name: 'acme', display_name: 'Acme', metadata: { plan: 'gold' } };
const bodies: Record<string, object> = {
  'get-user': { identifier: 'jane@example.com', identifier_type: 'email', organization },
  login: { identifier: 'jane@example.com', password: 'hunter22', organization },
  create: {
    user: { email: 'jane@example.com', password: 'hunter22', user_metadata: { a: [1] } },
    method: 'password',
  },
  signup: {
    user: { email: 'jane@example.com', phone_number: '+15550100' },
    method: 'passkey',
    client_id: 'app',
  },
  verify: { email: 'jane@example.com' },
  'change-password': { identifier: 'jane@example.com', new_password: 'hunter22' },
  'change-email': { email: 'jane@example.com', new_email: 'j@example.com', verified: true },
  'change-username': { username: 'jane', new_username: 'j' },
  'change-phone-number': { phone_number: '+15550100', new_phone_number: '+15550101', verified: false },
  delete: { user_id: '1' },
};
const calls = Object.keys(bodies);

const bytes = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((text) => Buffer.from(text));
const bodyOf = (call: string) => {
  const text = JSON.stringify(bodies[call] ?? {});
  return fc.oneof(
    { weight: 5, arbitrary: bytes(nearly(bodies[call]).map((value) => JSON.stringify(value) ?? '')) },
    { weight: 2, arbitrary: bytes(damaged(text)) },
    { weight: 1, arbitrary: bytes(jsonValue.map((value) => JSON.stringify(value) ?? '')) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)) },
    { weight: 1, arbitrary: fc.nat({ max: 100_000 }).map((depth) => Buffer.from('['.repeat(depth))) },
    {
      weight: 1,
      arbitrary: fc.nat({ max: 30_000 }).map((n) => Buffer.from(`${'{"a":'.repeat(n)}1${'}'.repeat(n)}`)),
    },
  );
};

const word = fc.oneof(oddText, fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 20 }));
const oneLine = (text: string) => text.replace(/[\r\n]/g, ' ');
const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constant('acme') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('..', '.', '', '%2e%2e', '%', '%zz', '%ff', 'a%00b', 'ACME', '__proto__', '*'),
  },
  { weight: 1, arbitrary: word.map((text) => encodeURIComponent(text.toWellFormed())) },
);
const pathOf = (call: string) =>
  fc.oneof(
    { weight: 6, arbitrary: segment.map((name) => `/v1/connections/${name}/${call}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('/v1/connections', '/v1/connections/acme', '/healthz', '/openapi.json', '*'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('//', '/v1//connections', 'http://other.example/v1/connections', '/?%'),
    },
    { weight: 1, arbitrary: word.map((text) => `/${oneLine(text).replaceAll(' ', '+')}`) },
  );

const header = fc.oneof(
  fc
    .constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', 'application/json;')
    .map((type) => `Content-Type: ${type}`),
  word.map((text) => `Content-Type: ${oneLine(text)}`),
  fc.constantFrom('gzip', 'identity', 'br, gzip').map((encoding) => `Content-Encoding: ${encoding}`),
  fc.constantFrom('100-continue', 'miracles').map((what) => `Expect: ${what}`),
  word.map((key) => `Idempotency-Key: ${oneLine(key)}`),
  word.map((id) => `X-Request-Id: ${oneLine(id)}`),
  word.map((key) => `Authorization: Bearer ${oneLine(key)}`),
  word.map((address) => `X-Forwarded-For: ${oneLine(address)}`),
  fc.tuple(word, word).map(([name, value]) => oneLine(`${name}: ${value}`)),
);

const request = fc.constantFrom(...calls).chain((call) =>
  fc.record({
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constant('POST') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'QUERY'),
      },
    ),
    path: pathOf(call),
    headers: fc.oneof(
      { weight: 2, arbitrary: fc.constant(['Content-Type: application/json']) },
      { weight: 1, arbitrary: fc.array(header, { maxLength: 4 }) },
      {
        weight: 2,
        arbitrary: fc
          .array(header, { maxLength: 2 })
          .map((more) => ['Content-Type: application/json', ...more]),
      },
    ),
    body: bodyOf(call),
    chunked: fc.boolean(),
  }),
);

function onTheWire({
  method,
  path,
  headers,
  body,
  chunked,
}: typeof request extends fc.Arbitrary<infer R> ? R : never) {
  const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...headers,
    length,
    '',
    '',
  ];
  if (!chunked) return Buffer.concat([Buffer.from(head.join('\r\n')), body]);
  const chunk =
    body.length > 0 ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')] : [];
  return Buffer.concat([Buffer.from(head.join('\r\n')), ...chunk, Buffer.from('0\r\n\r\n')]);
}

/** A success, or problem details by the schema and the table, and never a fault of the service's own. */
function expectGoodAnswer(answer: RawAnswer | undefined, method = 'POST'): void {
  expect(answer).toBeDefined();
  const { status, headers, body } = answer!;
  expect(status).not.toBe(500);
  if (status < 400) return;
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  if (method === 'HEAD') return;
  const problem = Problem.strict().parse(JSON.parse(body));
  expect(problem.code).not.toMatch(/internal_error|sandbox_crashed/);
  expect(problem).toMatchObject({ status, title: errorTable[problem.code].title });
}

test('the bodies here are those of all endpoints', () => {
  expect(scriptEndpoints.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(calls.toSorted());
});

test('whatever is asked for, there is an answer by the rules', { timeout: fuzzTimeoutMs }, async () => {
  await fuzz(
    request,
    async (asked) => {
      expectGoodAnswer(await sendRaw(port, onTheWire(asked)), asked.method);
    },
    1_500,
  );
  expect((await service.run('acme', 'verify', bodies.verify)).status).toBe(200);
  expect(service.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('what is no HTTP is answered too, and harms nobody', { timeout: fuzzTimeoutMs }, async () => {
  const whole = onTheWire({
    method: 'POST',
    path: '/v1/connections/acme/verify',
    headers: ['Content-Type: application/json'],
    body: Buffer.from('{"email":"jane@example.com"}'),
    chunked: false,
  }).toString();
  const garbage = fc.oneof(
    bytes(damaged(whole)),
    fc.uint8Array({ minLength: 1, maxLength: 500 }).map((array) => Buffer.from(array)),
    fc.constant(Buffer.from(`GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`)),
  );
  await fuzz(
    garbage,
    async (sent) => {
      const answer = await sendRaw(port, sent, false);
      if (answer && answer.status >= 400) expectGoodAnswer(answer);
    },
    500,
  );
  expect((await service.run('acme', 'verify', bodies.verify)).status).toBe(200);
});
