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

test('takes the files that the script requires', async () => {
  const run = (helpers: Record<string, string>) =>
    runScript({
      action: 'get_user',
      source: `const { profile } = require('./lib/profile');
function getUser(id, context, callback) { callback(null, profile(id)); }`,
      helpers,
      input: { user_id: '42' },
    });
  const profile = "exports.profile = (id) => ({ user_id: id, nickname: require('../names.json')[id] });";
  expect(await run({ 'lib/profile.js': profile, 'names.json': '{ "42": "Jane" }' })).toMatchObject({
    ok: true,
    result: { user: { user_id: '42', nickname: 'Jane' } },
  });
  expect(await run({ 'lib/profile.js': `\n${profile}` })).toMatchObject({
    ok: false,
    code: 'script_invalid',
    message: expect.stringContaining("require('../names.json') finds nothing"),
    issues: [{ path: 'test/lib/profile.js:2:53' }],
  });
  await expect(run({ '../profile.js': profile })).rejects.toThrow(/\.\.\/profile\.js/);
});
