import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const headers = "{ Authorization: 'Bearer t0ken', Cookie: 'session=s3ssion', 'X-Kept': 'yes' }";
const done = "() => callback(null, { user_id: '1' })";
const script = (call: string) => `function getUser(url, context, callback) { ${call} }`;
const clients = {
  fetch: script(`fetch(url, { headers: ${headers} }).then(${done}, callback);`),
  'fetch-post': script(
    `fetch(url, { method: 'POST', body: 'p4ssword', headers: ${headers} }).then(${done}, callback);`,
  ),
  axios: script(`require('axios').get(url, { headers: ${headers} }).then(${done}, callback);`),
  'axios-auth': script(
    `require('axios').get(url, { auth: { username: 'u', password: 'p4ssword' }, headers: { Cookie: 's3ssion', 'X-Kept': 'yes' } }).then(${done}, callback);`,
  ),
  'axios-agent': script(
    `require('axios').get(url, { headers: ${headers}, httpAgent: new (require('http').Agent)({ maxSockets: 1 }) }).then(${done}, callback);`,
  ),
  'axios-post': script(
    `require('axios').post(url, 'p4ssword', { headers: ${headers} }).then(${done}, callback);`,
  ),
  'node-fetch': script(`require('node-fetch')(url, { headers: ${headers} }).then(${done}, callback);`),
  request: script(`require('request')({ url, headers: ${headers} }, ${done});`),
};

const portOf = ({ address }: Upstream) => address.split(':')[1];

let first: Upstream;
let second: Upstream;
let service: RunningService;
beforeAll(async () => {
  second = await startUpstream((request) => request.answer(200, 'second'));
  first = await startUpstream(({ url, answer }) => {
    if (url === '/away') return answer(302, {}, { location: `http://localhost:${portOf(second)}/landed` });
    if (url === '/within') return answer(302, {}, { location: '/landed' });
    answer(200, 'first');
  });
  service = await startService({
    files: Object.assign(
      {},
      ...Object.entries(clients).map(([name, source]) => connectionFiles(name, { get_user: source })),
    ),
    env: { DRAWBRIDGE_EGRESS_ALLOW: `${first.address},localhost:${portOf(second)}` },
  });
});
afterAll(async () => {
  await service.stop();
  await first.close();
  await second.close();
});
beforeEach(() => {
  first.seen.splice(0);
  second.seen.splice(0);
});

const call = async (client: string, path: string) =>
  expect((await service.run(client, 'get-user', { identifier: `${first.url}${path}` })).status).toBe(200);

test.each(Object.keys(clients))('%s takes no credentials along to another origin', async (client) => {
  await call(client, '/away');
  const [landed] = second.seen;
  expect(landed).toMatchObject({ method: 'GET', url: '/landed', body: '' });
  expect(landed?.headers['x-kept']).toBe('yes');
  expect(landed?.headers).not.toHaveProperty('authorization');
  // The library's own way; it has no part in what Drawbridge follows.
  if (client !== 'request') expect(landed?.headers).not.toHaveProperty('cookie');
  expect(JSON.stringify(landed)).not.toMatch(/t0ken|p4ssword/);
});

test.each(Object.keys(clients))('%s keeps them within an origin', async (client) => {
  await call(client, '/within');
  const landed = first.seen.at(-1);
  expect(landed).toMatchObject({ method: 'GET', url: '/landed', body: '' });
  expect(landed?.headers).toHaveProperty('authorization');
});
