import { growingBuffer } from './bson.ts';
import type { Library } from './library.ts';
import { urlOfTheRuntime } from './replaced-everywhere.ts';

const family = 'Databases and directories';

const mongodb = {
  family,
  absent: ['@aws-sdk/credential-providers'],
  refused: ['socks'],
  replace: { ...urlOfTheRuntime, '@mongodb-js/saslprep': 'saslprep.cjs' },
  patches: growingBuffer,
} satisfies Partial<Library>;

const azure = ['@azure/identity', '@azure/keyvault-keys', '@azure/ms-rest-nodeauth'];

export const databases: Library[] = [
  { package: 'pg', family },
  { package: 'pg-pool', family },
  { package: 'mysql', family },
  { package: 'mysql2', family, subpaths: { promise: 'mysql2/promise' } },
  { package: 'mongodb-4', name: 'mongodb', ...mongodb },
  {
    package: 'mongodb-3',
    name: 'mongodb',
    pins: [0, 3],
    ...mongodb,
    replace: { 'optional-require': 'optional-require.cjs', saslprep: 'saslprep.cjs' },
  },
  { package: 'mongodb-5', name: 'mongodb', ...mongodb },
  { package: 'mongodb', pins: [6, 99], ...mongodb },
  { package: 'tedious', family, refused: azure },
  { package: 'tedious-1', name: 'tedious', family, pins: [0, 2], refused: azure },
  {
    package: 'tedious-11',
    name: 'tedious',
    family,
    pins: [3, 15],
    refused: azure,
    replace: { 'adal-node': 'adal-node.cjs' },
  },
  { package: 'mssql', family, refused: azure },
  { package: 'redis-3', name: 'redis', family, pins: [0, 3] },
  { package: 'redis', family, pins: [4, 99] },
  { package: 'ioredis', family },
  { package: 'ldapjs', family },
];
