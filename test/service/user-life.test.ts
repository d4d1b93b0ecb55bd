import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { password } from './running-service.ts';
import { startTemplate, type TemplateService } from './template-service.ts';

describe.each(['http', 'fetch', 'basic-auth'])("a user's life with the template %s", (template) => {
  let running: TemplateService;
  let userId: string;
  const run = (call: string, body: object) => running.service.run('acme', call, body);

  beforeAll(async () => {
    running = await startTemplate(template);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  test('the template loads without a warning', async () => {
    const { body } = await running.service.call('/v1/connections/acme');
    expect(Object.keys(body.scripts)).toHaveLength(9);
    expect(body).toMatchObject({ warnings: [], problems: [] });
    for (const script of Object.values(body.scripts)) expect(script).toMatchObject({ warnings: [] });
    expect(running.service.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual(
      [],
    );
  });

  test('signup', async () => {
    const user = { email: 'Ann+1@example.com', username: 'ann', phone_number: '+15550123', password };
    const reply = await run('signup', { user: { ...user, user_metadata: { theme: 'dark' } } });
    expect(reply.status).toBe(201);
    const { password: _, ...given } = user;
    expect(reply.body.user).toMatchObject({ ...given, user_metadata: { theme: 'dark' } });
    expect(JSON.stringify(reply.body)).not.toContain('$2b$');
    userId = reply.body.user.user_id;
  });

  test.each(['Ann+1@example.com', 'ann', '+15550123'])('login with %s', async (identifier) => {
    const reply = await run('login', { identifier, password });
    expect(reply).toMatchObject({ status: 200, body: { user: { user_id: userId } } });
  });

  test('a wrong password is fp, an unknown user fu', async () => {
    const wrong = await run('login', { identifier: 'ann', password: 'not it' });
    const unknown = await run('login', { identifier: 'eve', password });
    const refusal = { code: 'wrong_username_or_password', retryable: false };
    expect(wrong).toMatchObject({ status: 401, body: { ...refusal, log_code: 'fp' } });
    expect(unknown).toMatchObject({ status: 401, body: { ...refusal, log_code: 'fu' } });
  });

  test.each([
    ['Ann+1@example.com', 'email'],
    ['ann', 'username'],
    ['+15550123', 'phone_number'],
  ])('get-user by identifier %s', async (identifier, type) => {
    for (const body of [{ identifier }, { identifier, identifier_type: type }]) {
      const reply = await run('get-user', body);
      expect(reply).toMatchObject({ status: 200, body: { found: true, user: { user_id: userId } } });
    }
  });

  test('get-user by user_id, which an identifier is never taken for', async () => {
    const found = await run('get-user', { user_id: userId });
    expect(found).toMatchObject({ status: 200, body: { found: true, user: { username: 'ann' } } });
    for (const body of [{ user_id: 'ann' }, { user_id: 'Ann+1@example.com' }, { identifier: userId }])
      expect((await run('get-user', body)).body).toMatchObject({ found: false, user: null });
  });

  test('change-password', async () => {
    const changed = await run('change-password', { identifier: 'ann', new_password: `${password}2` });
    expect(changed).toMatchObject({ status: 200, body: { changed: true } });
    expect((await run('login', { identifier: 'ann', password })).status).toBe(401);
    expect((await run('login', { identifier: 'ann', password: `${password}2` })).status).toBe(200);
    const nobody = await run('change-password', { identifier: 'eve', new_password: password });
    expect(nobody).toMatchObject({ status: 200, body: { changed: false } });
  });

  test('verify', async () => {
    expect((await run('get-user', { user_id: userId })).body.user.email_verified).not.toBe(true);
    const verified = await run('verify', { email: 'Ann+1@example.com' });
    expect(verified).toMatchObject({ status: 200, body: { verified: true } });
    expect((await run('get-user', { user_id: userId })).body.user.email_verified).toBe(true);
  });

  test.each<[call: string, change: object, field: string, value: string]>([
    [
      'change-email',
      { email: 'Ann+1@example.com', new_email: 'ann@example.org', verified: true },
      'email',
      'ann@example.org',
    ],
    ['change-username', { username: 'ann', new_username: 'anna' }, 'username', 'anna'],
    [
      'change-phone-number',
      { phone_number: '+15550123', new_phone_number: '+15550124', verified: false },
      'phone_number',
      '+15550124',
    ],
  ])('%s', async (call, change, field, value) => {
    expect(await run(call, change)).toMatchObject({ status: 200, body: { changed: true } });
    const byNew = await run('get-user', { identifier: value });
    expect(byNew.body).toMatchObject({ found: true, user: { user_id: userId, [field]: value } });
    expect(await run(call, change)).toMatchObject({ status: 200, body: { changed: false } });
  });

  test("another user's identifier is refused", async () => {
    const taken = { username: 'anna', new_username: 'john' };
    const reply = await run('change-username', taken);
    expect(reply).toMatchObject({ status: 409, body: { code: 'user_exists', script_code: 'user_exists' } });
  });

  test('delete, and nobody is found any more', async () => {
    for (let time = 0; time < 2; time++) {
      const reply = await run('delete', { user_id: userId });
      expect(reply).toMatchObject({ status: 204, text: '' });
      expect(reply.headers.get('x-execution-id')).toMatch(/^exec_/);
    }
    for (const body of [{ user_id: userId }, { identifier: 'ann@example.org' }])
      expect(await run('get-user', body)).toMatchObject({ status: 200, body: { found: false, user: null } });
    const login = await run('login', { identifier: 'anna', password: `${password}2` });
    expect(login).toMatchObject({ status: 401, body: { log_code: 'fu' } });
  });
});
