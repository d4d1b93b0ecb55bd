import type { Enrollment } from '../database/enrollment-decisions.ts';
import type { Visit } from '../parts.ts';
import { passkeysOffered } from './connection.ts';

/** Auth0's limit, too. */
const MOST_PASSKEYS = 20;

/** Which passkey the user is offered after this login, if any. */
export function enrollmentOffer({ parts, login, connection, domain }: Visit): Enrollment | undefined {
  const { proven } = login;
  if (!proven || proven.isEnrollmentOver || !passkeysOffered(connection)) return undefined;
  const { user, methods } = proven;
  const kind = methods.some(({ name }) => name === 'pwd') ? 'progressive' : 'local';
  const existing = parts.passkeys.ofUser(user.user_id).filter(({ rpId }) => domain.inUse(rpId));
  const { progressive_enrollment_enabled, local_enrollment_enabled } = connection.passkey_options ?? {};
  const isWanted =
    kind === 'progressive'
      ? progressive_enrollment_enabled !== false && existing.length === 0
      : local_enrollment_enabled !== false && methods.some(({ isCrossDevice }) => isCrossDevice);
  if (!isWanted || existing.length >= MOST_PASSKEYS) return undefined;
  // One domain per user: a passkey of another would be one that half of the pages do not know.
  if (existing.length > 0 && !existing.some(({ rpId }) => rpId === domain.rpId())) return undefined;
  return parts.enrollmentDecisions.isPostponed(user.user_id, kind) ? undefined : kind;
}
