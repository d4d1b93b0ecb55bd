import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';

/** Each says in its profile, or in its error, what it was called with. */
const echo = (
  parameters: string,
  passwordArgument?: string,
) => `function echo(${parameters}, context, callback) {
  const args = [...arguments].slice(0, -1)${passwordArgument ? `.filter((each) => each !== ${passwordArgument})` : ''};
  callback(null, { user_id: '42', app_metadata: { args } });
}`;
const tell = (parameters: string) => `function tell(${parameters}, context, callback) {
  callback(new ValidationError('told', JSON.stringify([...arguments].slice(0, -1))));
}`;

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    files: connectionFiles('acme', {
      login: echo('identifier, password', 'password'),
      get_user: echo('identifierValue'),
      create: `function create(user, context, callback) {
        const { password, ...rest } = user;
        callback(null, { user_id: '42', app_metadata: { args: [rest, context], password: typeof password } });
      }`,
      verify: tell('email'),
      delete: tell('id'),
      change_password: `function changePassword(email, newPassword, context, callback) {
        callback(new ValidationError('told', JSON.stringify([email, newPassword.length, context])));
      }`,
      change_email: tell('email, newEmail, verified'),
      change_username: tell('username, newUsername'),
      change_phone_number: tell('phoneNumber, newPhoneNumber, verified'),
    }),
    env: { DRAWBRIDGE_TENANT: 'tenant-1' },
  });
});
afterAll(() => service.stop());

const organization = { id: 'org_1', name: 'acme', display_name: 'Acme', metadata: { plan: 'gold' } };
const context = { organization };
const created = { email: 'ann@example.com', tenant: 'tenant-1', connection: 'acme' };

const cases: [call: string, body: object, args: unknown[]][] = [
  ['login', { identifier: 'jane', password }, ['jane', context]],
  ['get-user', { identifier: 'jane' }, ['jane', context]],
  ['get-user', { user_id: '42' }, ['42', { identifierType: 'user_id', ...context }]],
  [
    'create',
    { user: { email: 'ann@example.com', password }, client_id: 'app' },
    [{ ...created, client_id: 'app' }, context],
  ],
  ['create', { user: { email: 'ann@example.com' } }, [created, context]],
  ['verify', { email: 'jane@example.com' }, ['jane@example.com', context]],
  ['delete', { user_id: '42' }, ['42', {}]],
  ['change-password', { identifier: 'jane', new_password: password }, ['jane', password.length, context]],
  [
    'change-email',
    { email: 'a@x.org', new_email: 'b@x.org', verified: false },
    ['a@x.org', 'b@x.org', false, context],
  ],
  ['change-username', { username: 'a', new_username: 'b' }, ['a', 'b', context]],
  [
    'change-phone-number',
    { phone_number: '+1555', new_phone_number: '+1556', verified: true },
    ['+1555', '+1556', true, context],
  ],
];

const argsOf = (body: { detail: string; user?: { app_metadata: { args: unknown[] } } }) =>
  body.user?.app_metadata.args ?? JSON.parse(body.detail);

test.each(cases)('%s within an organization: %j', async (call, body, args) => {
  const reply = await service.run('acme', call, { ...body, organization });
  expect(argsOf(reply.body)).toEqual(args);
});

test.each(cases)('%s without one: %j', async (call, body, args) => {
  const reply = await service.run('acme', call, body);
  const { organization: _, ...rest } = args.at(-1) as { organization?: object };
  expect(argsOf(reply.body)).toEqual([...args.slice(0, -1), rest]);
});

test('an organization that has only an id has empty metadata', async () => {
  const reply = await service.run('acme', 'get-user', { identifier: 'jane', organization: { id: 'org_1' } });
  expect(argsOf(reply.body)).toEqual(['jane', { organization: { id: 'org_1', metadata: {} } }]);
});
