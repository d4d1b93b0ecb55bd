import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogLine } from './recorded-log.ts';
import { connectionFiles, type Files, type RunningService, startService } from './running-service.ts';

const folder = 'database-connections/acme';
const profile = `const jwt = require('jsonwebtoken');
const roles = require('../roles.json');
let calls = 0;

exports.calls = () => calls;
exports.profile = (id) => {
  if (id === 'nobody') throw new RangeError('nobody is there');
  calls += 1;
  const { sub } = jwt.decode(jwt.sign({ sub: id }, configuration.SECRET));
  return { user_id: sub, nickname: roles[id], app_metadata: { calls, version: 1 } };
};
`;
const getUser = `const { profile } = require('./lib/profile');
function getUser(identifierValue, context, callback) {
  if (identifierValue === 'joined') require('./lib/' + 'missing');
  callback(null, profile(identifierValue));
}`;
const login = `function login(identifier, password, context, callback) {
  callback(null, { user_id: identifier, app_metadata: { calls: require('./lib/profile').calls() } });
}`;
const helpers: Files = {
  [`${folder}/lib/profile.js`]: profile,
  [`${folder}/roles.json`]: '{ "jane": "##ROLE##" }',
};

let service: RunningService;
beforeEach(async () => {
  service = await startService({
    files: {
      ...connectionFiles('acme', { get_user: getUser, login }),
      ...connectionFiles('fresh', { get_user: getUser }, { isolation: 'execution' }),
      ...helpers,
      'database-connections/fresh/lib/profile.js': profile,
      'database-connections/fresh/roles.json': '{}',
    },
    env: { ROLE: 'admin' },
  });
});
afterEach(() => service.stop());

const lookUp = (identifier: string, connection = 'acme') =>
  service.run(connection, 'get-user', { identifier });
const metadata = async (connection?: string) =>
  (await lookUp('jane', connection)).body.user.app_metadata as Record<string, number>;
const says = (text: string) => (line: LogLine) => line.message.includes(text);

async function change(files: Files, text: string): Promise<LogLine> {
  const line = service.log.next(says(text));
  await service.write(files);
  return line;
}

describe('scripts in several files', () => {
  test('run, share their helper files and keep what these hold', async () => {
    const user = { user_id: 'jane', nickname: 'admin', app_metadata: { calls: 1, version: 1 } };
    expect(await lookUp('jane')).toMatchObject({ status: 200, body: { user } });
    const callsSeenByLogin = async () => {
      await lookUp('jane');
      const { body } = await service.run('acme', 'login', { identifier: 'jane', password: 'p' });
      return body.user.app_metadata.calls;
    };
    // A context is taken again only when the execution in it has come to rest.
    await expect.poll(callsSeenByLogin).toBeGreaterThan(0);
  });

  test('get fresh ones for each execution with isolation: execution', async () => {
    for (let time = 0; time < 3; time++) expect((await metadata('fresh')).calls).toBe(1);
  });

  test('are shown with their SHA-256', async () => {
    const { body } = await service.call('/v1/connections/acme');
    const sha256 = createHash('sha256').update(profile).digest('hex');
    expect(body.scripts.get_user.helpers).toEqual([
      { file: 'acme/lib/profile.js', sha256 },
      { file: 'acme/roles.json', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(body.scripts.get_user.warnings).toEqual([]);
    expect(Object.keys(body.scripts)).toEqual(['login', 'get_user']);
  });

  test('fail with the file, line and column of the helper, and of the script behind it', async () => {
    const { status, body } = await lookUp('nobody');
    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: 502,
      code: 'script_error',
      detail: 'RangeError: nobody is there',
    });
    expect(body.stack).toHaveLength(2);
    expect(body.stack[0]).toContain('acme/lib/profile.js:7:30');
    expect(body.stack[1]).toContain('acme/get_user.js:4:18');
  });

  test('are told which files there are when they put a path together', async () => {
    const { status, body } = await lookUp('joined');
    expect({ status, code: body.code }).toEqual({ status: 502, code: 'script_error' });
    expect(body.detail).toContain("Cannot find module './lib/missing' from acme/get_user.js");
    expect(body.detail).toContain('Helper files: acme/lib/profile.js, acme/roles.json');
    expect(body.stack[0]).toContain('acme/get_user.js:3:37');
  });
});

describe('a helper file that changes while it is served', () => {
  test('is picked up by all scripts', async () => {
    expect(await metadata()).toEqual({ calls: 1, version: 1 });
    const { body: before } = await service.call('/v1/connections/acme');
    const second = profile.replace('version: 1', 'version: 2');
    await change({ [`${folder}/lib/profile.js`]: second }, 'connection acme changed');
    expect(await metadata()).toEqual({ calls: 1, version: 2 });
    const { body: after } = await service.call('/v1/connections/acme');
    expect(after.version).not.toBe(before.version);
    expect(after.scripts.get_user.sha256).toBe(before.scripts.get_user.sha256);
    expect(after.scripts.get_user.helpers[0].sha256).not.toBe(before.scripts.get_user.helpers[0].sha256);
  });

  test('and does not compile any more leaves the last good version in place, and says so', async () => {
    const { body: before } = await service.call('/v1/connections/acme');
    const file = `${folder}/lib/profile.js`;
    const line = await change({ [file]: `${profile}\n}` }, `${file}: line 13, column 1`);
    expect(line).toMatchObject({ level: 'error', fields: { connection: 'acme' } });
    expect(line.message).toContain('the file is required by acme/login.js:2:64');
    expect(line.message).toContain('(the last good version is still served)');
    expect((await metadata()).version).toBe(1);
    const { body } = await service.call('/v1/connections/acme');
    expect(body.version).toBe(before.version);
    expect(body.problems).toMatchObject([
      { file, message: expect.stringContaining('acme/login.js:2:64'), keeps_last_good: true },
      { file, message: expect.stringContaining('acme/get_user.js:1:21'), keeps_last_good: true },
    ]);
  });
});

test('a helper file that never compiled makes its scripts script_invalid, with its place', async () => {
  const scripts = { get_user: `require('./helpers');\n${getUser}`, login: `require('./none');\n${login}` };
  const files = {
    ...connectionFiles('broken', scripts),
    'database-connections/broken/helpers.js': 'const a = 1;\n\n  const a = 2;',
  };
  await change(files, 'helpers.js: line 3, column 9');
  const { status, body } = await lookUp('jane', 'broken');
  expect({ status, code: body.code, stack: body.stack }).toEqual({
    status: 422,
    code: 'script_invalid',
    stack: ['at broken/helpers.js:3:9'],
  });
  expect(body.detail).toContain('the file is required by broken/get_user.js:1:1 (broken/helpers.js:3:9)');
  const { body: shown } = await service.call('/v1/connections/broken');
  expect(shown.scripts.get_user.problem).toMatchObject({ file: 'broken/helpers.js', line: 3, column: 9 });
  expect(shown.scripts.login.problem).toEqual({
    message: expect.stringContaining("require('./none') finds nothing"),
    line: 1,
    column: 1,
  });
});
