import type { User } from '../bridge/bridge-client.ts';
import type { Refusal, Visit } from '../parts.ts';
import { refusalOf, stepOf } from './admit.ts';
import { endLogin } from './end-login.ts';
import { enrollmentOffer } from './enrollment-offer.ts';
import type { Method, Proven } from './logins.ts';
import { tell } from './tell.ts';

/** The first factor is proven. From here on the login is this user's and no other's. */
export async function identified(visit: Visit, user: User, method: Method): Promise<void> {
  const proven: Proven = { user, methods: [method] };
  const refusal = await refusalOf(visit, proven);
  if (refusal) return refuse(visit, refusal, user.user_id);
  // All at once: nothing is left of whoever was here before in the same login, or is proving something meanwhile.
  visit.login.proven = proven;
  await nextStep(visit);
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
  return stepOf(visit, proven) ?? (enrollmentOffer(visit) ? '/enroll' : undefined);
}

async function finish(visit: Visit, proven: Proven): Promise<void> {
  const { parts, domain, login, req, res } = visit;
  for (const extension of parts.extensions) {
    const refusal = extension.beforeEnd?.(visit, proven);
    if (refusal) return refuse(visit, refusal);
  }
  const names = proven.methods.map(({ name }) => name);
  const amr: string[] = names.length > 1 ? [...names, 'mfa'] : names;
  tell(visit, 's', { details: { prompts: names.map((name) => ({ performed_amr: [name] })) } });
  await domain.provider.interactionFinished(req, res, {
    login: { accountId: proven.user.user_id, amr, remember: true },
  });
  parts.logins.end(login.uid);
}

async function refuse(visit: Visit, refusal: Refusal, userId?: string): Promise<void> {
  const { parts, domain, login, req, res } = visit;
  const { code, message, isForApplication } = refusal;
  if (!isForApplication) return endLogin(visit, { ...refusal, userId });
  tell(visit, 'f', { userId, details: { error: { code } } });
  parts.logins.end(login.uid);
  await domain.provider.interactionFinished(req, res, { error: code, error_description: message });
}
