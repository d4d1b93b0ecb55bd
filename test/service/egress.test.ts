import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** Calls the URL that it is given as an identifier and says how that went. */
const answer = `const done = (callback) => (result) => callback(null, { user_id: '1', app_metadata: result });
const refused = ({ code, cause, message }) => ({ code: code || cause && cause.code, message: String(message) });
`;
const clients = {
  fetch: `${answer}function getUser(url, context, callback) {
    fetch(url).then(async (r) => ({ status: r.status, body: await r.text() })).catch(refused).then(done(callback));
  }`,
  axios: `${answer}function getUser(url, context, callback) {
    require('axios').get(url).then(({ status, data }) => ({ status, body: JSON.stringify(data) }))
      .catch(refused).then(done(callback));
  }`,
  request: `${answer}function getUser(url, context, callback) {
    require('request')(url, (error, response, body) =>
      done(callback)(error ? refused(error) : { status: response.statusCode, body }));
  }`,
  'node-fetch': `${answer}function getUser(url, context, callback) {
    require('node-fetch')(url).then(async (r) => ({ status: r.status, body: await r.text() }))
      .catch(refused).then(done(callback));
  }`,
  http: `${answer}function getUser(url, context, callback) {
    require('http').get(url, (response) => {
      let body = '';
      response.on('data', (chunk) => { body += chunk; }).on('end', () => done(callback)({ status: response.statusCode, body }));
    }).on('error', (error) => done(callback)(refused(error)));
  }`,
};

let allowed: Upstream;
let forbidden: Upstream;
let service: RunningService;

beforeAll(async () => {
  forbidden = await startUpstream((request) => request.answer(200, 'internal'));
  allowed = await startUpstream(({ url, answer: reply }) =>
    url === '/redirect' ? reply(302, {}, { location: `${forbidden.url}/stolen` }) : reply(200, 'allowed'),
  );
  service = await startService({
    files: Object.assign(
      {},
      ...Object.entries(clients).map(([name, source]) => connectionFiles(name, { get_user: source })),
    ),
    env: { DRAWBRIDGE_EGRESS_ALLOW: allowed.address },
  });
});
afterAll(async () => {
  await service.stop();
  await allowed.close();
  await forbidden.close();
});
beforeEach(() => {
  forbidden.seen.splice(0);
});

const get = async (client: string, url: string) => {
  const reply = await service.run(client, 'get-user', { identifier: url });
  expect(reply.status).toBe(200);
  return { id: reply.body.execution.id, result: reply.body.user.app_metadata };
};
const blocked = (execution: string) =>
  service.log.lines.filter(
    ({ fields }) => fields.event === 'egress_blocked' && fields.execution === execution,
  );

describe.each(Object.keys(clients))('%s', (client) => {
  test('reaches an address that is allowed', async () => {
    const { id, result } = await get(client, allowed.url);
    expect(result).toEqual({ status: 200, body: '"allowed"' });
    expect(blocked(id)).toEqual([]);
  });

  test('gets ECONNREFUSED from the loopback, and the log says egress_blocked', async () => {
    const { id, result } = await get(client, forbidden.url);
    expect(result).toMatchObject({ code: 'ECONNREFUSED', message: expect.not.stringContaining('loopback') });
    expect(blocked(id)).toMatchObject([
      {
        level: 'warn',
        message: expect.stringContaining('127.0.0.1 is loopback'),
        fields: { connection: client },
      },
    ]);
    expect(forbidden.seen).toEqual([]);
  });
});

test.each(Object.keys(clients).filter((client) => client !== 'http'))(
  '%s does not follow a redirect to an address that is not allowed',
  async (client) => {
    const { id, result } = await get(client, `${allowed.url}/redirect`);
    expect(result.code).toBe('ECONNREFUSED');
    expect(blocked(id)).toHaveLength(1);
    expect(forbidden.seen).toEqual([]);
  },
);

test.each([
  'http://localhost:PORT/',
  'http://[::1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f.1:PORT/',
  'http://0.0.0.0:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://[fe80::1]/',
])('%s is refused', async (address) => {
  const { id, result } = await get('fetch', address.replace('PORT', forbidden.address.split(':')[1]!));
  expect(result.code).toBe('ECONNREFUSED');
  expect(blocked(id)).toHaveLength(1);
  expect(forbidden.seen).toEqual([]);
});

test.each(['file:///etc/hostname', 'ftp://127.0.0.1/'])('%s is no URL to fetch', async (url) => {
  const { result } = await get('fetch', url);
  expect(result).not.toHaveProperty('status');
});
