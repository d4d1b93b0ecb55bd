import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type HttpAnswer, type Received, startHttpServer, useGuest } from './use-guest.ts';

const guest = useGuest();
let server: Awaited<ReturnType<typeof startHttpServer>>;
let configuration: Record<string, string>;

const json = { 'content-type': 'application/json' };
const jane = { user_id: 'auth0|42', email: 'jane@example.com' };

/** A Management API with one user. */
function answer({ method, url, headers }: Received): HttpAnswer {
  if (url === '/oauth/token')
    return { headers: json, body: { access_token: 'the-token', expires_in: 3600, token_type: 'Bearer' } };
  if (headers.authorization !== 'Bearer the-token') return { status: 401, headers: json, body: {} };
  const path = decodeURIComponent(url.replace(/\?.*/, ''));
  if (method === 'PATCH') return { headers: json, body: { ...jane, user_metadata: { lang: 'de' } } };
  if (path === '/api/v2/users/auth0|42') return { headers: json, body: jane };
  if (path === '/api/v2/users-by-email' || path === '/api/v2/users') return { headers: json, body: [jane] };
  const error = {
    statusCode: 404,
    error: 'Not Found',
    message: 'The user does not exist.',
    errorCode: 'inexistent_user',
  };
  return { status: 404, headers: json, body: error };
}

beforeAll(async () => {
  server = await startHttpServer(answer, { tls: true });
  configuration = { HOST: server.url.replace('https://', ''), CLIENT_ID: 'id', CLIENT_SECRET: 'the-secret' };
});
beforeEach(() => server.received.splice(0));
afterAll(() => server?.close());

it('auth0 2, pinned or not, has the Management client of callbacks and promises', async () => {
  const result = await guest(async ({ require, configuration }) => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const { ManagementClient } = require('auth0@2.27.0');
    const management = new ManagementClient({
      domain: configuration.HOST,
      clientId: configuration.CLIENT_ID,
      clientSecret: configuration.CLIENT_SECRET,
      scope: 'read:users update:users',
    });
    const called = await new Promise((resolve) =>
      management.getUser({ id: 'auth0|42' }, (error: Error | null, user: unknown) => resolve([error, user])),
    );
    const missing = await management.getUser({ id: 'auth0|1' }).catch((error: Error) => error);
    return {
      called,
      byEmail: await management.getUsersByEmail('jane@example.com'),
      changed: await management.updateUserMetadata({ id: 'auth0|42' }, { lang: 'de' }),
      missing: [missing.statusCode, missing.message],
      same: require('auth0').ManagementClient === ManagementClient,
    };
  }, configuration);
  expect(result).toEqual({
    called: [null, jane],
    byEmail: [jane],
    changed: { ...jane, user_metadata: { lang: 'de' } },
    missing: [404, 'The user does not exist.'],
    same: true,
  });
});

it('auth0 7 has the Management client of today, and under legacy the one of version 4', async () => {
  const result = await guest(async ({ require, configuration: { HOST, CLIENT_ID, CLIENT_SECRET } }) => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const { ManagementClient, ManagementError } = require('auth0@7');
    const options = { domain: HOST, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
    const management = new ManagementClient(options);
    const missing = await management.users.get('auth0|1').catch((error: Error) => error);
    const legacy = require('auth0@7/legacy');
    const old = new legacy.ManagementClient(options);
    return {
      user: await management.users.get('auth0|42'),
      missing: [missing.statusCode, missing instanceof ManagementError],
      legacy: (await old.users.get({ id: 'auth0|42' })).data,
      same: require('auth0@4') === legacy || require('auth0@4').ManagementClient === legacy.ManagementClient,
    };
  }, configuration);
  expect(result).toMatchObject({ user: jane, missing: [404, true], legacy: jane, same: true });
});
