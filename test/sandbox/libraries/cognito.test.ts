import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHttpServer, useGuest } from './use-guest.ts';

const jwt = createRequire(import.meta.url)('jsonwebtoken');
const guest = useGuest();
let server: Awaited<ReturnType<typeof startHttpServer>>;

const headers = { 'content-type': 'application/x-amz-json-1.1' };
const token = (claims: object) => jwt.sign({ sub: '42', ...claims }, 'k', { expiresIn: '1h' });

beforeAll(async () => {
  server = await startHttpServer(({ body }) => {
    const { AuthFlow, AuthParameters } = JSON.parse(body);
    if (AuthFlow !== 'USER_PASSWORD_AUTH' || AuthParameters.PASSWORD !== 'right') {
      const error = { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' };
      return { status: 400, headers, body: error };
    }
    const AuthenticationResult = {
      AccessToken: token({ token_use: 'access' }),
      IdToken: token({ email: 'jane@example.com', 'cognito:username': 'jane' }),
      RefreshToken: 'refresh',
      ExpiresIn: 3600,
      TokenType: 'Bearer',
    };
    return { headers, body: { ChallengeParameters: {}, AuthenticationResult } };
  });
});
afterAll(() => server?.close());

const login = (password: string) =>
  guest(
    async ({ require, configuration }) => {
      Object.assign(globalThis, { fetch: require('node-fetch@2.6.0') });
      const cognito = require('amazon-cognito-identity-js@3.0.14');
      const Pool = new cognito.CognitoUserPool({
        UserPoolId: 'eu-west-1_example',
        ClientId: 'a-client',
        endpoint: configuration.URL,
      });
      const user = new cognito.CognitoUser({ Username: 'jane', Pool });
      user.setAuthenticationFlowType('USER_PASSWORD_AUTH');
      const details = new cognito.AuthenticationDetails({
        Username: 'jane',
        Password: configuration.PASSWORD,
      });
      return new Promise((resolve) =>
        user.authenticateUser(details, {
          onSuccess: (session: { getIdToken(): { payload: unknown } }) =>
            resolve(session.getIdToken().payload),
          onFailure: ({ code, message }: { code: string; message: string }) => resolve({ code, message }),
        }),
      );
    },
    { URL: server.url, PASSWORD: password },
  );

it('logs a user of a pool in by password, with the fetch that the script puts on global', async () => {
  expect(await login('right')).toMatchObject({ email: 'jane@example.com', 'cognito:username': 'jane' });
  expect(server.received.at(-1)?.headers).toMatchObject({
    'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
  });
});

it('tells a wrong password by its code', async () => {
  expect(await login('wrong')).toEqual({
    code: 'NotAuthorizedException',
    message: 'Incorrect username or password.',
  });
});
