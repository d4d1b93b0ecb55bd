import type { Library } from './library.ts';
import { urlOfTheRuntime } from './replaced-everywhere.ts';

const family = 'Cloud services';

export const cloud: Library[] = [
  { package: 'amazon-cognito-identity-js', family, replace: urlOfTheRuntime },
  { package: 'auth0-2', name: 'auth0', family, pins: [0, 3] },
  { package: 'auth0', family, pins: [4, 99], subpaths: { legacy: 'auth0/legacy' } },
  { package: '@aws-sdk/client-cognito-identity-provider', family },
  { package: '@aws-sdk/client-dynamodb', family },
  { package: '@aws-sdk/client-lambda', family },
  { package: '@aws-sdk/client-s3', family },
  { package: '@aws-sdk/client-secrets-manager', family },
  { package: '@aws-sdk/client-ses', family },
  { package: '@aws-sdk/client-sns', family },
  { package: '@aws-sdk/client-sqs', family },
  { package: '@aws-sdk/lib-dynamodb', family },
];
