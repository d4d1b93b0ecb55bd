import type { ResultNote } from '../../sandbox/contract/outcome.ts';
import type { Issue } from '../errors.ts';
import { createFindings, type ProfileWarning } from './findings.ts';
import { normalizeFlags } from './flags.ts';
import type { ProfileRules } from './profile-rules.ts';
import { validateProfile } from './validate-profile.ts';
import { isPlainObject } from './value-kind.ts';

export interface ExplainedRule {
  /** The field, '' for the whole profile. */
  field: string;
  /** What is asked, as in docs/profiles.md. */
  rule: string;
  status: 'passed' | 'failed' | 'skipped';
  /** Of what failed: the code of docs/profiles.md. */
  code?: string;
  /** Of what failed: what is wrong and what to return instead. Of what does not apply: why not. */
  reason?: string;
}

export interface ProfileExplanation {
  ok: boolean;
  rules: ExplainedRule[];
  warnings: readonly ProfileWarning[];
}

interface Rule {
  field: string;
  rule: string;
  codes: readonly string[];
  /** It decides whether the field is there, and so is asked of one that is not. */
  presence?: true;
}

/**
 * Each rule of docs/profiles.md with what came of it, for a value as a script has returned it. The verdicts are
 * validateProfile's own. Fields that are not there break no rule but those of presence. Reasons hold no values.
 */
export function explainProfile(
  value: unknown,
  rules: ProfileRules,
  notes: readonly ResultNote[],
): ProfileExplanation {
  const checked = validateProfile(value, rules, notes);
  const issues = checked.ok ? [] : [...checked.issues];
  const profile = isPlainObject(value) ? withIdAsUserId(value) : undefined;
  const explained = [...wholeRules(rules), ...(profile ? fieldRules(rules) : [])].map((rule) =>
    judge(rule, issues, profile),
  );
  // Whatever no row stands for is shown all the same.
  const left = issues.map(
    ({ path, code, message }): ExplainedRule => ({
      field: path,
      rule: 'by the rules',
      status: 'failed',
      code,
      reason: message,
    }),
  );
  return { ok: checked.ok, rules: [...explained, ...left], warnings: checked.ok ? checked.warnings : [] };
}

/** Takes the issues that the rule stands for out of the list. */
function judge(rule: Rule, issues: Issue[], profile: Record<string, unknown> | undefined): ExplainedRule {
  const { field, rule: text, codes, presence } = rule;
  const mine = issues.filter(({ path, code }) => codes.includes(code) && isOf(field, path));
  const [first] = mine;
  if (first) {
    for (const issue of mine) issues.splice(issues.indexOf(issue), 1);
    return { field, rule: text, status: 'failed', code: first.code, reason: first.message };
  }
  if (field === '' || presence) return { field, rule: text, status: 'passed' };
  const given = profile?.[field];
  if (given === undefined || given === null || given === '') {
    return { field, rule: text, status: 'skipped', reason: `there is no ${field}` };
  }
  const typeCode = `${field}_type`;
  if (!codes.includes(typeCode) && hasWrongType(field, given)) {
    return { field, rule: text, status: 'skipped', reason: `${field} is of another type` };
  }
  return { field, rule: text, status: 'passed' };
}

function isOf(field: string, path: string): boolean {
  return (
    field === '' || path === field || path.startsWith(`${field}.`) || (field === 'user_id' && path === 'id')
  );
}

function hasWrongType(field: string, value: unknown): boolean {
  if (field === 'user_id') return typeof value !== 'string' && typeof value !== 'number';
  if (flags.includes(field)) return typeof asFlag(field, value) !== 'boolean';
  if (field.endsWith('_metadata')) return !isPlainObject(value);
  return typeof value !== 'string';
}

function asFlag(field: string, value: unknown): unknown {
  const profile = { [field]: value };
  normalizeFlags(profile, createFindings());
  return profile[field];
}

function withIdAsUserId(profile: Record<string, unknown>): Record<string, unknown> {
  return { ...profile, user_id: profile.user_id ?? profile.id };
}

