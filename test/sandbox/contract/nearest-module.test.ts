import { expect, it } from 'vitest';
import { nearestModule } from '../../../sandbox/contract/nearest-module.ts';

const names = [
  '@aws-sdk/client-s3',
  'axios',
  'bcrypt',
  'bcryptjs',
  'fs',
  'lodash',
  'mongodb',
  'mysql',
  'path',
  'pg',
];

it.each([
  ['loadash', 'lodash'],
  ['lodahs', 'lodash'],
  ['lodash@4/nothing', 'lodash'],
  ['Lodash', 'lodash'],
  ['lodash.get', 'lodash'],
  ['axios/lib/core', 'axios'],
  ['mongdb@3.1.4', 'mongodb'],
  ['bcrytpjs', 'bcryptjs'],
  ['bcrypt-nodejs', 'bcrypt'],
  ['node:fss', 'fs'],
  ['@aws-sdk/client-s4', '@aws-sdk/client-s3'],
])('%s may mean %s', (request, meant) => {
  expect(nearestModule(request, names)).toBe(meant);
});

it.each(['left-pad', 'q', 'ip', 'oracledb', './lodahs', '/lodash', '', '@', 'pgp'.repeat(30)])(
  '%j means none',
  (request) => {
    expect(nearestModule(request, names)).toBeUndefined();
  },
);
