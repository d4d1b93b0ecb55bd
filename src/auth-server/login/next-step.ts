import type { User } from '../bridge/bridge-client.ts';
import { wantsEnrollment } from './enrollment.ts';
import type { Method } from './logins.ts';
import { wantsSecondFactor } from './second-factor.ts';
import { tell } from './tell.ts';
import type { Visit } from './visit.ts';

/** The first factor is proven. From here on the login is this user's and no other's. */
export async function identified(visit: Visit, user: User, method: Method): Promise<void> {
  visit.login.user = user;
  visit.login.methods = [method];
  // What somebody did before, as another user perhaps, does not count for this one.
  visit.login.done.clear();
  await nextStep(visit);
}

/** What is left to do, in this order: a second factor, the offer of a passkey, back to the application. */
export async function nextStep(visit: Visit): Promise<void> {
  const { login, path, res } = visit;
  if (!login.done.has('second-factor') && (await wantsSecondFactor(visit))) {
    return res.redirect(303, `${path}/second-factor`);
  }
  if (!login.done.has('enrollment') && wantsEnrollment(visit)) return res.redirect(303, `${path}/enroll`);
  await finish(visit);
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
