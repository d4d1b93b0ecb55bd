import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HttpAnswer, type Received, startHttpServer, useGuest } from './use-guest.ts';

const guest = useGuest();
let server: Awaited<ReturnType<typeof startHttpServer>>;
let configuration: Record<string, string>;

const amzJson = { 'content-type': 'application/x-amz-json-1.1' };
const jane = {
  Username: 'jane',
  UserAttributes: [{ Name: 'email', Value: 'jane@example.com' }],
  Enabled: true,
};

/** What the services that are asked here answer, by the end of their `x-amz-target` or by path. */
function answer({ headers, url, body }: Received): HttpAnswer {
  const target = String(headers['x-amz-target'] ?? url);
  const input = body.startsWith('{') ? JSON.parse(body) : {};
  if (target.endsWith('.AdminGetUser')) {
    if (input.Username === 'jane') return { headers: amzJson, body: jane };
    const error = { __type: 'UserNotFoundException', message: 'User does not exist.' };
    return { status: 400, headers: { ...amzJson, 'x-amzn-errortype': 'UserNotFoundException' }, body: error };
  }
  if (target.endsWith('.GetItem')) {
    const item = { id: { S: '42' }, logins: { N: '7' }, tags: { L: [{ S: 'a' }] } };
    return { headers: { 'content-type': 'application/x-amz-json-1.0' }, body: { Item: item } };
  }
  if (target.includes('/invocations')) return { body: { statusCode: 200, input } };
  if (target.endsWith('.GetSecretValue'))
    return { headers: amzJson, body: { Name: 'n', SecretString: 'hush' } };
  if (target.startsWith('/bucket/')) return { headers: { 'content-type': 'text/plain' }, body: 'an object' };
  return { status: 500, body: { message: `nothing is known of ${target}` } };
}

beforeAll(async () => {
  server = await startHttpServer(answer);
  configuration = { URL: server.url, KEY_ID: 'AKIDEXAMPLE', KEY: 'the-secret-access-key' };
});
beforeEach(() => server.received.splice(0));
afterAll(() => server?.close());

/** By Signature Version 4, for the service and with nothing of the secret in it. */
function expectSigned({ headers }: Received, service: string): void {
  const date = String(headers['x-amz-date']).slice(0, 8);
  const scope = `AKIDEXAMPLE/${date}/eu-west-1/${service}/aws4_request`;
  expect(headers.authorization).toMatch(
    new RegExp(`^AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=\\S*host\\S*, Signature=[0-9a-f]{64}$`),
  );
  expect(JSON.stringify(headers)).not.toContain('the-secret-access-key');
}

const serviceOf = ({ url }: Received) =>
  url === '/' ? 'dynamodb' : url.includes('/invocations') ? 'lambda' : 's3';

describe('aws-sdk 2', () => {
  it('asks Cognito by promise and by callback, signs, and tells its errors', async () => {
    const result = await guest(async ({ require, configuration: { URL, KEY_ID, KEY } }) => {
      const AWS = require('aws-sdk@2.593.0');
      AWS.config.update({ accessKeyId: KEY_ID, secretAccessKey: KEY, region: 'eu-west-1' });
      const cognito = new AWS.CognitoIdentityServiceProvider({ endpoint: URL });
      const UserPoolId = 'eu-west-1_example';
      const found = await cognito.adminGetUser({ UserPoolId, Username: 'jane' }).promise();
      const failure = await new Promise<{ code: string; message: string; statusCode: number }>((resolve) =>
        cognito.adminGetUser({ UserPoolId, Username: 'john' }, resolve),
      );
      const { code, message, statusCode } = failure;
      return { found, failure: { code, message, statusCode } };
    }, configuration);
    expect(result).toEqual({
      found: jane,
      failure: { code: 'UserNotFoundException', message: 'User does not exist.', statusCode: 400 },
    });
    expect(server.received).toHaveLength(2);
    for (const request of server.received) expectSigned(request, 'cognito-idp');
  });

  it('reads DynamoDB documents, invokes a Lambda function, gets an object of S3', async () => {
    const result = await guest(async ({ require, configuration: { URL, KEY_ID, KEY } }) => {
      const AWS = require('aws-sdk');
      const options = { endpoint: URL, accessKeyId: KEY_ID, secretAccessKey: KEY, region: 'eu-west-1' };
      const documents = new AWS.DynamoDB.DocumentClient(options);
      const lambda = new AWS.Lambda(options);
      const s3 = new AWS.S3({ ...options, s3ForcePathStyle: true });
      const invoked = await lambda.invoke({ FunctionName: 'f', Payload: '{"a":"é"}' }).promise();
      const object = await s3.getObject({ Bucket: 'bucket', Key: 'key' }).promise();
      return {
        item: (await documents.get({ TableName: 'users', Key: { id: '42' } }).promise()).Item,
        payload: JSON.parse(invoked.Payload),
        object: [object.ContentType, object.Body.toString()],
      };
    }, configuration);
    expect(result).toEqual({
      item: { id: '42', logins: 7, tags: ['a'] },
      payload: { statusCode: 200, input: { a: 'é' } },
      object: ['text/plain', 'an object'],
    });
    for (const request of server.received) expectSigned(request, serviceOf(request));
  });

  it('has its services as parts of the package, and refuses the others by name', async () => {
    const result = await guest(({ require }) => {
      const AWS = require('aws-sdk');
      const names = ['CognitoIdentity', 'KMS', 'SES', 'SNS', 'SQS', 'SecretsManager', 'SSM', 'STS'];
      let refusal: unknown;
      try {
        new AWS.EC2();
      } catch (error) {
        refusal = [(error as { code: string }).code, (error as Error).message];
      }
      return {
        made: names.filter((name) => typeof new AWS[name]({ region: 'eu-west-1' }).makeRequest === 'function')
          .length,
        part: require('aws-sdk/clients/dynamodb') === AWS.DynamoDB,
        refusal,
      };
    });
    expect(result).toEqual({
      made: 8,
      part: true,
      refusal: [
        'ERR_METHOD_NOT_IMPLEMENTED',
        'ERR_METHOD_NOT_IMPLEMENTED: AWS.EC2 is not available to action scripts',
      ],
    });
  });
});

