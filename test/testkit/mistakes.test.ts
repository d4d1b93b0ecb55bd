import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConnection, runScript, type TestConnection, TestkitError } from '../../src/testkit/index.ts';

/** Mistakes of tests that no compiler has looked at. */
const path = fileURLToPath(new URL('../../scripts-templates/http', import.meta.url));

let acme: TestConnection;
beforeAll(async () => {
  acme = await loadConnection(path);
});
afterAll(() => acme?.close());

describe('an action', () => {
  test.each([
    ['getUser', 'there is no action "getUser". Did you mean "get_user"?'],
    ['change-password', 'there is no action "change-password". Did you mean "change_password"?'],
    ['remove', 'there is no action "remove"; the actions are login, get_user, create, verify, delete, '],
    ['signup', 'a whole signup is connection.signup(input)'],
    [undefined, 'the action must be a string, one of login, '],
  ])('%j is refused', async (action, message) => {
    const running = acme.run(action as 'verify', { email: 'jane@example.com' });
    await expect(running).rejects.toThrow(TestkitError);
    await expect(running).rejects.toThrow(message);
    await expect(running).rejects.toMatchObject({ code: 'unknown_action' });
  });
});

describe('an input', () => {
  test.each([
    [
      'login',
      { identifier: 'jane', passwort: 'x' },
      'passwort is not a known field; allowed here: identifier, password',
    ],
    ['login', { identifier: 'jane', passwort: 'x' }, 'password is required'],
    [
      'get_user',
      { identifier: 'jane', user_id: '42' },
      'has both identifier and user_id: give one of the two',
    ],
    ['get_user', { userId: '42' }, 'must have either identifier or user_id'],
    ['get_user', { user_id: 42 }, 'user_id must be a string, is a number'],
    ['create', { email: 'jane@example.com' }, 'user is required'],
    ['change_email', { email: 'a@example.com', new_email: 'b@example.com' }, 'verified is required'],
    ['verify', 'jane@example.com', 'must be an object, is a string'],
  ])('of %s is refused: %j', async (action, input, message) => {
    const running = acme.run(action as 'verify', input as never);
    await expect(running).rejects.toThrow(message);
    await expect(running).rejects.toMatchObject({ name: 'TestkitError', code: 'invalid_input' });
  });

  test('of a signup is refused', async () => {
    const signup = acme.signup({ user: { email: 3 } });
    await expect(signup).rejects.toThrow('signup(input): user.email must be a string, is a number');
    await expect(signup).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ path: 'user.email', code: 'wrong_type' }],
    });
  });

  test('of runScript is refused, before anything is started', async () => {
    const source = 'function login(identifier, password, context, callback) { callback(null); }';
    const running = runScript({ action: 'login', source, input: { email: 'jane', password: 'x' } as never });
    await expect(running).rejects.toThrow('email is not a known field; allowed here: identifier, password');
  });
});

describe('an option', () => {
  test.each([
    [{ path, egresAllow: ['127.0.0.1:5432'] }, 'egresAllow is not a known field; allowed here: path, '],
    [
      { path, egressAllow: ['postgres://127.0.0.1:5432'] },
      'egressAllow.0 is "postgres://127.0.0.1:5432"; allowed: host, host:port, ',
    ],
    [{ path, egressAllow: '127.0.0.1:5432' }, 'egressAllow must be an array, is a string'],
    [
      { path, limits: { wallMS: 5 } },
      'limits.wallMS is not a known field; allowed here: wallMs, cpuMs, memoryMb',
    ],
    [{ path, limits: { wallMs: 0 } }, 'limits.wallMs must be more than 0'],
    [{ path, env: { URL: undefined } }, 'env.URL is required'],
    [{ path, configuration: { PORT: 5432 } }, 'configuration.PORT must be a string, is a number'],
    [{ folder: path }, 'path is required'],
  ])('of loadConnection is refused: %j', async (options, message) => {
    const loading = loadConnection(options as never);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toMatchObject({ name: 'TestkitError', code: 'invalid_options' });
  });

  test('of runScript is refused', async () => {
    const running = runScript({ action: 'verify', sauce: '', input: { email: 'a' } } as never);
    await expect(running).rejects.toThrow(
      /source is required.*sauce is not a known field; allowed here: action, source/,
    );
  });

  test('of run is refused', async () => {
    const running = acme.run('get_user', { user_id: '42' }, { organisation: { id: 'org_1' } } as never);
    await expect(running).rejects.toThrow('organisation is not a known field; allowed here: organization');
    const without = acme.run('get_user', { user_id: '42' }, { organization: { name: 'Acme' } } as never);
    await expect(without).rejects.toThrow('organization.id is required');
  });
});
