import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ExplainedRule, explainProfile } from '../../src/profile/explain-profile.ts';
import { profileRulesFor } from '../../src/profile/profile-rules.ts';

const plain = profileRulesFor({}, 'get_user');
const withUsername = profileRulesFor({ requires_username: true }, 'get_user');
const flexible = profileRulesFor(
  {
    attributes: {
      email: { identifier: { active: true }, profile_required: true },
      username: { identifier: { active: true } },
    },
  },
  'get_user',
);

const failed = (rules: ExplainedRule[]) =>
  rules.filter(({ status }) => status === 'failed').map(({ field, code }) => `${field} ${code}`);
const statusOf = (rules: ExplainedRule[], field: string, text: string) =>
  rules.find((one) => one.field === field && one.rule.includes(text))?.status;

test('a good profile passes the rules of the fields that it has; the others do not apply', () => {
  const { ok, rules } = explainProfile({ user_id: '42', email: 'jane@example.com' }, plain, []);
  expect(ok).toBe(true);
  expect(failed(rules)).toEqual([]);
  expect(statusOf(rules, 'user_id', 'spaces')).toBe('passed');
  expect(statusOf(rules, 'email', 'address')).toBe('passed');
  expect(statusOf(rules, 'phone_number', 'E.164')).toBe('skipped');
});

test.each([
  ['a missing user_id', { email: 'jane@example.com' }, 'user_id user_id_missing'],
  ['an object for a user_id', { user_id: {} }, 'user_id user_id_type'],
  ['a user_id that is empty', { user_id: '' }, 'user_id user_id_empty'],
  ['a user_id with spaces', { user_id: ' 42' }, 'user_id user_id_whitespace'],
  ['a long user_id', { user_id: 'x'.repeat(256) }, 'user_id user_id_too_long'],
  ['the text of nothing', { user_id: 'undefined' }, 'user_id user_id_placeholder'],
  ['a number that loses digits', { user_id: 2 ** 60 }, 'user_id user_id_unsafe_number'],
  ['a bad email', { user_id: '1', email: 'nobody' }, 'email email_malformed'],
  ['a bad phone number', { user_id: '1', phone_number: '030 1' }, 'phone_number phone_number_malformed'],
  ['a flag of another sort', { user_id: '1', email_verified: 'no' }, 'email_verified email_verified_type'],
  ['metadata as text', { user_id: '1', app_metadata: '{}' }, 'app_metadata app_metadata_type'],
  ['an array', [{ user_id: '1' }], ' profile_type'],
])('%s fails one rule, with the reason', (_, value, expected) => {
  const { ok, rules } = explainProfile(value, plain, []);
  expect(ok).toBe(false);
  expect(failed(rules)).toEqual([expected]);
  expect(rules.find(({ status }) => status === 'failed')?.reason).toMatch(/\w{4}/);
});

test('rules that a wrong type leaves open do not apply', () => {
  const { rules } = explainProfile({ user_id: true, email: 7 }, plain, []);
  expect(statusOf(rules, 'user_id', 'spaces')).toBe('skipped');
  expect(statusOf(rules, 'email', 'address')).toBe('skipped');
});

test('what a connection asks is asked: required attributes, identifiers, usernames', () => {
  expect(failed(explainProfile({ user_id: '1' }, flexible, []).rules)).toEqual(['email attribute_required']);
  const { rules } = explainProfile({ user_id: '1', username: 'jane@example.com' }, withUsername, []);
  expect(failed(rules)).toEqual(['username username_is_email']);
});

test('what the serializer could not carry fails too', () => {
  const note = { path: 'app_metadata.f', code: 'not_json', message: '' } as const;
  expect(failed(explainProfile({ user_id: '1' }, plain, [note]).rules)).toEqual([' not_json']);
});

test('every rule of docs/profiles.md has a row', () => {
  const page = readFileSync(new URL('../../docs/profiles.md', import.meta.url), 'utf8');
  const [, table = ''] = /## Rules\n([\s\S]*?)\n### /.exec(page) ?? [];
  const codes = [...table.matchAll(/`([a-z_]+_?[a-z_]*)`/g)].map(([, code = '']) => code);
  const source = readFileSync(new URL('../../src/profile/explain-profile.ts', import.meta.url), 'utf8');
  const literal = codes.filter((code) =>
    /_(missing|type|empty|whitespace|placeholder|malformed|characters)$/.test(code),
  );
  const generic =
    /^(name|nickname|given_name|family_name|email_verified|phone_verified|blocked|user_metadata|app_metadata|access_token|refresh_token)_/;
  expect(literal.length).toBeGreaterThan(15);
  expect(literal.filter((code) => !generic.test(code) && !source.includes(`'${code}'`))).toEqual([]);
});
