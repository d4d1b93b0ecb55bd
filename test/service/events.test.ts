import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventList } from '../../src/events/answer-events.ts';
import type { LogEvent } from '../../src/events/log-event.ts';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';

/** Each call goes well unless what it is given begins with `bad`. */
const changing = (name: string, given: string) => `module.exports = function ${name}(...given) {
  const callback = given.at(-1);
  if (String(given[0]).startsWith('bad')) return callback(new Error('cannot ${name} ' + given.join(' ')));
  callback(null, ${given});
}`;

const scripts = {
  login: `function login(identifier, password, context, callback) {
    const [how] = identifier.split('@');
    if (how === 'wrong') return callback(new WrongUsernameOrPasswordError(identifier, 'no ' + identifier + password));
    if (how === 'unknown') return callback(new WrongUsernameOrPasswordError(null));
    if (how === 'down') return callback(new Error('no answer for ' + identifier + ' ' + password));
    callback(null, { user_id: 'u-' + how, email: identifier });
  }`,
  get_user: `function getUser(identifier, context, callback) {
    if (context.identifierType === 'user_id') {
      return callback(null, { user_id: identifier === 'u-other' ? 'u-another' : identifier, email: 'x@example.com' });
    }
    if (identifier.startsWith('down')) return callback(new Error('no answer for ' + identifier));
    if (identifier.startsWith('taken')) return callback(null, { user_id: 'u-taken', email: identifier });
    if (identifier.startsWith('formless')) return callback(null, { email: identifier });
    callback(null);
  }`,
  create: `function create(user, context, callback) {
    const [how] = user.email.split('@');
    if (how === 'refused') return callback(new ValidationError('user_exists', user.email + ' is there'));
    callback(null, { user_id: 'u-' + how, email: user.email });
  }`,
  verify: changing('verify', 'true'),
  change_password: changing('changePassword', 'true'),
  change_email: changing('changeEmail', 'true'),
  change_username: changing('changeUsername', 'true'),
  change_phone_number: changing('changePhoneNumber', 'true'),
  delete: changing('remove', 'undefined'),
};

const apiKey = 'the-key-of-the-events-tests';
const person = '203.0.113.7';
let root = '';
let service: RunningService;

beforeAll(async () => {
  service = await startService({
    files: {
      ...connectionFiles('acme', scripts),
      ...connectionFiles('guarded', { login: scripts.login }),
      ...connectionFiles('closed', { create: scripts.create }, { disable_signup: true }),
    },
    env: (directory) => {
      root = directory;
      return {
        DRAWBRIDGE_API_KEY: apiKey,
        DRAWBRIDGE_TRUSTED_PROXIES: '127.0.0.1',
        DRAWBRIDGE_LOGIN_ATTEMPTS: '3',
        DRAWBRIDGE_EVENTS_FILE: join(directory, 'events.jsonl'),
      };
    },
    apiKey,
  });
});
afterAll(() => service?.stop());

const events = async (search = ''): Promise<LogEvent[]> => {
  const reply = await service.call(`/v1/events${search}`);
  expect(reply.status, reply.text).toBe(200);
  return EventList.parse(reply.body).events as LogEvent[];
};

/** What a call adds, the oldest first. */
async function added(of: () => Promise<unknown>): Promise<LogEvent[]> {
  const before = new Set((await events('?take=100')).map(({ log_id }) => log_id));
  await of();
  return (await events('?take=100')).filter(({ log_id }) => !before.has(log_id)).reverse();
}

interface Row {
  call: string;
  body: object;
  type: LogEvent['type'];
  code?: string;
  script?: string;
  user_id?: string;
  methods?: string[];
}

