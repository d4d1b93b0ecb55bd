import { awsSdk2 } from './aws-sdk.ts';
import type { Library } from './library.ts';
import { urlOfTheRuntime } from './replaced-everywhere.ts';

const family = 'Cloud services';

const awsClients = [
  'client-cognito-identity-provider',
  'client-dynamodb',
  'client-lambda',
  'client-s3',
  'client-secrets-manager',
  'client-ses',
  'client-sns',
  'client-sqs',
  'lib-dynamodb',
];

export const cloud: Library[] = [
  {
    package: 'amazon-cognito-identity-js',
    family,
    replace: urlOfTheRuntime,
    keeps: '`fetch` is there already, and may be replaced on `global`',
  },
  {
    package: 'auth0-2',
    name: 'auth0',
    family,
    pins: [0, 3],
  },
  {
    package: 'auth0',
    family,
    pins: [4, 99],
    subpaths: { legacy: 'auth0/legacy' },
    keeps: "`require('auth0/legacy')` has the API of version 4",
  },
  awsSdk2,
  ...awsClients.map(
    (client): Library => ({
      package: `@aws-sdk/${client}`,
      family,
      unsupported:
        "credentials from files, the environment and a machine's metadata: give them to the client",
    }),
  ),
];
