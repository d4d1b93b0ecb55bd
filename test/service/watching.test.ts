import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogLine } from './recorded-log.ts';
import {
  connectionFiles,
  type Files,
  type RunningService,
  secretValue,
  startService,
} from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const file = 'database-connections/acme/get_user.js';
const version = (name: string) => `function getUser(identifierValue, context, callback) {
  global.calls = (global.calls || 0) + 1;
  callback(null, { user_id: '1', name: '${name}', nickname: configuration.NICK, app_metadata: { calls: global.calls } });
}`;
const asking = `async function getUser(identifierValue, context, callback) {
  await fetch(configuration.URL);
  callback(null, { user_id: '1', name: 'asking' });
}`;

let upstream: Upstream;
let service: RunningService;
const filesOf = (script: string, configuration: object = { NICK: 'n1' }): Files =>
  connectionFiles('acme', { get_user: script }, { configuration: { ...configuration, URL: upstream.url } });

beforeEach(async () => {
  upstream = await startUpstream(() => {});
  service = await startService({
    files: { ...filesOf(version('one')), ...connectionFiles('other', { get_user: version('other') }) },
    env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address },
  });
});
afterEach(async () => {
  await service.stop();
  await upstream.close();
});

const user = async (connection = 'acme') =>
  (await service.run(connection, 'get-user', { identifier: 'jane' })).body.user;
const says = (text: string) => (line: LogLine) => line.message.includes(text);

/** Writes files and waits for the service to say so. */
async function change(files: Files, text = 'connection acme changed'): Promise<LogLine> {
  const line = service.log.next(says(text));
  await service.write(files);
  return line;
}

test('a changed script is picked up, and other connections are left as they are', async () => {
  expect(await user()).toMatchObject({ name: 'one', app_metadata: { calls: 1 } });
  expect(await user('other')).toMatchObject({ app_metadata: { calls: 1 } });
  const { body: before } = await service.call('/v1/connections/acme');
  await change({ [file]: version('two') });
  expect(await user()).toMatchObject({ name: 'two', app_metadata: { calls: 1 } });
  expect(await user('other')).toMatchObject({ app_metadata: { calls: 2 } });
  const { body: after } = await service.call('/v1/connections/acme');
  expect(after.version).not.toBe(before.version);
  expect(after.scripts.get_user.sha256).not.toBe(before.scripts.get_user.sha256);
});

test('a changed configuration value is picked up', async () => {
  expect(await user()).toMatchObject({ nickname: 'n1' });
  await change(filesOf(version('one'), { NICK: 'n2' }));
  expect(await user()).toMatchObject({ nickname: 'n2' });
});

test('a change that does not compile keeps the last good version, and says so until it is put right', async () => {
  expect(await user()).toMatchObject({ name: 'one' });
  const line = await change({ [file]: 'function getUser(identifierValue, {\n' }, `${file}: line `);
  expect(line).toMatchObject({ level: 'error', fields: { connection: 'acme' } });
  expect(line.message).toMatch(/: line 2, column 1: .*\(the last good version is still served\)$/);

  expect(await user()).toMatchObject({ name: 'one', app_metadata: { calls: 2 } });
  const problem = {
    file,
    path: '',
    message: expect.stringMatching(/^line 2, column 1: /),
    keeps_last_good: true,
  };
  const { body: shown } = await service.call('/v1/connections/acme');
  expect(shown.problems).toEqual([problem]);
  expect(shown.scripts.get_user).not.toHaveProperty('problem');
  const { body: list } = await service.call('/v1/connections');
  expect(list.problems).toEqual([{ ...problem, connection: 'acme' }]);

  const solved = service.log.next(says(`solved: ${file}`));
  await change({ [file]: version('three') });
  await solved;
  expect(await user()).toMatchObject({ name: 'three' });
  expect((await service.call('/v1/connections/acme')).body.problems).toEqual([]);
});

test('a database.json that is broken keeps the last good version', async () => {
  const database = 'database-connections/acme/database.json';
  const text = `{"name": "acme", "options": {"configuration": {"SECRET": "${secretValue}}}`;
  const line = await change({ [database]: text }, `${database}: line 1`);
  expect(line.message).toMatch(/\(the last good version is still served\)$/);
  expect(await user()).toMatchObject({ name: 'one' });
  const { body } = await service.call('/v1/connections/acme');
  expect(body.problems).toMatchObject([{ file: database, keeps_last_good: true }]);
  await change(filesOf(version('two')));
  expect(await user()).toMatchObject({ name: 'two' });
  expect((await service.call('/v1/connections')).body.problems).toEqual([]);
});

test('a connection that is added is served', async () => {
  await change(connectionFiles('added', { get_user: version('new') }), 'connection added added');
  expect(await user('added')).toMatchObject({ name: 'new' });
});

test('what is under way when its script changes ends as it began', async () => {
  await change({ [file]: asking });
  const asked = upstream.next();
  const answer = user();
  const request = await asked;
  await change({ [file]: version('two') });
  expect(await user()).toMatchObject({ name: 'two' });
  request.answer(200, {});
  expect(await answer).toMatchObject({ name: 'asking' });
});