const user = (how: string) => ({ email: `${how}@example.com`, password });
const rows: Row[] = [
  {
    call: 'login',
    body: { identifier: 'jane@example.com', password },
    type: 's',
    script: 'login',
    user_id: 'u-jane',
  },
  {
    call: 'login',
    body: { identifier: 'wrong@example.com', password },
    type: 'fp',
    code: 'wrong_username_or_password',
  },
  {
    call: 'login',
    body: { identifier: 'unknown@example.com', password },
    type: 'fu',
    code: 'wrong_username_or_password',
  },
  {
    call: 'login',
    body: { identifier: 'down@example.com', password },
    type: 'f',
    code: 'script_error',
    script: 'login',
  },
  {
    call: 'get-user',
    body: { identifier: 'down@example.com' },
    type: 'f',
    code: 'script_error',
    script: 'get_user',
  },
  { call: 'get-user', body: { identifier: 'formless@example.com' }, type: 'f', code: 'invalid_profile' },
  {
    call: 'get-user',
    body: { user_id: 'u-other' },
    type: 'f',
    code: 'user_id_mismatch',
    user_id: 'u-other',
  },
  { call: 'signup', body: { user: user('ann') }, type: 'ss', user_id: 'u-ann', methods: ['pwd'] },
  {
    call: 'signup',
    body: { user: { email: 'bob@example.com' }, method: 'passkey' },
    type: 'ss',
    user_id: 'u-bob',
    methods: ['passkey'],
  },
  {
    call: 'signup',
    body: { user: user('taken') },
    type: 'fs',
    code: 'user_exists',
    script: 'get_user',
    methods: ['pwd'],
  },
  { call: 'signup', body: { user: user('down') }, type: 'fs', code: 'script_error', script: 'get_user' },
  {
    call: 'signup',
    body: { user: user('wrong') },
    type: 'fs',
    code: 'script_error',
    script: 'login',
    methods: ['pwd'],
  },
  { call: 'create', body: { user: user('eve') }, type: 'ss', user_id: 'u-eve', methods: ['pwd'] },
  { call: 'create', body: { user: user('refused') }, type: 'fs', code: 'user_exists', script: 'create' },
  { call: 'verify', body: { email: 'good@example.com' }, type: 'sv' },
  { call: 'verify', body: { email: 'bad@example.com' }, type: 'fv', code: 'script_error' },
  { call: 'change-password', body: { identifier: 'good@example.com', new_password: password }, type: 'scp' },
  {
    call: 'change-password',
    body: { identifier: 'bad@example.com', new_password: password },
    type: 'fcp',
    code: 'script_error',
  },
  {
    call: 'change-email',
    body: { email: 'good@example.com', new_email: 'new@example.com', verified: true },
    type: 'sce',
  },
  {
    call: 'change-email',
    body: { email: 'bad@example.com', new_email: 'new@example.com', verified: true },
    type: 'fce',
    code: 'script_error',
  },
  { call: 'change-username', body: { username: 'good', new_username: 'newname' }, type: 'scu' },
  {
    call: 'change-username',
    body: { username: 'bad', new_username: 'newname' },
    type: 'fcu',
    code: 'script_error',
  },
  {
    call: 'change-phone-number',
    body: { phone_number: '+15550101', new_phone_number: '+15550102', verified: true },
    type: 'scpn',
  },
  {
    call: 'change-phone-number',
    body: { phone_number: 'bad+15550101', new_phone_number: '+15550102', verified: true },
    type: 'fcpn',
    code: 'script_error',
  },
  { call: 'delete', body: { user_id: 'u-9' }, type: 'sdu', user_id: 'u-9' },
  { call: 'delete', body: { user_id: 'bad-9' }, type: 'fdu', code: 'script_error', user_id: 'bad-9' },
];

