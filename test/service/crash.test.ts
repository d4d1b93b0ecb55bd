import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogLine } from './recorded-log.ts';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const getUser = `async function getUser(identifierValue, context, callback) {
  await fetch(configuration.URL + '/' + identifierValue);
  callback(null, { user_id: identifierValue });
}`;
const create = `async function create(user, context, callback) {
  await fetch(configuration.URL + '/create');
  callback(null, { user_id: '1' });
}`;

const isUp = ({ message }: LogLine) => message === 'a sandbox process is up';

let upstream: Upstream;
let service: RunningService;
beforeAll(async () => {
  upstream = await startUpstream(() => {});
  service = await startService({
    files: connectionFiles('acme', { get_user: getUser, create }, { configuration: { URL: upstream.url } }),
    env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address },
  });
});
afterAll(async () => {
  await service.stop();
  await upstream.close();
});

/** Kills the sandbox process of the moment. */
function kill(): void {
  process.kill(Number(service.log.lines.findLast(isUp)?.fields.pid), 'SIGKILL');
}

test('a get-user that its process dies under is run once more', async () => {
  const asked = upstream.next();
  const answer = service.run('acme', 'get-user', { user_id: 'u-1' });
  await asked;
  const askedAgain = upstream.next();
  kill();
  (await askedAgain).answer(200, {});
  expect(await answer).toMatchObject({ status: 200, body: { found: true, user: { user_id: 'u-1' } } });
});

test('a get-user whose second process dies too is sandbox_crashed', async () => {
  const asked = upstream.next();
  const answer = service.run('acme', 'get-user', { user_id: 'u-1' });
  await asked;
  const askedAgain = upstream.next();
  kill();
  await askedAgain;
  kill();
  expect(await answer).toMatchObject({ status: 503, body: { code: 'sandbox_crashed', retryable: true } });
});

test('a create is never run again, not by its key either, and the next one finds a process', async () => {
  const asked = upstream.next();
  const user = { email: 'ann@example.com', password };
  const answer = service.run('acme', 'create', { user }, { 'idempotency-key': 'one' });
  await asked;
  const before = upstream.seen.length;
  kill();
  expect(await answer).toMatchObject({ status: 503, body: { code: 'sandbox_crashed', script: 'create' } });
  expect(upstream.seen).toHaveLength(before);

  const replayed = await service.run('acme', 'create', { user }, { 'idempotency-key': 'one' });
  expect(replayed).toMatchObject({ status: 503, body: { code: 'sandbox_crashed' } });
  expect(upstream.seen).toHaveLength(before);

  const askedNext = upstream.next();
  const next = service.run('acme', 'create', { user }, { 'idempotency-key': 'two' });
  (await askedNext).answer(200, {});
  expect(await next).toMatchObject({ status: 201 });
  const metrics = await service.call('/metrics');
  expect(metrics.text).toMatch(/^drawbridge_sandbox_restarts(_total)? 4$/m);
});
