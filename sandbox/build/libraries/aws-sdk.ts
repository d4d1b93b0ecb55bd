import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Library } from './library.ts';

/** The services of version 2 that scripts call; all three hundred would be 14 MB. */
const services = [
  'CognitoIdentity',
  'CognitoIdentityServiceProvider',
  'DynamoDB',
  'KMS',
  'Lambda',
  'S3',
  'SecretsManager',
  'SES',
  'SNS',
  'SQS',
  'SSM',
  'STS',
] as const;

const fileOf = (service: string) => `clients/${service.toLowerCase()}`;

/** The names of all services, from the package's own list. */
function allServices(): string[] {
  const list = readFileSync(createRequire(import.meta.url).resolve('aws-sdk/clients/all.js'), 'utf8');
  return [...list.matchAll(/^ {2}(\w+): require\(/gm)].flatMap(([, name]) => name ?? []);
}

/** The core, the services that are on board, and for each of the others a class that refuses by name. */
function entry(): string {
  const left = allServices().filter((name) => !(services as readonly string[]).includes(name));
  return [
    "require('aws-sdk/lib/node_loader');",
    "const AWS = require('aws-sdk/lib/core');",
    ...services.map((service) => `require('aws-sdk/${fileOf(service)}');`),
    `module.exports = require('./layers/aws-sdk.cjs')(AWS, ${JSON.stringify(left.join(' '))});`,
  ].join('\n');
}

export const awsSdk2: Library = {
  package: 'aws-sdk',
  family: 'Cloud services',
  entry,
  // Each context would say once, by a timer, that version 2 is no longer maintained.
  patches: [{ file: /maintenance_mode_message\.js$/, find: /^setTimeout\([\s\S]*/gm, replace: '' }],
  subpaths: Object.fromEntries(services.map((service) => [fileOf(service), `aws-sdk/${fileOf(service)}`])),
  unsupported: `services other than ${services.join(', ')}; credentials from files and a machine's metadata`,
};
