import { createRequire } from 'node:module';
import { growingBuffer } from './bson.ts';
import type { Library } from './library.ts';
import { urlOfTheRuntime } from './replaced-everywhere.ts';
import { lateHandshakeOf1, lateHandshakeOf11 } from './tedious.ts';

const family = 'Databases and directories';

const mongodb = {
  family,
  name: 'mongodb',
  absent: ['@aws-sdk/credential-providers'],
  refused: ['socks'],
  replace: { ...urlOfTheRuntime, '@mongodb-js/saslprep': 'saslprep.cjs' },
  patches: growingBuffer,
  unsupported:
    'Kerberos, `MONGODB-AWS`, client-side encryption, SOCKS5 proxies, compression by snappy and zstd',
} satisfies Partial<Library>;

const tedious = {
  family,
  name: 'tedious',
  refused: ['@azure/identity', '@azure/keyvault-keys', '@azure/ms-rest-nodeauth'],
  unsupported:
    'logins by Azure Active Directory, keys in Azure Key Vault, `instanceName` (its port is asked for by UDP)',
} satisfies Partial<Library>;

const mssql = {
  family,
  name: 'mssql',
  unsupported: 'as `tedious`; the driver `msnodesqlv8`',
} satisfies Partial<Library>;
const { version: mssqlVersion } = createRequire(import.meta.url)('mssql/package.json') as { version: string };
const encryption =
  '`sql.Connection` and addresses with `mssql://` are kept; the connection is encrypted and the certificate verified unless `options.encrypt` and `options.trustServerCertificate` say otherwise';

export const databases: Library[] = [
  {
    package: 'pg',
    family,
    layer: "require('./layers/pg.cjs')",
    pins: [0, 7],
    keeps:
      'pg.connect and pg.end of pg 6 are kept, events of a query too, and certificates are verified unless ssl.rejectUnauthorized is false',
    unsupported: '`pg.native`',
  },
  { package: 'pg-pool', family },
  {
    package: 'mysql',
    family,
    layer: "require('./layers/mysql.cjs')",
    // For bluebird, whose page tells to promisify the prototypes.
    subpaths: {
      'lib/Connection': 'mysql/lib/Connection',
      'lib/Pool': 'mysql/lib/Pool',
      pool: './layers/mysql-pool.cjs',
    },
    unsupported: 'logins by `caching_sha2_password`: take `mysql2`',
  },
  { package: 'mysql2', family, subpaths: { promise: 'mysql2/promise' } },
  // The last version that answers callbacks as well as promises, so that scripts of both styles run without a pin.
  { package: 'mongodb-4', ...mongodb, layer: "require('./layers/mongodb.cjs')" },
  {
    package: 'mongodb-3',
    ...mongodb,
    layer: "require('./layers/mongodb.cjs')",
    pins: [0, 3],
    keeps:
      'a client is connected, which has the methods of its database too, because mongodb 2 connected to a database',
    replace: { ...mongodb.replace, saslprep: 'saslprep.cjs', 'optional-require': 'optional-require.cjs' },
  },
  {
    package: 'mongo-getdb',
    family,
    version: '2.2.0',
    entry: () => "module.exports = require('./layers/mongo-getdb.cjs')(require('mongodb-3'));",
    propertyPaths: true,
    unsupported: "the address of the environment; it is this project's, over `mongodb@3`",
  },
  { package: 'mongodb-5', ...mongodb },
  { package: 'mongodb', ...mongodb, pins: [6, 99] },
  // Servers that old scripts reach without encryption have certificates that nobody has signed.
  {
    package: 'tedious',
    ...tedious,
    layer: "require('./layers/tedious.cjs')({ encrypt: false })",
    pins: [16, 99],
    keeps:
      'a configuration in the form of tedious 1 is taken; in the newer form the connection is encrypted and the certificate verified unless `options.encrypt` and `options.trustServerCertificate` say otherwise',
  },
  {
    package: 'tedious-1',
    ...tedious,
    layer: "require('./layers/tedious-1.cjs')",
    pins: [0, 2],
    keeps: '`connect` and `Types` are there, and columns of a row by their names',
    replace: { tls: 'secure-pair-tls.cjs' },
    patches: lateHandshakeOf1,
  },
  {
    package: 'tedious-11',
    ...tedious,
    layer: "require('./layers/tedious.cjs')()",
    pins: [3, 15],
    keeps:
      'a configuration in the form of tedious 1 is taken; connections are encrypted unless `options.encrypt` is false',
    replace: { 'adal-node': 'adal-node.cjs' },
    patches: lateHandshakeOf11,
  },
  { package: 'mssql', ...mssql, layer: "require('./layers/mssql.cjs')", keeps: encryption },
  {
    package: 'mssql-3',
    ...mssql,
    version: mssqlVersion,
    entry: () => "module.exports = require('./layers/mssql-3.cjs')(require('mssql'));",
    replace: { mssql: 'own:mssql' },
    pins: [0, 3],
    keeps: `a query answers its rows, as in mssql 3; ${encryption}`,
  },
  { package: 'redis-3', name: 'redis', family, pins: [0, 3] },
  { package: 'redis', family, pins: [4, 99] },
  { package: 'ioredis', family },
  {
    package: 'ldapjs',
    family,
    layer: "require('./layers/ldapjs.cjs')(require('@ldapjs/messages').SearchResultEntry)",
    keeps:
      'entries have `object` and `raw`, and a change names its attribute by a property, as before version 3',
    unsupported: 'servers',
  },
];
