import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { helpersOf } from '../../../src/passkeys/check-readiness.ts';
import { checkSource } from '../../../src/passkeys/source/check-source.ts';
import { sourceCodes } from '../../../src/passkeys/source/source-codes.ts';
import { faultyFolders, faultyRoot, plantedIn } from '../open-faulty.ts';
import { checkConnection, checkOne, codesOf, modules } from './check-connection.ts';

const root = path.join(import.meta.dirname, '../../..');
const templates = path.join(root, 'scripts-templates');
const faulty = path.join(faultyRoot, 'database-connections');

describe('a connection made from a template has no finding', () => {
  const folders = readdirSync(templates).filter((name) =>
    existsSync(path.join(templates, name, 'database.json')),
  );
  it.each(folders)('%s', (name) => {
    expect(checkConnection(path.join(templates, name))).toEqual([]);
  });
});

const planted = faultyFolders(sourceCodes);

describe('of a connection with one fault, that one is found and nothing else', () => {
  it.each(['sound', ...planted])('%s', (folder) => {
    const code = plantedIn(folder);
    expect(codesOf(checkConnection(path.join(faulty, folder)))).toEqual(code ? [code] : []);
  });

  it('there is one for every code', () => {
    expect([...new Set(planted.map(plantedIn))].sort()).toEqual(Object.keys(sourceCodes).sort());
  });
});

describe('a finding', () => {
  it('names script, file and line', () => {
    const [finding] = checkConnection(path.join(faulty, 'outage-as-not-found'));
    expect(finding).toMatchObject({ script: 'get_user', file: 'outage-as-not-found/get_user.js', line: 13 });
  });

  it('of a secret does not hold it', () => {
    for (const folder of ['secret-in-source', 'secret-in-source-2']) {
      const text = JSON.stringify(checkConnection(path.join(faulty, folder)));
      expect(text).not.toMatch(/tok-4711|k3y8f02b/);
    }
  });

  it('says which module may have been meant', () => {
    const [finding] = checkConnection(path.join(faulty, 'module-unavailable'));
    expect(finding?.message).toContain("'axios'");
  });
});

describe('scripts that are missing', () => {
  const missing = (importMode: boolean) =>
    checkSource({ name: 'acme', contextEnabled: true, scripts: [], modules, importMode }).map(
      ({ script }) => script,
    );

  it('are login, get_user and create', () => expect(missing(false)).toEqual(['login', 'get_user', 'create']));
  it('with import, create may be missing', () => expect(missing(true)).toEqual(['login', 'get_user']));
});

it('finds what is wrong in any version of a helper that a script has', () => {
  const helpers = helpersOf({
    helperSets: [
      [{ file: 'acme/lib/a.js', source: 'new' }],
      [{ file: 'acme/lib/a.js', source: 'module.exports = 1' }],
      [{ file: 'acme/lib/a.js', source: 'module.exports = 1' }],
    ],
  });
  expect(helpers).toHaveLength(2);
  const source =
    'function getUser(id, context, callback) { find(id, context, callback, configuration.API_ULR); }';
  const found = checkSource({
    name: 'acme',
    contextEnabled: true,
    modules,
    importMode: false,
    configurationKeys: ['API_URL'],
    scripts: [{ action: 'get_user', file: 'acme/get_user.js', source }],
    helpers,
  });
  expect(codesOf(found)).toEqual([
    'script_missing',
    'script_missing',
    'configuration_key_unknown',
    'script_unparsable',
  ]);
});

describe('helper files', () => {
  const check = (source: string, file = 'acme/lib/store.js') =>
    codesOf(
      checkSource({ name: 'acme', contextEnabled: true, scripts: [], helpers: [{ file, source }], modules }),
    ).filter((code) => code !== 'script_missing');

  it.each([
    ['a secret', "module.exports = { apiKey: 'k3y8f02b7c1d94ae' };", ['secret_in_source']],
    ['a module that there is not', "module.exports = require('axois');", ['module_unavailable']],
    ['wrong syntax', 'module.exports = {{', ['script_unparsable']],
    ['nothing to say of', "module.exports = require('axios');", []],
  ])('%s', (_title, source, codes) => expect(check(source)).toEqual(codes));

  it('JSON is not read as a program', () => expect(check('{"a":1}', 'acme/lib/a.json')).toEqual([]));

  it('may be where Get User asks for the identifier type', () => {
    const source =
      "const find = require('./lib/find');\nfunction getUser(id, context, callback) { find(id, callback); }";
    const scripts = [{ action: 'get_user' as const, file: 'acme/get_user.js', source }];
    const helpers = [
      { file: 'acme/lib/find.js', source: 'module.exports = (id, cb) => cb(null, identifierType);' },
    ];
    const codes = (given: typeof helpers) =>
      codesOf(checkSource({ name: 'acme', contextEnabled: true, scripts, helpers: given, modules }));
    expect(codes([])).toContain('identifier_type_unread');
    expect(codes(helpers)).not.toContain('identifier_type_unread');
  });
});

