import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { password } from '../service/running-service.ts';
import { cognitoPool, type FakeCognito, startFakeCognito } from './fakes/fake-cognito.ts';
import { startRelay } from './relay.ts';
import { serveTemplate } from './serve-template.ts';
import type { ServedTemplate } from './served-template.ts';
import { describeUserLife } from './user-life.ts';

async function serve(
  cognito: FakeCognito,
  env: Record<string, string> = {},
  closeStore?: () => PromiseLike<void>,
): Promise<ServedTemplate> {
  const [host = '', port] = cognito.upstream.address.split(':');
  const relay = await startRelay({ host, port: Number(port) });
  return serveTemplate({
    template: 'aws-cognito',
    relay,
    env: {
      COGNITO_REGION: cognitoPool.region,
      COGNITO_USER_POOL_ID: cognitoPool.poolId,
      COGNITO_CLIENT_ID: cognitoPool.clientId,
      COGNITO_CLIENT_SECRET: cognitoPool.clientSecret,
      COGNITO_ACCESS_KEY_ID: cognitoPool.accessKeyId,
      COGNITO_SECRET_ACCESS_KEY: cognitoPool.secretAccessKey,
      COGNITO_ENDPOINT: `http://127.0.0.1:${relay.port}`,
      ...env,
    },
    secrets: [cognitoPool.clientSecret, cognitoPool.secretAccessKey],
    ...(closeStore ? { closeStore } : {}),
  });
}

describe("a user's life in a Cognito user pool", () => {
  describeUserLife(
    async () => {
      const cognito = await startFakeCognito();
      return serve(cognito, {}, () => cognito[Symbol.asyncDispose]());
    },
    { stored: (email) => email.toLowerCase(), fixedUsername: 'username_is_fixed' },
  );
});

describe('what else a user pool answers', () => {
  let cognito: FakeCognito;
  let served: ServedTemplate;
  beforeAll(async () => {
    cognito = await startFakeCognito();
    served = await serve(cognito);
  });
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]();
    await cognito?.[Symbol.asyncDispose]();
  });
  const logIn = (identifier: string) => served.run('login', { identifier, password });

  test.each([
    { challenge: 'SOFTWARE_TOKEN_MFA' },
    { challenge: 'NEW_PASSWORD_REQUIRED' },
    { refusal: 'PasswordResetRequiredException' },
    { refusal: 'UserNotConfirmedException' },
  ])('%j is access_denied, and no wrong password', async (obstacle) => {
    cognito.add('kim', password, { email: 'kim@example.com' });
    cognito.obstacles.set('kim', obstacle);
    const [said = ''] = Object.values(obstacle);
    const reply = await logIn('kim@example.com');
    expect(reply).toMatchObject({ status: 403, body: { code: 'access_denied' } });
    expect(reply.body.detail).toContain(said);
    cognito.obstacles.clear();
  });

  test('an address that was stored as typed is found as typed', async () => {
    cognito.add('Lee', password, { email: 'Lee@Example.com' });
    expect(await logIn('Lee@Example.com')).toMatchObject({
      status: 200,
      body: { user: { username: 'Lee' } },
    });
  });

  test('a password that breaks the policy is a rejection, and leaves no user behind', async () => {
    const user = { email: 'max@example.com', username: 'max', password: 'short' };
    expect(await served.run('create', { user })).toMatchObject({
      status: 422,
      body: { code: 'script_rejected', script_code: 'invalid_password' },
    });
    expect(await served.run('get-user', { identifier: 'max' })).toMatchObject({ body: { found: false } });
    cognito.add('max', password, {});
    expect(await served.run('change-password', { identifier: 'max', new_password: 'short' })).toMatchObject({
      body: { script_code: 'invalid_password' },
    });
    expect(await logIn('max')).toMatchObject({ status: 200 });
  });

  test.each([
    ['the secret of its client', { COGNITO_CLIENT_SECRET: 'another' }, 'NotAuthorizedException'],
    ['the secret of its access key', { COGNITO_SECRET_ACCESS_KEY: 'another' }, 'InvalidSignatureException'],
    ['its access key', { COGNITO_ACCESS_KEY_ID: 'AKIAOTHER' }, 'UnrecognizedClientException'],
    ['the user pool', { COGNITO_USER_POOL_ID: 'eu-central-1_Other' }, 'ResourceNotFoundException'],
  ])('the scripts blame no user when %s is wrong', async (_what, env, name) => {
    cognito.add('kim', password, {});
    await using misconfigured = await serve(cognito, env);
    for (const secret of [password, 'wrong password'])
      expect(await misconfigured.run('login', { identifier: 'kim', password: secret })).toMatchObject({
        status: 502,
        body: { code: 'script_error', detail: `The user pool failed: ${name}` },
      });
  });
});
