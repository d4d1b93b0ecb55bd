import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ActionName, actionNames } from '../../../sandbox/contract/actions.ts';
import { legacyGlobals, type ModuleTable } from '../../../sandbox/contract/modules.ts';
import { checkSource } from '../../../src/passkeys/source/check-source.ts';

const names = [
  '@aws-sdk/client-cognito-identity-provider',
  'axios',
  'bcrypt',
  'crypto',
  'got',
  'https',
  'ldapjs',
  'lodash',
  'mongodb',
  'mssql',
  'mysql',
  'mysql2',
  'pg',
  'request',
  'util',
  'uuid',
];

/** What the scripts here require; a test does not depend on what is on board. */
export const modules: ModuleTable = {
  modules: names.map((name) => ({
    id: name,
    name,
    version: '7.0.0',
    kind: 'library',
    aliases: [],
    subpaths: ['promise'],
  })),
  legacyGlobals,
};

/** Checks a folder as it is served: `database.json` and the scripts that it names. */
export function checkConnection(folder: string) {
  const { name, options } = JSON.parse(readFileSync(path.join(folder, 'database.json'), 'utf8'));
  const scripts = actionNames
    .filter((action) => existsSync(path.join(folder, `${action}.js`)))
    .map((action) => ({
      action,
      file: `${name}/${action}.js`,
      source: readFileSync(path.join(folder, `${action}.js`), 'utf8'),
    }));
  return checkSource({
    name,
    contextEnabled: options.enable_script_context === true,
    scripts,
    modules,
    configurationKeys: Object.keys(options.configuration ?? {}),
    importMode: options.import_mode === true,
  });
}

/** Checks one script; the others are left out, and not missed. */
export function checkOne(source: string, action: ActionName = 'get_user', contextEnabled = true) {
  const scripts = [{ action, file: `acme/${action}.js`, source }];
  return checkSource({ name: 'acme', contextEnabled, scripts, modules }).filter(
    ({ code }) => code !== 'script_missing',
  );
}

export const codesOf = (findings: readonly { code: string }[]) => findings.map(({ code }) => code);
