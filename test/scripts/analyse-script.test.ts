import { describe, expect, it } from 'vitest';
import { type ActionName, actionNames } from '../../sandbox/contract/actions.ts';
import { analyseScript } from '../../src/scripts/analyse-script.ts';
import { parameterNames } from '../../src/scripts/contracts.ts';
import { moduleTable as modules } from './module-table.ts';

function analyse(source: string, { action = 'create' as ActionName, contextEnabled = true } = {}) {
  const analysed = analyseScript(source, action, { contextEnabled, modules });
  if ('problem' in analysed) throw new Error(analysed.problem.message);
  return analysed;
}

const codesOf = (analysed: ReturnType<typeof analyse>) => analysed.warnings.map(({ code }) => code);

describe('analyseScript on a connection with the context object', () => {
  it.each(actionNames)('gives the full arguments to a %s that declares them', (action) => {
    const analysed = analyse(`function f(${parameterNames(action, 'context')}) {}`, { action });
    expect(analysed).toMatchObject({ arguments: 'context', warnings: [] });
  });

  it.each(actionNames)('calls a %s without it that declares the parameters without it', (action) => {
    const analysed = analyse(`function f(${parameterNames(action, 'plain')}) {}`, { action });
    expect(analysed.arguments).toBe('plain');
    expect(codesOf(analysed)).toEqual(['entry_without_context']);
  });

  it('says that such a get_user is never run for a lookup by user_id', () => {
    const analysed = analyse('function getUser(email, callback) {}', { action: 'get_user' });
    expect(analysed.warnings[0]?.message).toContain('user_id');
  });

  it.each([
    ['none', '', ['parameter_mismatch']],
    ['one', 'user', ['parameter_mismatch']],
    ['more', 'a, b, c, d', ['parameter_mismatch']],
    ['rest', '...args', []],
  ])('gives the full arguments to an entry with %s parameters', (_title, parameters, codes) => {
    const analysed = analyse(`function create(${parameters}) {}`);
    expect(analysed.arguments).toBe('context');
    expect(codesOf(analysed)).toEqual(codes);
  });
});

describe('analyseScript on a connection without the context object', () => {
  it('gives the arguments without it', () => {
    const analysed = analyse('function create(user, callback) {}', { contextEnabled: false });
    expect(analysed).toMatchObject({ arguments: 'plain', warnings: [] });
  });

  it('warns of an entry that expects it', () => {
    const analysed = analyse('function create(user, context, callback) {}', { contextEnabled: false });
    expect(analysed.arguments).toBe('plain');
    expect(codesOf(analysed)).toEqual(['entry_expects_context']);
  });

  it('warns of another number of parameters', () => {
    expect(codesOf(analyse('function create(user) {}', { contextEnabled: false }))).toEqual([
      'parameter_mismatch',
    ]);
  });
});

describe('analyseScript on modules and globals', () => {
  const entry = 'function create(user, context, callback) {}';

  it('lists what is required, pins included', () => {
    const analysed = analyse(`${entry}\nrequire('axios@1.2.3'); require('crypto');`);
    expect(analysed).toMatchObject({ requires: ['axios@1.2.3', 'crypto'], warnings: [] });
  });

  it('warns of a pin that another version answers', () => {
    expect(analyse(`${entry}\nrequire('axios@0.22.0');`).warnings).toEqual([
      { code: 'module_version', message: expect.stringContaining('1.7.0'), line: 2 },
    ]);
  });

  it('warns of a module that there is not, and names those there are', () => {
    expect(analyse(`${entry}\n\nrequire('oracledb');`).warnings).toEqual([
      { code: 'module_unknown', message: expect.stringContaining('axios, bcrypt, crypto'), line: 3 },
    ]);
  });

  it('suggests the require for a bare global of old scripts', () => {
    const analysed = analyse(
      `function create(user, context, callback) {\n  request.get(jwt); couchbase();\n}`,
    );
    expect(analysed.warnings).toEqual([
      { code: 'legacy_global', message: expect.stringContaining("require('request')"), line: 2 },
      { code: 'legacy_global', message: expect.stringContaining("require('jsonwebtoken')"), line: 2 },
      { code: 'legacy_global', message: expect.stringContaining('no longer exists'), line: 2 },
    ]);
  });

  it('says of a global that is gone whether there is its module', () => {
    const [gone] = analyse(`function create(user, context, callback) { Knex({}); }`).warnings;
    expect(gone?.message).toBe("The global 'Knex' no longer exists, and there is no module 'knex'");
  });

  it('tells the global crypto of Node from Web Crypto', () => {
    const uses = `${entry}\ncrypto.randomUUID(); crypto.subtle;\ncrypto.createHash('md5'); crypto.randomBytes(1);`;
    expect(analyse(uses).warnings).toEqual([
      {
        code: 'legacy_global',
        message: expect.stringContaining("const crypto = require('crypto');"),
        line: 3,
      },
    ]);
    expect(analyse(`const crypto = require('crypto');\n${uses}`).warnings).toEqual([]);
  });

  it('is quiet about a global that the script requires itself', () => {
    expect(analyse(`const bcrypt = require('bcrypt');\n${entry}`).warnings).toEqual([]);
  });
});
