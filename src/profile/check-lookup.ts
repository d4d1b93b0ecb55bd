import type { IdentifierType, UserProfile } from '../scripts/actions.ts';
import { isEmail } from './email.ts';
import { createFindings, type ProfileWarning } from './findings.ts';

/** What get_user was asked for. */
export type Lookup =
  | { identifier: string; identifier_type?: IdentifierType | undefined }
  | { user_id: string };

export type LookupResult =
  | { ok: true; warnings: readonly ProfileWarning[] }
  | { ok: false; code: 'user_id_mismatch' | 'identifier_mismatch'; detail: string };

/**
 * Whether the profile is of the user that was asked for: answering with another one would hand over an account.
 * `user` has passed the profile rules, so its user_id is a string. Says nothing of the other user.
 *
 * A stated type whose field is not in the profile proves nothing either way and is a warning: there are stores that
 * do not give a username back. So is an identifier of no stated type that comes back as another email: it may have
 * been a username, or an alias that the store resolves.
 */
export function checkLookup(user: UserProfile, lookup: Lookup): LookupResult {
  if ('user_id' in lookup) {
    if (user.user_id === lookup.user_id) return { ok: true, warnings: [] };
    return {
      ok: false,
      code: 'user_id_mismatch',
      detail:
        'get_user was asked for a user_id and returned a profile with another one. When context.identifierType is ' +
        "'user_id', look the user up by that column and return the same user_id.",
    };
  }
  const type = lookup.identifier_type;
  return type === undefined
    ? checkUnstated(user, lookup.identifier)
    : checkStated(user, type, lookup.identifier);
}

function checkStated(user: UserProfile, type: IdentifierType, identifier: string): LookupResult {
  const returned = user[type];
  if (returned === undefined) {
    const findings = createFindings();
    findings.warn(
      type,
      'identifier_not_returned',
      `get_user was asked for a user by ${type} and returned a profile without one, so nothing shows that it is the same user. Return ${type}.`,
    );
    return { ok: true, warnings: findings.warnings };
  }
  const same = type === 'email' ? sameEmail(String(returned), identifier) : returned === identifier;
  if (same) return { ok: true, warnings: [] };
  return {
    ok: false,
    code: 'identifier_mismatch',
    detail: `get_user was asked for a user by ${type} and returned a profile with another one. Look the user up by ${type}, and return the one found.`,
  };
}

function checkUnstated(user: UserProfile, identifier: string): LookupResult {
  const findings = createFindings();
  const returned = user.email;
  if (typeof returned === 'string' && isEmail(identifier) && !sameEmail(returned, identifier))
    findings.warn(
      'email',
      'identifier_differs',
      'get_user was asked for what looks like an email address and returned a profile with another one. Return the user whom the identifier belongs to.',
    );
  return { ok: true, warnings: findings.warnings };
}

/**
 * Case counts for nothing, but a letter outside ASCII never equals one inside: lower-casing turns the Kelvin sign
 * into k, and an address made with it must not open the account of the address with a k (CWE-178).
 */
function sameEmail(one: string, other: string): boolean {
  return foldCase(one) === foldCase(other);
}

function foldCase(text: string): string {
  let folded = '';
  for (const character of text) {
    const lower = character.toLowerCase();
    folded += character > '\u007f' && lower.charAt(0) <= '\u007f' ? character : lower;
  }
  return folded;
}
