import type { Enrollment } from '../database/enrollment-decisions.ts';
import { html } from '../pages/html.ts';
import { passkeyForm, show } from '../pages/layout.ts';
import type { Visit } from '../parts.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { beginRegistration, finishRegistration } from '../passkeys/register-passkey.ts';
import { StepError } from './failures.ts';
import type { Login } from './logins.ts';
import { enrollmentOffer, nextStep, stepLeft } from './next-step.ts';
import { tell, tellFailure } from './tell.ts';

const texts = {
  progressive: {
    title: 'Log in without a password next time',
    why: 'With a passkey you log in with your fingerprint, face or screen lock: no password to remember, none to steal.',
  },
  local: {
    title: 'Log in with this device next time',
    why: 'You used a passkey on another device. With one on this device, too, you need not fetch the other.',
  },
};

export async function showEnrollment(visit: Visit, message?: string): Promise<void> {
  const { login, path } = visit;
  const kind = offerNow(visit);
  if (!kind) return nextStep(visit);
  const { title, why } = texts[kind];
  show(visit, {
    title,
    message,
    content: html`
<p>${why}</p>
<p>It will be for <span class="who">${nameOf(login)}</span>.</p>
${passkeyForm({ action: `${path}/enroll`, ceremony: 'create', onThisDevice: kind === 'local' })}
<p class="late" data-without-passkeys>This browser cannot make one here. You can go on all the same: choose “Not now”.</p>
<form method="post" action="${path}/enroll/skip">
<button type="submit" class="secondary">Not now</button>
</form>
<p class="muted">After “Not now” you are asked again in 30 days.</p>`,
  });
}

export async function enrollmentOptions(visit: Visit): Promise<void> {
  const { parts, login, domain, res } = visit;
  const kind = offerNow(visit);
  if (!kind || !login.proven)
    throw new StepError('No passkey can be made here any more. Choose “Not now”.', 403);
  const { user_id: userId, name } = login.proven.user;
  res.json(
    await beginRegistration(parts.ceremonies, {
      session: sessionOf(login),
      rpId: domain.rpId(),
      rpName: parts.settings.name,
      userHandle: await parts.bridge.userHandleOf(userId),
      userName: nameOf(login),
      displayName: typeof name === 'string' && name !== '' ? name : nameOf(login),
      existing: parts.passkeys.ofUser(userId),
      onThisDevice: kind === 'local',
    }),
  );
}

/** The challenge says that there was an offer, and to whom; a passkey made meanwhile in another window does no harm. */
export async function takeEnrollment(visit: Visit): Promise<void> {
  const { parts, login, domain, req } = visit;
  const { proven } = login;
  if (!proven) return nextStep(visit);
  const userId = proven.user.user_id;
  const enrollment: Enrollment = proven.methods[0]?.name === 'phr' ? 'local' : 'progressive';
  try {
    const answer = {
      session: sessionOf(login),
      allowedOrigins: [domain.origin],
      response: req.body?.response,
    };
    const passkey = await finishRegistration(parts.ceremonies, answer);
    parts.passkeys.add({ ...passkey, userId });
  } catch (error) {
    tellFailure(visit, 'gd_webauthn_enrollment_failed', error, { enrollment });
    if (!(error instanceof CeremonyError)) throw error;
    return showEnrollment(visit, 'The passkey was not accepted. Try again, or go on with “Not now”.');
  }
  tell(visit, 'gd_enrollment_complete', { details: { authenticator: { type: 'passkey' }, enrollment } });
  proven.isEnrollmentOver = true;
  await nextStep(visit);
}

export async function skipEnrollment(visit: Visit): Promise<void> {
  const { proven } = visit.login;
  const kind = offerNow(visit);
  if (kind && proven) {
    visit.parts.enrollmentDecisions.postpone(proven.user.user_id, kind);
    proven.isEnrollmentOver = true;
  }
  await nextStep(visit);
}

/** Before a second factor that is due nobody is offered a passkey: it would be a way around it. */
function offerNow(visit: Visit): Enrollment | undefined {
  return stepLeft(visit) === '/enroll' ? enrollmentOffer(visit) : undefined;
}

/** Of its ceremonies: no other user of the same login can end them. */
const sessionOf = ({ uid, proven }: Login) => `${uid} ${proven?.user.user_id}`;

/** What the user knows the account by: what they typed, or the first thing that the user store has. */
function nameOf({ proven, identifier }: Login): string {
  const user = proven?.user;
  const typed = proven?.methods[0]?.name === 'pwd' ? identifier : undefined;
  const names = [typed, user?.email, user?.phone_number, user?.username, user?.name];
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? 'your account';
}
