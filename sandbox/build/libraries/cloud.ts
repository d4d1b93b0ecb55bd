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
  { package: 'auth0-2', name: 'auth0', family, pins: [0, 3] },
  // Version 7 brings version 4 along, as `auth0/legacy`.
  { package: 'auth0-legacy', name: 'auth0', family },
  { package: 'auth0', family, esm: true, pins: [5, 99], subpaths: { legacy: 'auth0/legacy' } },
  awsSdk2,
  ...awsClients.map(
    (client): Library => ({
      package: `@aws-sdk/${client}`,
      family,
      esm: true,
      unsupported: 'credentials that are not given to the client',
    }),
  ),
];