describe('@aws-sdk clients', () => {
  it('ask Cognito, sign, and tell errors by their class', async () => {
    const result = await guest(async ({ require, configuration: { URL, KEY_ID, KEY } }) => {
      const library = require('@aws-sdk/client-cognito-identity-provider');
      const { CognitoIdentityProviderClient, AdminGetUserCommand, UserNotFoundException } = library;
      const credentials = { accessKeyId: KEY_ID, secretAccessKey: KEY };
      const client = new CognitoIdentityProviderClient({ region: 'eu-west-1', endpoint: URL, credentials });
      const get = (Username: string) =>
        client.send(new AdminGetUserCommand({ UserPoolId: 'eu-west-1_example', Username }));
      const { Username, UserAttributes, Enabled } = await get('jane');
      const failure = await get('john').catch((error: Error) => error);
      return {
        found: { Username, UserAttributes, Enabled },
        failure: [failure.name, failure.message, failure instanceof UserNotFoundException],
      };
    }, configuration);
    expect(result).toEqual({ found: jane, failure: ['UserNotFoundException', 'User does not exist.', true] });
    for (const request of server.received) expectSigned(request, 'cognito-idp');
  });

  it('read DynamoDB documents, invoke a Lambda function, get a secret and an object', async () => {
    const result = await guest(async ({ require, configuration: { URL, KEY_ID, KEY } }) => {
      const options = {
        region: 'eu-west-1',
        endpoint: URL,
        credentials: { accessKeyId: KEY_ID, secretAccessKey: KEY },
      };
      const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
      const { DynamoDBDocumentClient, GetCommand } = require('@aws-sdk/lib-dynamodb');
      const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
      const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');
      const { S3Client, GetObjectCommand } = require('@aws-sdk/client-s3');
      const documents = DynamoDBDocumentClient.from(new DynamoDBClient(options));
      const s3 = new S3Client({ ...options, forcePathStyle: true });
      const get = new GetCommand({ TableName: 'users', Key: { id: '42' } });
      const invoke = new InvokeCommand({ FunctionName: 'f', Payload: Buffer.from('{"a":1}') });
      const secret = new GetSecretValueCommand({ SecretId: 'n' });
      const object = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
      return {
        item: (await documents.send(get)).Item,
        payload: JSON.parse((await new LambdaClient(options).send(invoke)).Payload.transformToString()),
        secret: (await new SecretsManagerClient(options).send(secret)).SecretString,
        object: await object.Body.transformToString(),
      };
    }, configuration);
    expect(result).toEqual({
      item: { id: '42', logins: 7, tags: ['a'] },
      payload: { statusCode: 200, input: { a: 1 } },
      secret: 'hush',
      object: 'an object',
    });
  });

  it.each(['ses', 'sns', 'sqs'])('client-%s makes a client', async (name) => {
    const made = await guest(
      ({ require, configuration }) => {
        const library = require(`@aws-sdk/client-${configuration.NAME}`);
        const Client = library[`${configuration.NAME!.toUpperCase()}Client`];
        return typeof new Client({ region: 'eu-west-1' }).send;
      },
      { NAME: name },
    );
    expect(made).toBe('function');
  });
});
