import { beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import { relyingPartyMistake } from '../../src/passkeys/settings/relying-party.ts';
import type { TenantSettings } from '../../src/passkeys/settings/settings.ts';
import { settingsCodes } from '../../src/passkeys/settings/settings-codes.ts';
import {
  codesOf,
  faultyFolders,
  faultyRoot,
  openConnections,
  plantedIn,
  reportOf,
  withOptions,
} from './open-faulty.ts';

const faults = faultyFolders(settingsCodes).map((name) => plantedIn(name)!);

let connections: readonly Connection[] = [];
beforeAll(async () => {
  connections = await openConnections(faultyRoot);
});

function faulty(code: string): Connection {
  return connections.find(({ name }) => name === code.replaceAll('_', '-'))!;
}

describe('options', () => {
  test('there is a faulty connection for each code of options and scripts', () => {
    const tenantWide = [
      'classic_login',
      'identifier_first_off',
      'custom_login_page_on',
      'custom_domain_missing',
      'relying_party_mismatch',
      'tenant_file_broken',
    ];
    expect([...faults, ...tenantWide].sort()).toEqual(Object.keys(settingsCodes).sort());
  });

  test.each(faults)('%s is found where it is, and nothing else', (code) => {
    const report = reportOf(faulty(code));
    expect(codesOf(report)).toEqual([code]);
    expect(report.ready).toBe(settingsCodes[code as keyof typeof settingsCodes].severity === 'warning');
    expect(report.checks).toContainEqual({ family: 'settings', name: code, status: 'failed' });
    const [finding] = report.findings;
    expect(finding?.file).toMatch(new RegExp(`^${code.replaceAll('_', '-')}/`));
    expect(finding?.path ?? finding?.script).toBeDefined();
  });

  const sound = (change: Partial<Connection['options']> = {}) =>
    withOptions(faulty('signup_disabled'), { disable_signup: false, ...change });

  test.each([
    ['the own database is off', { enabledDatabaseCustomization: false }, ['own_database_off']],
    ['users are imported', { import_mode: true, enable_script_context: false }, []],
    ['users stay in their own store', {}, []],
  ])('allowed: %s', (_name, change, codes) => {
    expect(codesOf(reportOf(sound(change)))).toEqual(codes);
  });

  test('a script that is named and has no file is told once', () => {
    const codes = reportOf(faulty('script_unusable')).findings.map(({ code }) => code);
    expect(codes).toEqual(['script_unusable']);
  });

  test('a username is no obstacle with flexible identifiers', () => {
    const active = { identifier: { active: true } };
    expect(codesOf(reportOf(sound({ attributes: { username: active, email: active } })))).toEqual([]);
  });

  test('what is ignored with a reason stays in the report and does not count', () => {
    const ignore = { context_object_off: 'comes with the next release' };
    const report = reportOf(withOptions(faulty('context_object_off'), { passkey_readiness: { ignore } }));
    expect(report.ready).toBe(true);
    expect(report.findings).toMatchObject([
      { code: 'context_object_off', ignored: ignore.context_object_off },
    ]);
    expect(report.counts).toMatchObject({ errors: 0, warnings: 0, ignored: 1 });
    expect(report.checks).toContainEqual({
      family: 'settings',
      name: 'context_object_off',
      status: 'ignored',
      detail: ignore.context_object_off,
    });
  });
});

describe('tenant', () => {
  const file = 'prompts/prompts.json';
  const domain = (identifier: string) => ({
    customDomains: {
      value: [{ domain: 'login.example.com', relying_party_identifier: identifier }],
      file: 'custom-domains/custom-domains.json',
    },
  });
  const cases: [string, TenantSettings][] = [
    ['classic_login', { universalLogin: { value: 'classic', file } }],
    ['identifier_first_off', { identifierFirst: { value: false, file } }],
    ['custom_login_page_on', { customLoginPage: { value: true, file: 'pages/login.json' } }],
    ['custom_domain_missing', { customDomains: { value: [], file } }],
    ['relying_party_mismatch', domain('example.org')],
    ['tenant_file_broken', { mistakes: [{ file, message: 'line 1, column 2: Unexpected end' }] }],
  ];
  const sound = () => withOptions(faulty('signup_disabled'), { disable_signup: false });

  test.each(cases)('%s is found, with its file', (code, tenant) => {
    const report = reportOf(sound(), tenant);
    expect(codesOf(report)).toEqual([code]);
    expect(report.findings[0]?.file).toMatch(/\.json$/);
  });

  test('what no file says is unknown and no finding', () => {
    const report = reportOf(sound());
    expect(report.findings).toEqual([]);
    const unknown = report.checks.filter(({ status }) => status === 'unknown').map(({ name }) => name);
    expect(unknown).toEqual([
      'classic_login',
      'identifier_first_off',
      'custom_login_page_on',
      'custom_domain_missing',
      'relying_party_mismatch',
    ]);
  });

  test.each([
    ['login.example.com', true],
    ['example.com', true],
    ['Example.com', true],
    ['ple.com', false],
    ['com', false],
    ['other.example.com', false],
    ['https://login.example.com', false],
    ['', false],
  ])('%j for login.example.com is valid: %s', (identifier, valid) => {
    expect(relyingPartyMistake(identifier, 'login.example.com') === undefined).toBe(valid);
  });

  test('a registry is no relying party', () => {
    expect(relyingPartyMistake('co.uk', 'login.example.co.uk')).toBeDefined();
    expect(relyingPartyMistake('example.co.uk', 'login.example.co.uk')).toBeUndefined();
  });
});