function wholeRules({ identifiers }: ProfileRules): Rule[] {
  const one = `has one of ${identifiers.join(', ')}, by which users log in`;
  return [
    { field: '', rule: 'is an object', codes: ['profile_type', 'profile_missing'] },
    { field: '', rule: 'is plain JSON', codes: ['not_json'] },
    { field: '', rule: 'does not refer back to itself', codes: ['circular'] },
    { field: '', rule: 'is nested at most 64 levels deep', codes: ['too_deep'] },
    ...(identifiers.length > 0 ? [{ field: '', rule: one, codes: ['identifier_missing'] }] : []),
  ];
}

const flags = ['email_verified', 'phone_verified', 'blocked'];
const lengths = { name: 300, nickname: 350, given_name: 150, family_name: 150 };

function fieldRules({ required, username }: ProfileRules): Rule[] {
  return [
    { field: 'user_id', rule: 'is there (id stands in for it)', codes: ['user_id_missing'], presence: true },
    {
      field: 'user_id',
      rule: 'is a string, or a whole number',
      codes: ['user_id_type', 'user_id_not_integer'],
    },
    { field: 'user_id', rule: 'as a number, is below 2^53', codes: ['user_id_unsafe_number'] },
    { field: 'user_id', rule: 'is not empty', codes: ['user_id_empty'], presence: true },
    { field: 'user_id', rule: 'has no spaces or control characters', codes: ['user_id_whitespace'] },
    { field: 'user_id', rule: 'has at most 255 characters', codes: ['user_id_too_long'] },
    { field: 'user_id', rule: 'is not the text of a missing value', codes: ['user_id_placeholder'] },
    ...required.map(
      (field): Rule => ({
        field,
        rule: 'is there, as the connection requires',
        codes: ['attribute_required'],
        presence: true,
      }),
    ),
    { field: 'email', rule: 'is a string', codes: ['email_type'] },
    { field: 'email', rule: 'has at most 254 characters, 64 before the @', codes: ['email_too_long'] },
    { field: 'email', rule: 'looks like an address', codes: ['email_malformed'] },
    { field: 'phone_number', rule: 'is a string', codes: ['phone_number_type'] },
    { field: 'phone_number', rule: 'is E.164', codes: ['phone_number_malformed'] },
    ...usernameRules(username),
    ...Object.entries(lengths).map(
      ([field, most]): Rule => ({
        field,
        rule: `is text of at most ${most} characters`,
        codes: [`${field}_type`, `${field}_too_long`],
      }),
    ),
    { field: 'picture', rule: 'is an absolute URL', codes: ['picture_type', 'picture_malformed'] },
    ...flags.map((field): Rule => ({ field, rule: 'is a boolean', codes: [`${field}_type`] })),
    ...['user_metadata', 'app_metadata'].map(
      (field): Rule => ({
        field,
        rule: 'is an object',
        codes: [`${field}_type`],
      }),
    ),
    ...['access_token', 'refresh_token'].map(
      (field): Rule => ({
        field,
        rule: 'is a string',
        codes: [`${field}_type`],
      }),
    ),
  ];
}

function usernameRules(rules: ProfileRules['username']): Rule[] {
  const field = 'username';
  const length = rules
    ? `has ${rules.minLength} to ${rules.maxLength} characters`
    : 'has at most 128 characters';
  const type: Rule = { field, rule: 'is a string', codes: ['username_type'] };
  const size: Rule = { field, rule: length, codes: ['username_too_short', 'username_too_long'] };
  if (!rules) return [type, size];
  return [
    type,
    size,
    {
      field,
      rule: "has letters a to z, digits and @ ^ $ . ! ` - # + ' ~ _ only",
      codes: ['username_characters'],
    },
    ...(rules.mayBeEmail ? [] : [{ field, rule: 'is no email address', codes: ['username_is_email'] }]),
    ...(rules.mayBePhoneNumber
      ? []
      : [{ field, rule: 'is no phone number', codes: ['username_is_phone_number'] }]),
  ];
}
