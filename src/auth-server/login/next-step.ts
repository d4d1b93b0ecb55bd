import type { User } from '../bridge/bridge-client.ts';
import { endLogin } from './end-login.ts';
import { enrollmentOffer } from './enrollment-offer.ts';
import type { Method } from './logins.ts';
import { mayEnter, notMember } from './membership.ts';
import { judgeLogin } from './post-login.ts';
import { blocked } from './say-failure.ts';
import { tell } from './tell.ts';
import type { Visit } from './visit.ts';

/** The first factor is proven. From here on the login is this user's and no other's. */
export async function identified(visit: Visit, user: User, method: Method): Promise<void> {
  const { login, parts } = visit;
  const { user_id: userId } = user;
  if (user.blocked) return endLogin(visit, { userId, code: 'user_blocked', message: blocked, status: 403 });
  const { invitation } = login;
  if (invitation && !isInvited(user, invitation.email)) {
    return endLogin(visit, {
      userId,
      code: 'invitation_for_another_user',
      message: 'This invitation is for another account. Log in with the email address that it was sent to.',
      status: 403,
    });
  }
  if (!invitation && !mayEnter(parts, login.organization, userId)) {
    return endLogin(visit, { userId, code: 'organization_not_member', message: notMember, status: 403 });
  }
  try {
    const verdict = await judgeLogin(visit, user, method);
    // All at once, with nothing left of whoever was here before in the same login, or is proving something meanwhile.
    Object.assign(login, { user, verdict, methods: [method], totpSecret: undefined });
    login.done.clear();
  } catch (error) {
    parts.onFault(error);
    return endLogin(visit, {
      userId,
      code: 'hook_failed',
      message: 'Something broke on our side. Try again in a minute.',
      status: 500,
    });
  }
  await nextStep(visit);
}

const isInvited = (user: User, email: string) =>
  typeof user.email === 'string' && foldCase(user.email) === foldCase(email);

/** A to Z only: toLowerCase would make a k of the Kelvin sign, and let another in (CWE-178). */
const foldCase = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** What is left to do, in this order: a second factor, the offer of a passkey, back to the application. */
export async function nextStep(visit: Visit): Promise<void> {
  const { login, path, res } = visit;
  if (!login.verdict) return res.redirect(303, path);
  if (login.verdict.denied !== undefined) return deny(visit, login.verdict.denied);
  const left = stepLeft(visit);
  if (left) return res.redirect(303, path + left);
  await finish(visit);
}

export function stepLeft(visit: Visit): '/second-factor' | '/enroll' | undefined {
  const { done, verdict } = visit.login;
  if (verdict?.denied !== undefined) return undefined;
  if (verdict?.secondFactor && !done.has('second-factor')) return '/second-factor';
  if (verdict && !done.has('enrollment') && enrollmentOffer(visit)) return '/enroll';
  return undefined;
}

/** The application hears the reason. */
async function deny(visit: Visit, reason: string): Promise<void> {
  const { parts, domain, login, req, res } = visit;
  tell(visit, 'f', { details: { error: { code: 'access_denied' } } });
  parts.logins.end(login.uid);
  await domain.provider.interactionFinished(req, res, { error: 'access_denied', error_description: reason });
}

async function finish(visit: Visit): Promise<void> {
  const { parts, domain, login, req, res } = visit;
  if (!spendInvitation(visit, login.user!.user_id)) {
    return endLogin(visit, {
      code: 'invitation_used',
      message: 'This invitation was used before. Log in without it.',
      status: 400,
    });
  }
  const names = login.methods.map(({ name }) => name);
  const amr: string[] = names.length > 1 ? [...names, 'mfa'] : names;
  tell(visit, 's', { details: { prompts: names.map((name) => ({ performed_amr: [name] })) } });
  await domain.provider.interactionFinished(req, res, {
    login: { accountId: login.user!.user_id, amr, remember: true },
  });
  parts.logins.end(login.uid);
}

/**
 * An invitation is used up by the account that is made with it, or by the login, and the user is a member from then on;
 * false when another one has done so.
 */
export function spendInvitation({ parts, login }: Visit, userId: string): boolean {
  const { invitation, organization } = login;
  if (!invitation || invitation.isSpent) return true;
  invitation.isSpent = true;
  if (!parts.usedInvitations.add(invitation.id)) return false;
  if (organization) parts.members.add(organization.id, userId);
  return true;
}
