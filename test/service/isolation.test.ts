import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';

const counting = `let calls = 0;
function getUser(identifierValue, context, callback) {
  global.calls = (global.calls || 0) + 1;
  calls += 1;
  callback(null, { user_id: '1', app_metadata: { onGlobal: global.calls, inScript: calls, seen: global.fromLogin } });
}`;
const login = `function login(identifier, password, context, callback) {
  global.fromLogin = identifier;
  Object.prototype.polluted = 'yes';
  callback(null, { user_id: '1' });
}`;
const polluted = `function getUser(identifierValue, context, callback) {
  callback(null, { user_id: '1', app_metadata: { polluted: {}.polluted, globals: Object.keys(globalThis) } });
}`;

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    files: {
      ...connectionFiles('kept', { get_user: counting, login }),
      ...connectionFiles('fresh', { get_user: counting, login }, { isolation: 'execution' }),
      ...connectionFiles('neighbour', { get_user: polluted }),
    },
  });
});
afterAll(() => service.stop());

const jane = { identifier: 'jane' };
const counts = async (connection: string) =>
  (await service.run(connection, 'get-user', jane)).body.user.app_metadata;

test('global and the variables of a script are kept from one execution to the next', async () => {
  expect(await counts('kept')).toEqual({ onGlobal: 1, inScript: 1 });
  expect(await counts('kept')).toEqual({ onGlobal: 2, inScript: 2 });
});

test('the scripts of a connection share their global', async () => {
  await service.run('kept', 'login', { identifier: 'ann', password: 'p' });
  expect(await counts('kept')).toMatchObject({ seen: 'ann' });
});

test('with isolation "execution" nothing is kept', async () => {
  await service.run('fresh', 'login', { identifier: 'ann', password: 'p' });
  for (let time = 0; time < 3; time++) expect(await counts('fresh')).toEqual({ onGlobal: 1, inScript: 1 });
});

test('what one connection does to its globals no other sees', async () => {
  await service.run('kept', 'login', { identifier: 'ann', password: 'p' });
  const { polluted: property, globals } = await counts('neighbour');
  expect(property).toBeUndefined();
  expect(globals).not.toContain('fromLogin');
});

describe('executions at once', () => {
  const waiting = `function getUser(identifierValue, context, callback) {
    global.last = identifierValue;
    setTimeout(() => callback(null, { user_id: identifierValue }), 20);
  }`;

  test('each get their own answer', async () => {
    await service.write(connectionFiles('busy', { get_user: waiting }));
    await service.log.line(({ message }) => message === 'connection busy added');
    const ids = Array.from({ length: 40 }, (_, index) => `u${index}`);
    const replies = await Promise.all(ids.map((user_id) => service.run('busy', 'get-user', { user_id })));
    expect(replies.map(({ body }) => body.user?.user_id)).toEqual(ids);
  });
});
