import type { Issue } from '../errors.ts';
import { checkLookup, type Lookup } from '../profile/check-lookup.ts';
import type { ProfileWarning } from '../profile/findings.ts';
import { type ProfileAction, profileRulesFor } from '../profile/profile-rules.ts';
import { validateProfile } from '../profile/validate-profile.ts';
import type { UserProfile } from '../scripts/actions.ts';
import type { Execution } from './execution.ts';
import type { Returned } from './returned.ts';
import type { RunnerParts } from './runner-parts.ts';

/** The profile by the rules; throws invalid_profile with an issue for each that it breaks. */
export function readProfile(
  parts: RunnerParts,
  execution: Execution,
  action: ProfileAction,
  { value, notes }: Returned,
): UserProfile {
  const rules = profileRulesFor(execution.connection.options, action);
  const checked = validateProfile(value, rules, notes);
  if (!checked.ok) {
    throw execution.error('invalid_profile', action, {
      detail: summary(action, checked.issues),
      issues: checked.issues,
    });
  }
  tell(parts, execution, action, checked.warnings);
  return checked.user;
}

function summary(action: ProfileAction, issues: readonly Issue[]): string {
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more, see issues)` : '';
  return `${action} returned a profile that breaks the rules: ${issues[0]?.message}${more}`;
}

/** As readProfile, and throws user_id_mismatch or identifier_mismatch when it is of another user. */
export function readLookedUp(
  parts: RunnerParts,
  execution: Execution,
  lookup: Lookup,
  returned: Returned,
): UserProfile {
  const user = readProfile(parts, execution, 'get_user', returned);
  const checked = checkLookup(user, lookup);
  if (!checked.ok) throw execution.error(checked.code, 'get_user', { detail: checked.detail });
  tell(parts, execution, 'get_user', checked.warnings);
  return user;
}

function tell(
  { logWarning }: RunnerParts,
  execution: Execution,
  action: ProfileAction,
  warnings: readonly ProfileWarning[],
): void {
  execution.warn(warnings);
  for (const { code, path, message } of warnings) {
    logWarning(execution.connection, {
      kind: 'profile_warning',
      level: 'warn',
      connection: execution.connection.name,
      script: action,
      execution: execution.id,
      code,
      text: message,
      path,
    });
  }
}