const rest = `
  axios.get(url)
    .then((response) => {
      callback(null, { user_id: response.data.id, email: response.data.email });
    })
    .catch(() => callback(null));
}
`;
const url = '  const url = `$CONFIG/get_user/$VALUE`;'
  .replace('$CONFIG', '$' + '{configuration.baseAPIUrl}')
  .replace('$VALUE', '$' + '{identifierValue}');
const begin =
  "  const axios = require('axios');\n  const type = context.identifierType === 'user_id' ? 'id' : 'identifier';\n";
const oldHeader = 'function getUser(email, callback) {';
const newHeader = 'function getUser(identifierValue, context, callback) {';

/** As people paste them from the setup of passkeys. */
describe('the two scripts of a passkey setup', () => {
  it('applied, Get User takes an outage for nobody and encodes nothing', () => {
    const findings = checkOne(`${newHeader}\n${begin}${url}${rest}`);
    expect(codesOf(findings)).toEqual(['identifier_unencoded', 'outage_as_not_found']);
  });

  it.each([
    [
      'two headers and two ends of the URL',
      `${oldHeader}\n${newHeader}\n${begin}${url}\n?type=type\`;${rest}`,
    ],
    [
      'two ends of the URL, the old one first',
      `${oldHeader}\n${newHeader}\n${begin}${url.replace('`;', '')}\n\`;\n?type=type\`;${rest}`,
    ],
    [
      'a header of the old name before the new one',
      `function getByEmail(email, callback) {\n${newHeader}\n${begin}${url}${rest}`,
    ],
    ['two headers, the new one first', `${newHeader}\n${oldHeader}\n${begin}${url}${rest}`],
    ['the marks of a diff', `- ${oldHeader}\n+ ${newHeader}\n${begin}${url}${rest}`],
  ])('pasted with %s, it does not parse, and the rest is found all the same', (_title, source) => {
    const findings = checkOne(source);
    expect(findings[0]).toMatchObject({ code: 'script_unparsable', line: expect.any(Number) });
    expect(codesOf(findings).slice(1)).toEqual(['identifier_unencoded', 'outage_as_not_found']);
  });

  it('Create takes no context, and hands on the whole user', () => {
    const source = `function create(user, callback) {
  const axios = require('axios');
  axios.post(\`\${configuration.baseAPIUrl}/create\`, user)
    .then((response) => callback(null, { user_id: response.data.id, email: response.data.email }))
    .catch((error) => callback(new Error(error.message)));
}
`;
    expect(codesOf(checkOne(source, 'create'))).toEqual([
      'context_parameter_missing',
      'passkey_material_stored',
    ]);
  });
});

describe('hostile sources are borne', () => {
  const call = 'axios.get(url).then((r) => { if (r) callback(null, r); })';
  it.each([
    [
      'deep parentheses',
      `function getUser(a, context, callback) { return ${'('.repeat(9000)}1${')'.repeat(9000)}; }`,
    ],
    [
      'deep functions',
      `function getUser(a, context, callback) { ${'(() => {'.repeat(900)} callback(); ${'})();'.repeat(900)} }`,
    ],
    [
      'a long chain',
      `function getUser(a, context, callback) { x${'.then((r) => callback(r))'.repeat(1000)}; }`,
    ],
    [
      'a long sum',
      `function getUser(a, context, callback) { axios.get(a ${'+ a '.repeat(4000)}); callback(); }`,
    ],
    [
      'many branches',
      `function getUser(a, context, callback) { ${'if (a.b) callback(a); else if (a.c) x(); '.repeat(500)} }`,
    ],
    [
      'many different tests',
      `function getUser(a, context, callback) { ${Array.from({ length: 400 }, (_, i) => `if (a.b${i % 60}) { a.c(); }`).join(' ')} }`,
    ],
    ['many of the same calls', `function getUser(a, context, callback) { ${`${call}; `.repeat(400)} }`],
    ['a member chain', `function getUser(a, context, callback) { return a${'.b'.repeat(10_000)}; }`],
    [
      'names that mean each other',
      'function getUser(a, context, callback) { let x = y; let y = x; axios.get(x); callback(null, x); }',
    ],
    [
      'functions that call each other',
      'function getUser(a, context, callback) { f(); function f() { g(); } function g() { f(); callback(); } }',
    ],
    [
      'doubling names',
      `function getUser(a, context, callback) { ${Array.from({ length: 60 }, (_, i) => `const v${i + 1} = v${i} + v${i};`).join('')} db.query(v60); }`,
    ],
    ['nothing', ''],
    ['no text', '\0\uFFFF'],
  ])('%s', (_title, source) => {
    expect(() => checkOne(source)).not.toThrow();
  });

  it('a syntax error in the middle of much', () => {
    const lines = readFileSync(path.join(templates, 'mysql/get_user.js'), 'utf8').repeat(3);
    expect(codesOf(checkOne(`${lines}\n}`))).toContain('script_unparsable');
  });
});
