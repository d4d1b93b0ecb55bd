import type { User } from '../bridge/bridge-client.ts';
import { enrollmentOffer } from './enrollment-offer.ts';
import type { Method } from './logins.ts';
import { blocked } from './say-failure.ts';
import { wantsSecondFactor } from './second-factor.ts';
import { tell } from './tell.ts';
import { StepError, type Visit } from './visit.ts';

/** The first factor is proven. From here on the login is this user's and no other's. */
export async function identified(visit: Visit, user: User, method: Method): Promise<void> {
  const { login } = visit;
  if (user.blocked) {
    tell(visit, 'f', { userId: user.user_id, details: { error: { code: 'user_blocked' } } });
    throw new StepError(blocked, 403, 'user_blocked');
  }
  // Nothing is left of whoever was here before in the same login: not their second factor, above all.
  Object.assign(login, { user, methods: [method] });
  login.done.clear();
  await nextStep(visit);
}

/** What is left to do, in this order: a second factor, the offer of a passkey, back to the application. */
export async function nextStep(visit: Visit): Promise<void> {
  const left = await stepLeft(visit);
  if (left) return visit.res.redirect(303, visit.path + left);
  await finish(visit);
}

export async function stepLeft(visit: Visit): Promise<'/second-factor' | '/enroll' | undefined> {
  const { done } = visit.login;
  if (!done.has('second-factor') && (await wantsSecondFactor(visit))) return '/second-factor';
  if (!done.has('enrollment') && enrollmentOffer(visit)) return '/enroll';
  return undefined;
}

async function finish(visit: Visit): Promise<void> {
  const { parts, domain, login, req, res } = visit;
  const names = login.methods.map(({ name }) => name);
  const amr: string[] = names.length > 1 ? [...names, 'mfa'] : names;
  tell(visit, 's', { details: { prompts: names.map((name) => ({ performed_amr: [name] })) } });
  await domain.provider.interactionFinished(req, res, {
    login: { accountId: login.user!.user_id, amr, remember: true },
  });
  parts.logins.end(login.uid);
}
