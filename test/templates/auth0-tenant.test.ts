import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { password } from '../service/running-service.ts';
import { type FakeAuth0Tenant, startFakeAuth0Tenant, tenantApplication } from './fakes/fake-auth0-tenant.ts';
import { startRelay } from './relay.ts';
import { serveTemplate } from './serve-template.ts';
import type { ServedTemplate } from './served-template.ts';
import { describeUserLife } from './user-life.ts';

async function serve(
  tenant: FakeAuth0Tenant,
  env: Record<string, string> = {},
  closeStore?: () => PromiseLike<void>,
): Promise<ServedTemplate> {
  const [host = '', port] = tenant.upstream.address.split(':');
  const relay = await startRelay({ host, port: Number(port) });
  return serveTemplate({
    template: 'auth0-tenant',
    relay,
    env: {
      TENANT_URL: `http://127.0.0.1:${relay.port}`,
      TENANT_CLIENT_ID: tenantApplication.clientId,
      TENANT_CLIENT_SECRET: tenantApplication.clientSecret,
      TENANT_CONNECTION: tenantApplication.connection,
      ...env,
    },
    secrets: [tenantApplication.clientSecret],
    ...(closeStore ? { closeStore } : {}),
  });
}

describe("a user's life in another Auth0 tenant", () => {
  describeUserLife(
    async () => {
      const tenant = await startFakeAuth0Tenant();
      return serve(tenant, {}, () => tenant[Symbol.asyncDispose]());
    },
    { stored: (email) => email.toLowerCase() },
  );
});

describe('what else a tenant answers', () => {
  const { connection } = tenantApplication;
  let tenant: FakeAuth0Tenant;
  let served: ServedTemplate;
  let kimId: string;
  beforeAll(async () => {
    tenant = await startFakeAuth0Tenant();
    served = await serve(tenant);
    kimId = tenant.add(connection, { email: 'kim@example.com', username: 'kim' }, password);
  });
  afterEach(() => tenant.obstacles.clear());
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]();
    await tenant?.[Symbol.asyncDispose]();
  });
  const logIn = (secret: string) => served.run('login', { identifier: 'kim', password: secret });

  test.each([
    { status: 403, error: 'mfa_required' },
    { status: 401, error: 'unauthorized' },
    { status: 429, error: 'too_many_attempts' },
    { status: 403, error: 'access_denied' },
  ])('%j is access_denied, and no wrong password', async (obstacle) => {
    tenant.obstacles.set('kim@example.com', obstacle);
    const reply = await logIn(password);
    expect(reply).toMatchObject({ status: 403, body: { code: 'access_denied' } });
    expect(reply.body.detail).toContain(obstacle.error);
  });

  test.each([
    { status: 429, error: 'too_many_requests' },
    { status: 403, error: 'unauthorized_client' },
    { status: 500, error: 'server_error' },
  ])('%j is an error, and no wrong password', async (obstacle) => {
    tenant.obstacles.set('kim@example.com', obstacle);
    const reply = await logIn(password);
    expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
    expect(reply.body.detail).toContain(String(obstacle.status));
  });

  test('the token for the Management API is asked for once', async () => {
    await served.run('get-user', { user_id: kimId });
    const before = tenant.tokensGiven();
    for (let time = 0; time < 5; time++)
      expect(await served.run('get-user', { user_id: kimId })).toMatchObject({ body: { found: true } });
    expect(tenant.tokensGiven()).toBe(before);
  });

  test('a token that is no longer taken is replaced', async () => {
    tenant.revokeTokens();
    expect(await served.run('get-user', { user_id: kimId })).toMatchObject({ body: { found: true } });
  });

  test('users of other connections of the tenant are nobody', async () => {
    const otherId = tenant.add('Staff', { email: 'boss@example.com', username: 'boss' }, password);
    for (const body of [{ user_id: otherId }, { identifier: 'boss@example.com' }, { identifier: 'boss' }])
      expect(await served.run('get-user', body)).toMatchObject({ status: 200, body: { found: false } });
    expect(await served.run('delete', { user_id: otherId })).toMatchObject({ status: 204 });
    const change = { identifier: 'boss', new_password: 'a-new-password' };
    expect(await served.run('change-password', change)).toMatchObject({ body: { changed: false } });
    await using staff = await serve(tenant, { TENANT_CONNECTION: 'Staff' });
    expect(await staff.run('login', { identifier: 'boss', password })).toMatchObject({
      status: 200,
      body: { user: { user_id: otherId } },
    });
  });

  test('a password that breaks the policy is a rejection', async () => {
    const refused = { status: 422, body: { code: 'script_rejected', script_code: 'invalid_password' } };
    const user = { email: 'max@example.com', password: 'short' };
    expect(await served.run('create', { user })).toMatchObject(refused);
    const change = { identifier: 'kim', new_password: 'short' };
    expect(await served.run('change-password', change)).toMatchObject(refused);
  });

  test('the scripts blame no user when their own secret is wrong', async () => {
    await using misconfigured = await serve(tenant, { TENANT_CLIENT_SECRET: 'another' });
    for (const secret of [password, 'wrong password'])
      expect(await misconfigured.run('login', { identifier: 'kim', password: secret })).toMatchObject({
        status: 502,
        body: { code: 'script_error', detail: 'The tenant failed: it answered 401 to a login' },
      });
    expect(await misconfigured.run('get-user', { user_id: kimId })).toMatchObject({
      status: 502,
      body: { code: 'script_error', detail: 'The tenant failed: its token endpoint answered 401' },
    });
  });
});
