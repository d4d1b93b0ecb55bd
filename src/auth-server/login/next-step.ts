import type { EventType } from '../../events/event-types.ts';
import type { User } from '../bridge/bridge-client.ts';
import type { Enrollment } from '../database/enrollment-decisions.ts';
import { failurePage } from '../pages/plain-pages.ts';
import type { EventContext, LoginRequest, Parts, Refusal, Visit } from '../parts.ts';
import { passkeysOffered } from './connection.ts';
import { blocked } from './failures.ts';
import type { Method, Proven } from './logins.ts';
import { tell } from './tell.ts';

/** The first factor is proven. From here on the login is this user's and no other's. */
export async function identified(visit: Visit, user: User, method: Method): Promise<void> {
  const proven: Proven = { user, methods: [method] };
  const refusal = await refusalOf(visit, proven);
  if (refusal) return refuseLogin(visit, refusal, { userId: user.user_id });
  // All at once: nothing is left of whoever was here before in the same login, or is proving something meanwhile.
  visit.login.proven = proven;
  await nextStep(visit);
}

/** Why the user of a first factor is not let in, if so. */
export async function refusalOf(request: LoginRequest, proven: Proven): Promise<Refusal | undefined> {
  if (proven.user.blocked) return { code: 'user_blocked', message: blocked, status: 403 };
  for (const extension of request.parts.extensions) {
    const refusal = await extension.admit?.(request, proven);
    if (refusal) return refusal;
  }
  return undefined;
}

/** What is left to do, in this order: what extensions demand, the offer of a passkey, back to the application. */
export async function nextStep(visit: Visit): Promise<void> {
  const { login, path, res } = visit;
  if (!login.proven) return res.redirect(303, path);
  const left = stepLeft(visit);
  if (left) return res.redirect(303, path + left);
  await finish(visit, login.proven);
}

export function stepLeft(visit: Visit): string | undefined {
  const { proven } = visit.login;
  if (!proven) return undefined;
  return demandedStep(visit.parts, proven) ?? (enrollmentOffer(visit) ? '/enroll' : undefined);
}

/** What extensions have the user do yet, before the login can end. */
export function demandedStep({ extensions }: Parts, proven: Proven): string | undefined {
  const steps = extensions.map((extension) => extension.stepLeft?.(proven));
  return steps.find((step) => step !== undefined);
}

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

export function tellLogin(about: EventContext, { methods }: Proven): void {
  tell(about, 's', { details: { prompts: methods.map(({ name }) => ({ performed_amr: [name] })) } });
}

/** As the ID token has it (RFC 8176). */
export function amrOf({ methods }: Proven): string[] {
  const names = methods.map(({ name }) => name);
  return names.length > 1 ? [...names, 'mfa'] : names;
}

async function finish(visit: Visit, proven: Proven): Promise<void> {
  const { parts, domain, login, req, res } = visit;
  for (const extension of parts.extensions) {
    const refusal = extension.beforeEnd?.(visit, proven);
    if (refusal) return refuseLogin(visit, refusal);
  }
  tellLogin(visit, proven);
  const result = { accountId: proven.user.user_id, amr: amrOf(proven), remember: true };
  await domain.provider.interactionFinished(req, res, { login: result });
  parts.logins.end(login.uid);
}

/** Ends the login, and forgets what was proven in it. `userId`: where the login is not the user's yet. */
export async function refuseLogin(
  visit: Visit,
  { code, message, status, isForApplication }: Refusal,
  { event = 'f', userId }: { event?: EventType; userId?: string } = {},
): Promise<void> {
  const { parts, domain, login, req, res } = visit;
  tell(visit, event, { userId, details: { error: { code } } });
  parts.logins.end(login.uid);
  if (isForApplication)
    return domain.provider.interactionFinished(req, res, { error: code, error_description: message });
  res.status(status).type('html').send(failurePage(parts.settings.name, { code, message }));
}
