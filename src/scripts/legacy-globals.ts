import { type ModuleTable, resolveModule } from '../../sandbox/contract/modules.ts';
import type { FoundEntry } from './find-entry.ts';

interface GlobalWarning {
  code: 'legacy_global';
  message: string;
  line: number;
}

/** Globals that are worth a warning where they are used. */
export function namesToLookFor(modules: ModuleTable): string[] {
  return [
    ...Object.keys(modules.legacyGlobals),
    ...Object.keys(removedGlobals),
    ...nodesCrypto.map((member) => `crypto.${member}`),
  ];
}

export function globalWarnings(
  { freeNames }: Pick<FoundEntry, 'freeNames'>,
  modules: ModuleTable,
): GlobalWarning[] {
  const ofCrypto = freeNames.find(({ name }) => name.startsWith('crypto.'));
  return freeNames
    .filter((found) => !found.name.startsWith('crypto.') || found === ofCrypto)
    .map(({ name, line }) => ({ code: 'legacy_global', message: adviceOn(name, modules), line }));
}

function adviceOn(name: string, modules: ModuleTable): string {
  if (name.startsWith('crypto.')) {
    const state = `is Web Crypto, where Node has no ${name.slice('crypto.'.length)}; it is kept for old scripts`;
    return `The global 'crypto' ${state}; write const crypto = require('crypto');`;
  }
  const served = modules.legacyGlobals[name];
  const module = removedGlobals[name] ?? name;
  if (served !== undefined) {
    const instead = insteadOf[name] ?? `const ${name} = require('${served}');`;
    return `The global '${name}' is kept for old scripts only; write ${instead}`;
  }
  if ('missing' in resolveModule(module, modules))
    return `The global '${name}' no longer exists, and there is no module '${module}'`;
  return `The global '${name}' no longer exists; write const ${name} = require('${module}');`;
}

/** What to write, where it is not what the runtime loads for the global. */
const insteadOf: Readonly<Record<string, string>> = {
  _: "const _ = require('lodash'); it is lodash 4, without the names that lodash 3 had besides",
  mysql_pool: "require('mysql').createPool({ … }) and keep the pool on global",
  pbkdf2: "const pbkdf2 = require('easy-pbkdf2')();",
  ObjectID: "const { ObjectId } = require('mongodb');",
};

/** Globals that Auth0's runtime lost with Node 16 and that are not kept alive here, with the module behind each. */
const removedGlobals: Readonly<Record<string, string>> = {
  Auth0: 'auth0',
  azure_storage: 'azure-storage',
  couchbase: 'couchbase',
  cql: 'node-cassandra-cql',
  ip: 'ip',
  Knex: 'knex',
  Pubnub: 'pubnub',
};

/** What scripts use of Node's module `crypto`, which was a global, and Web Crypto has not. */
const nodesCrypto = [
  'createCipher',
  'createCipheriv',
  'createDecipher',
  'createDecipheriv',
  'createHash',
  'createHmac',
  'createSign',
  'createVerify',
  'pbkdf2',
  'pbkdf2Sync',
  'privateDecrypt',
  'pseudoRandomBytes',
  'publicEncrypt',
  'randomBytes',
  'randomInt',
  'scrypt',
  'scryptSync',
  'timingSafeEqual',
];
