import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** What a script does by the identifier that it is given, with its callback and beyond. */
const cases = {
  twice: "callback(null, { user_id: 'first' }); callback(null, { user_id: 'second' });",
  'then-error': "callback(null, { user_id: 'first' }); callback(new Error('too late'));",
  'then-throw': "callback(null, { user_id: 'first' }); throw new Error('after ' + password);",
  'then-timer':
    "setTimeout(() => { throw new Error('in a timer') }, 5); callback(null, { user_id: 'first' });",
  'then-call': "callback(null, { user_id: 'first' }); fetch(configuration.URL + '/audit');",
  async: "await null; callback(null, { user_id: 'first' });",
  promise: "return { user_id: 'first' };",
  undefined: 'callback();',
  string: "callback('told as a string');",
  object: "callback({ code: 'E1', message: 'told as an object' });",
  speaking:
    "console.log('%s and %s', configuration.SECRET, password, { password }); callback(null, { user_id: 'first' });",
};
const source = `async function login(identifier, password, context, callback) {
${Object.entries(cases)
  .map(([name, code]) => `  if (identifier === '${name}') { ${code} return; }`)
  .join('\n')}
}`;

let upstream: Upstream;
let service: RunningService;
beforeAll(async () => {
  upstream = await startUpstream(() => {});
  service = await startService({
    files: connectionFiles('acme', { login: source }, { configuration: { URL: upstream.url } }),
    env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address },
  });
});
afterAll(async () => {
  await service.stop();
  await upstream.close();
});

const run = (identifier: keyof typeof cases) => service.run('acme', 'login', { identifier, password });
const first = { status: 200, body: { user: { user_id: 'first' } } };

/** The line of an event that belongs to this answer. */
const event = (name: string, { headers }: { headers: Headers }) =>
  service.log.line(
    ({ fields }) => fields.event === name && fields.execution === headers.get('x-execution-id'),
  );

test.each(['twice', 'then-error'] as const)(
  '%s: only the first call counts, the other is logged',
  async (name) => {
    const reply = await run(name);
    expect(reply).toMatchObject(first);
    expect(await event('late_callback', reply)).toMatchObject({
      level: 'warn',
      fields: { connection: 'acme', script: 'login' },
    });
  },
);

test.each([
  ['then-throw', 'after [password]'],
  ['then-timer', 'in a timer'],
] as const)('%s: an error after the callback is logged', async (name, message) => {
  const reply = await run(name);
  expect(reply).toMatchObject(first);
  expect(await event('late_error', reply)).toMatchObject({ level: 'warn', message });
});

test('a call after the callback is made and does not hold up the answer', async () => {
  const asked = upstream.next();
  expect(await run('then-call')).toMatchObject(first);
  expect((await asked).url).toBe('/audit');
});

test('an async function that calls back later', async () => {
  expect(await run('async')).toMatchObject(first);
});

test('a returned value is no callback', async () => {
  expect(await run('promise')).toMatchObject({ status: 502, body: { code: 'script_no_callback' } });
});

test('login without a profile is a refusal', async () => {
  expect(await run('undefined')).toMatchObject({
    status: 401,
    body: { code: 'wrong_username_or_password', log_code: 'fu' },
  });
});

test.each([
  ['string', 'told as a string'],
  ['object', 'told as an object'],
] as const)('an error that is a %s', async (name, detail) => {
  expect(await run(name)).toMatchObject({ status: 502, body: { code: 'script_error', detail } });
});

test("a script's console is logged without configuration values and passwords", async () => {
  const reply = await run('speaking');
  expect(await event('console', reply)).toMatchObject({
    level: 'info',
    message: "[configuration.SECRET] and [password] { password: '[password]' }",
  });
});

test('the access log names the execution and nothing of the user', async () => {
  const reply = await run('async');
  const line = await service.log.line(
    ({ message, fields }) =>
      message === 'request' && fields.execution === reply.headers.get('x-execution-id'),
  );
  expect(line).toMatchObject({
    level: 'info',
    fields: {
      method: 'POST',
      route: '/v1/connections/:connection/login',
      status: 200,
      connection: 'acme',
      script: 'login',
    },
  });
  expect(JSON.stringify(line)).not.toContain('async');
});