test.each(rows)('$call with $body is $type', async ({ call, body, type, code, script, user_id, methods }) => {
  let id: string | null = null;
  const [event, ...more] = await added(async () => {
    const reply = await service.run(
      'acme',
      call,
      { ...body, organization: { id: 'org_1' } },
      { 'x-forwarded-for': person },
    );
    id = reply.headers.get('x-execution-id');
  });
  expect(more).toEqual([]);
  expect(event).toMatchObject({ type, connection: 'acme', execution_id: id, ip: person });
  expect(event).toMatchObject({ tenant_name: 'default', organization_id: 'org_1' });
  expect(event?.user_id).toBe(user_id);
  expect(event?.details?.error).toEqual(code && { code, message: expect.any(String) });
  if (script) expect(event?.details).toMatchObject({ script });
  if (methods) expect(event?.details).toMatchObject({ authentication_methods: methods });
  expect(event?.details).toMatchObject({ execution: { duration_ms: expect.any(Number) } });
});

test('a login that is refused for too many guesses is f, without an execution', async () => {
  const guess = () => service.run('guarded', 'login', { identifier: 'wrong@guarded.example', password }, {});
  const seen = await added(async () => {
    for (let count = 0; count < 4; count += 1) await guess();
  });
  expect(seen.map(({ type }) => type)).toEqual(['fp', 'fp', 'fp', 'f']);
  expect(seen[3]?.details).toEqual({
    script: 'login',
    error: { code: 'too_many_attempts', message: 'Too many logins have failed' },
  });
  expect(seen[3]).not.toHaveProperty('execution_id');
  expect(seen[3]).not.toHaveProperty('ip');
});

test('a signup that the connection does not allow is fs', async () => {
  const [event] = await added(() => service.run('closed', 'create', { user: user('ann'), client_id: 'spa' }));
  expect(event).toMatchObject({
    type: 'fs',
    client_id: 'spa',
    details: { error: { code: 'access_denied' } },
  });
});

test.each([
  ['a get-user that was answered', 'acme', 'get-user', { identifier: 'jane@example.com' }, {}],
  ['a body that is not valid', 'acme', 'login', { identifier: 'jane@example.com' }, {}],
  ['a signup without the password it needs', 'acme', 'create', { user: {}, method: 'password' }, {}],
  ['an unknown connection', 'nowhere', 'login', { identifier: 'jane@example.com', password }, {}],
  ['a wrong API key', 'acme', 'login', user('jane'), { authorization: 'Bearer wrong-key-wrong-key' }],
])('%s is no event', async (_what, connection, call, body, headers) => {
  expect(await added(() => service.run(connection, call, body, headers))).toEqual([]);
});

test('an answer that an Idempotency-Key brings back is no event of its own', async () => {
  const send = () =>
    service.run('acme', 'create', { user: user('once') }, { 'idempotency-key': 'events-once' });
  const seen = await added(async () => {
    await send();
    expect((await send()).headers.get('idempotent-replay')).toBe('true');
  });
  expect(seen.map(({ type }) => type)).toEqual(['ss']);
});

test('the address of an IPv6 user is told whole', async () => {
  const headers = { 'x-forwarded-for': '2001:db8::5' };
  const [event] = await added(() => service.run('acme', 'delete', { user_id: 'u-6' }, headers));
  expect(event?.ip).toBe('2001:db8::5');
});

test('250 events and more are paged without loss or double while others come', async () => {
  const sent = 250;
  const ids = Array.from({ length: sent }, (_, index) => `page-${index}`);
  for (let at = 0; at < sent; at += 25) {
    await Promise.all(ids.slice(at, at + 25).map((user_id) => service.run('acme', 'delete', { user_id })));
  }
  const seen: LogEvent[] = [];
  let from: string | undefined;
  do {
    const reply = await service.call(
      `/v1/events?take=40&type=sdu,fdu${from === undefined ? '' : `&from=${from}`}`,
    );
    const page = EventList.parse(reply.body);
    seen.push(...(page.events as LogEvent[]));
    await service.run('acme', 'delete', { user_id: 'late' });
    from = page.next;
  } while (from !== undefined);
  expect(new Set(seen.map(({ log_id }) => log_id)).size).toBe(seen.length);
  expect(seen.map(({ user_id }) => user_id)).not.toContain('late');
  const paged = seen.map(({ user_id }) => user_id).filter((id) => id?.startsWith('page-'));
  expect(paged.sort()).toEqual(ids.sort());
  const dates = seen.map(({ log_id }) => log_id);
  expect([...dates].sort().reverse()).toEqual(dates);
});

