import { expect, test } from 'vitest';
import { runScript } from '../../src/testkit/index.ts';

test('runs one script from its text', async () => {
  const answer = await runScript({
    action: 'login',
    source: `function login(identifier, password, context, callback) {
      callback(new WrongUsernameOrPasswordError(null, 'Nobody may log in'));
    }`,
    input: { identifier: 'jane', password: 'secret' },
  });
  expect(answer).toMatchObject({ ok: false, code: 'wrong_username_or_password', logCode: 'fu' });
});

test('takes configuration and options of the connection', async () => {
  const answer = await runScript({
    action: 'get_user',
    source:
      'function getUser(email, callback) { callback(null, { user_id: configuration.ID, email: email }); }',
    input: { identifier: 'jane@example.com' },
    configuration: { ID: '42' },
    connectionOptions: { enable_script_context: false },
  });
  expect(answer).toMatchObject({ ok: true, result: { found: true, user: { user_id: '42' } } });
});
