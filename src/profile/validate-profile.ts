import type { ResultNote } from '../../sandbox/contract/outcome.ts';
import type { Issue } from '../errors.ts';
import type { UserProfile } from '../scripts/actions.ts';
import { createFindings, type Findings, type ProfileWarning } from './findings.ts';
import { normalizeFlags } from './flags.ts';
import { cleanTree } from './json-tree.ts';
import { adviseMetadata } from './metadata.ts';
import { adviseMfaFactors } from './mfa-factors.ts';
import type { ProfileRules } from './profile-rules.ts';
import { checkFields } from './profile-schema.ts';
import { readNotes } from './serializer-notes.ts';
import { normalizeUserId } from './user-id.ts';
import { adviseUsername } from './username.ts';
import { isPlainObject, valueKind } from './value-kind.ts';

export type ProfileResult =
  | { ok: true; user: UserProfile; warnings: readonly ProfileWarning[] }
  | { ok: false; issues: readonly Issue[] };

/** Bytes of JSON: what Auth0 holds to be the limit of a whole profile, and still stores beyond. */
const LARGE_PROFILE_BYTES = 10 * 1024;

/**
 * A script's result made into a profile that an auth server can trust, by the rules of docs/profiles.md: first
 * converted where that is safe, then checked, then commented on. `value` is parsed JSON and stays as it is;
 * `notes` are the serializer's, about the same value. Messages name fields and kinds, never values.
 */
export function validateProfile(
  value: unknown,
  rules: ProfileRules,
  notes: readonly ResultNote[],
): ProfileResult {
  const findings = createFindings();
  readNotes(notes, findings);
  const tree = cleanTree(value, findings);
  if (!isPlainObject(tree)) {
    findings.refuse('', 'profile_type', notAnObject(tree));
    return { ok: false, issues: findings.issues };
  }
  const profile: Record<string, unknown> = { ...tree };
  normalizeUserId(profile, findings);
  dropEmpty(profile, findings);
  dropPassword(profile, findings);
  normalizeFlags(profile, findings);

  if (findings.issues.length === 0) {
    checkFields(profile, rules, findings);
    checkIdentifiers(profile, rules, findings);
  } else checkUnlessNamed(profile, rules, findings);
  if (findings.issues.length > 0) return { ok: false, issues: findings.issues };

  advise(profile, rules, findings);
  return { ok: true, user: profile as UserProfile, warnings: findings.warnings };
}

function notAnObject(value: unknown): string {
  const advice =
    'Call callback(null, { user_id: "42", email: "jane@example.com" }) with the user\'s own fields.';
  if (Array.isArray(value))
    return `The result is an array, not a profile. Return its element, as in rows[0]. ${advice}`;
  return `The result is ${valueKind(value)}, not a profile. ${advice}`;
}

const mayBeEmpty = [
  'email',
  'username',
  'phone_number',
  'name',
  'nickname',
  'given_name',
  'family_name',
  'picture',
];
const mayBeNull = [
  ...mayBeEmpty,
  'email_verified',
  'phone_verified',
  'blocked',
  'user_metadata',
  'app_metadata',
  'mfa_factors',
  'access_token',
  'refresh_token',
];

/** A column without a value comes as null or '' from most stores: to the rules it is a field that is not there. */
function dropEmpty(profile: Record<string, unknown>, findings: Findings): void {
  for (const field of mayBeNull) {
    if (profile[field] === null) {
      delete profile[field];
      findings.warn(
        field,
        'null_as_absent',
        `${field} is null and was left out. Leave it out of the profile.`,
      );
    } else if (profile[field] === '' && mayBeEmpty.includes(field)) {
      delete profile[field];
      findings.warn(field, 'empty_as_absent', `${field} is an empty string and was left out. Leave it out.`);
    }
  }
}

/** `SELECT *` and `{ ...user, user_id }` bring it along; applications are shown what a profile holds. */
function dropPassword(profile: Record<string, unknown>, findings: Findings): void {
  if (profile.password === undefined) return;
  delete profile.password;
  findings.warn(
    'password',
    'password_removed',
    'password was left out. Do not return it, hashed or not: applications are shown what a profile holds.',
  );
}

/** A field that a first step refused needs no second message of the same fault, as "missing" would be. */
function checkUnlessNamed(profile: Record<string, unknown>, rules: ProfileRules, findings: Findings): void {
  const named = new Set(findings.issues.map((issue) => issue.path));
  if (named.has('id')) named.add('user_id');
  const more = createFindings();
  checkFields(profile, rules, more);
  for (const { path, code, message } of more.issues)
    if (!named.has(path)) findings.refuse(path, code, message);
}

function checkIdentifiers(profile: Record<string, unknown>, rules: ProfileRules, findings: Findings): void {
  if (rules.identifiers.length === 0) return;
  if (rules.identifiers.some((field) => profile[field] !== undefined)) return;
  if (rules.identifiers.some((field) => rules.required.includes(field))) return;
  findings.refuse(
    '',
    'identifier_missing',
    `The profile has none of the identifiers that users of this connection log in with. Return at least one of ${rules.identifiers.join(', ')}.`,
  );
}

function advise(profile: Record<string, unknown>, rules: ProfileRules, findings: Findings): void {
  for (const field of rules.expected)
    if (profile[field] === undefined)
      findings.warn(
        field,
        'identifier_expected',
        `${field} is missing. Users of this connection are known by it: return it where your store has it.`,
      );
  adviseUsername(profile.username, rules.username, findings);
  adviseMetadata(profile, findings);
  adviseMfaFactors(profile.mfa_factors, findings);
  if (Buffer.byteLength(JSON.stringify(profile)) > LARGE_PROFILE_BYTES)
    findings.warn(
      '',
      'profile_large',
      'The profile is larger than 10 KB. Return what applications need; leave the rest in your store.',
    );
}