test('events are filtered by type, connection, user and client', async () => {
  await service.run('acme', 'create', { user: user('filtered'), client_id: 'a-client' });
  expect((await events('?client_id=a-client')).map(({ user_id }) => user_id)).toEqual(['u-filtered']);
  expect((await events('?user_id=u-filtered&type=ss')).length).toBe(1);
  expect((await events('?user_id=u-filtered&type=fs,s')).length).toBe(0);
  expect(new Set((await events('?connection=guarded')).map(({ connection }) => connection))).toEqual(
    new Set(['guarded']),
  );
});

test('an unknown type is refused with those that there are', async () => {
  const reply = await service.call('/v1/events?type=success');
  expect(reply).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', issues: [{ path: 'type' }] },
  });
  expect(reply.body.detail).toMatch(/allowed, with commas between: s, f, fp/);
});

test('lines of JSON are answered to who asks for them', async () => {
  const headers = { accept: 'application/x-ndjson' };
  const reply = await service.call('/v1/events?take=2', { headers });
  expect(reply.headers.get('content-type')).toBe('application/x-ndjson');
  const [first, second, ...rest] = reply.text.split('\n');
  expect(rest).toEqual(['']);
  expect(JSON.parse(first!).log_id > JSON.parse(second!).log_id).toBe(true);
  const link = /^<(.+)>; rel="next"$/.exec(reply.headers.get('link')!)?.[1];
  const next = await service.call(link!, { headers });
  expect(JSON.parse(next.text.split('\n')[0]!).log_id < JSON.parse(second!).log_id).toBe(true);
});

test('the file has each event on a line, for its owner alone, and a renamed one is left', async () => {
  const file = join(root, 'events.jsonl');
  const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
  const newest = (await events('?take=1'))[0]!;
  await expect.poll(() => JSON.parse(lines().at(-1)!).log_id).toBe(newest.log_id);
  const ids = lines().map((line) => JSON.parse(line).log_id as string);
  expect([...ids].sort()).toEqual(ids);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  renameSync(file, `${file}.1`);
  await service.run('acme', 'delete', { user_id: 'after-rotation' });
  const begun = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  await expect.poll(begun).toMatch(/^\{[^\n]*"user_id":"after-rotation"[^\n]*\}\n$/);
});

test('no event has a password, a key, an identifier or the words of a script', async () => {
  const files = ['events.jsonl.1', 'events.jsonl'].map((name) => readFileSync(join(root, name), 'utf8'));
  const text = files.join('');
  expect(text.split('\n').length).toBeGreaterThan(280);
  for (const secret of [password, JSON.stringify(password).slice(1, -1), apiKey]) {
    expect(text).not.toContain(secret);
  }
  // Of a phone number so many digits that they do not stand in a random id.
  const words = ['no answer for', 'is there', 'cannot'];
  for (const typed of ['example.com', '@', '%40', 'newname', '1555010', ...words]) {
    expect(text).not.toContain(typed);
  }
});

test('a file that cannot be written fails no request and is logged once', async () => {
  await using failing = await startService({
    files: connectionFiles('acme', { delete: scripts.delete }),
    env: { DRAWBRIDGE_EVENTS_FILE: '/dev/full' },
  });
  for (let count = 0; count < 5; count += 1) {
    expect((await failing.run('acme', 'delete', { user_id: `u-${count}` })).status).toBe(204);
  }
  const line = await failing.log.line(({ message }) => message === 'the file of events cannot be written');
  expect(line).toMatchObject({ level: 'error', fields: { file: '/dev/full', code: 'ENOSPC' } });
  expect(failing.log.lines.filter(({ fields }) => fields.code === 'ENOSPC').length).toBe(1);
  expect((await failing.call('/v1/events')).body.events.length).toBe(5);
});
