import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectionFiles, type Files, type RunningService, startService } from './running-service.ts';

const getUser = `function getUser(identifierValue, context, callback) {
  callback(null, { user_id: '1', email: identifierValue });
}
`;
const ofBytes = (bytes: number) => getUser + '/'.repeat(bytes - getUser.length);

const missingScript = connectionFiles('missing-script', { get_user: getUser, login: getUser });
delete missingScript['database-connections/missing-script/login.js'];
const outside = connectionFiles('outside', { get_user: getUser });
delete outside['database-connections/outside/get_user.js'];
const database = (name: string): { options: { customScripts: object } } =>
  outside[`database-connections/${name}/database.json`] as never;
database('outside').options.customScripts = { get_user: '../../../../../etc/hostname' };

const files: Files = {
  ...connectionFiles('good', { get_user: getUser }),
  'database-connections/broken-json/database.json': '{\n  "name": "broken-json",\n  "options": {,\n}',
  'database-connections/no-object/database.json': '"hello"',
  'database-connections/no-file/get_user.js': getUser,
  'database-connections/notes.txt': 'not a connection',
  ...connectionFiles('number-value', { get_user: getUser }, { configuration: { PORT: 987654321 } }),
  ...connectionFiles('wrong-option', { get_user: getUser }, { enable_script_context: 'yes' }),
  ...connectionFiles('too-large', { get_user: ofBytes(101 * 1024), login: getUser }),
  ...connectionFiles('just-fits', { get_user: ofBytes(100 * 1024) }),
  ...connectionFiles('syntax', {
    get_user: 'function getUser(identifierValue, context, callback) {\n  callback(null, {);\n}',
    login: `function login(identifier, password, context, callback) { callback(null, { user_id: '1' }); }`,
  }),
  ...connectionFiles('no-function', { get_user: "console.log('hello');" }),
  ...missingScript,
  ...outside,
};

let service: RunningService;
beforeAll(async () => {
  service = await startService({ files, secrets: ['987654321'] });
});
afterAll(() => service.stop());

const jane = { identifier: 'jane@example.com' };

/** Whatever lies beside it, the good connection is served. */
afterEach(async () => {
  expect(await service.run('good', 'get-user', jane)).toMatchObject({ status: 200, body: { found: true } });
});

const expected: [folder: string, file: string, path: string, message: RegExp][] = [
  ['broken-json', 'database.json', '', /^line 3, column 15: Expected a property name/],
  ['no-object', 'database.json', '', /expected object/i],
  ['no-file', 'database.json', '', /^does not exist$/],
  [
    'number-value',
    'database.json',
    'options.configuration.PORT',
    /^must be a string, not a number; put it in quotes$/,
  ],
  ['wrong-option', 'database.json', 'options.enable_script_context', /expected boolean/i],
  ['too-large', 'get_user.js', '', /103424 bytes; the limit is 102400 \(100 KB\)/],
  ['syntax', 'get_user.js', '', /^line 2, column 19: Unexpected token/],
  ['no-function', 'get_user.js', '', /defines no function/],
  ['missing-script', 'database.json', 'options.customScripts.login', /login\.js does not exist$/],
  ['outside', 'database.json', 'options.customScripts.get_user', /outside of the directory/],
];

test('every problem is listed with its file and place, and nothing else is', async () => {
  const { status, body } = await service.call('/v1/connections');
  expect(status).toBe(200);
  const byFile = (one: { file: string }, other: { file: string }) => (one.file < other.file ? -1 : 1);
  const problems = body.problems.map(({ connection: _, ...problem }: { connection?: string }) => problem);
  expect(problems.sort(byFile)).toEqual(
    expected
      .map(([folder, file, path, message]) => ({
        file: `database-connections/${folder}/${file}`,
        path,
        message: expect.stringMatching(message),
        keeps_last_good: false,
      }))
      .sort(byFile),
  );
});

test.each(expected)(
  'the problem of %s is logged as an error at the start',
  async (folder, file, _path, message) => {
    const line = service.log.lines.find(
      (each) => each.level === 'error' && each.message.startsWith(`database-connections/${folder}/${file}: `),
    );
    expect(line?.message.replace(/^[^ ]+ (options[\w.]+: )?/, '')).toMatch(message);
  },
);

test.each(['broken-json', 'no-object', 'no-file', 'number-value', 'wrong-option'])(
  '%s is not served',
  async (name) => {
    const reply = await service.run(name, 'get-user', jane);
    expect(reply).toMatchObject({ status: 404, body: { code: 'connection_not_found', connection: name } });
  },
);

test.each(['broken-json', 'no-file', 'number-value', 'wrong-option'])(
  '%s is said to be broken rather than missing',
  async (name) => {
    const { body } = await service.run(name, 'get-user', jane);
    expect(body.detail).toContain(`database-connections/${name}/database.json`);
  },
);

test.each([
  ['too-large', '103424 bytes; the limit is 102400 (100 KB)', undefined],
  ['syntax', '(syntax/get_user.js:2:19)', ['at syntax/get_user.js:2:19']],
  ['no-function', 'defines no function', ['at no-function/get_user.js:1:1']],
  ['outside', 'outside of the directory', undefined],
])('the script of %s is script_invalid', async (name, detail, stack) => {
  const reply = await service.run(name, 'get-user', jane);
  expect(reply).toMatchObject({ status: 422, body: { code: 'script_invalid', script: 'get_user' } });
  expect(reply.body.detail).toContain(detail);
  expect(reply.body.stack).toEqual(stack);
});

test('the other scripts of such a connection run', async () => {
  const login = await service.run('syntax', 'login', { identifier: 'jane', password: 'p' });
  expect(login).toMatchObject({ status: 200, body: { user: { user_id: '1' } } });
  expect(await service.run('missing-script', 'get-user', jane)).toMatchObject({ status: 200 });
});

test('a script of exactly 100 KB runs', async () => {
  expect(await service.run('just-fits', 'get-user', jane)).toMatchObject({ status: 200 });
});

test('the service is ready', async () => {
  expect(await service.call('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
});
