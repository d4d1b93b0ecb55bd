import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BridgeError, type IdentifierType } from '../bridge/bridge-client.ts';
import { html } from '../pages/html.ts';
import { field, passkeyForm, show } from '../pages/layout.ts';
import type { Parts, SignUpTerms, Visit } from '../parts.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { beginRegistration, finishRegistration } from '../passkeys/register-passkey.ts';
import { identifierLabel, identifierType, passkeysOffered } from './connection.ts';
import { createUser, createUserWithPasskey } from './create-user.ts';
import { StepError, sayFailure, signUpOutage } from './failures.ts';
import { IdentifierForm, identifierField, showLogin } from './log-in.ts';
import type { Login, SignUp } from './logins.ts';
import { identified } from './next-step.ts';
import { tellFailure } from './tell.ts';

const PasswordForm = z.object({ password: z.string().min(8).max(4096) });

export function showSignUp(visit: Visit, message?: string): void {
  const { path, login } = visit;
  const { invited } = openTerms(visit);
  if (invited) {
    if (message !== undefined) return showLogin(visit, message);
    login.signUp ??= newSignUp(invited.email, 'email');
    return visit.res.redirect(303, `${path}/signup/method`);
  }
  show(visit, {
    title: 'Sign up',
    message,
    content: html`
<form method="post" action="${path}/signup">
${identifierField(visit, 'username')}
<button type="submit">Continue</button>
</form>
<p class="muted">You have an account? <a href="${path}">Log in</a></p>`,
  });
}

const newSignUp = (identifier: string, type: IdentifierType): SignUp => ({
  identifier,
  type,
  idempotencyKey: randomUUID(),
});

/** Throws StepError where nobody may sign up. */
function openTerms({ connection, login, parts }: Visit): SignUpTerms {
  const terms = signUpTerms(parts, login);
  if (connection.disable_signup === true) throw new StepError('Signing up is closed here.', 403);
  if (terms.refusal) throw terms.refusal;
  return terms;
}

export const signUpTerms = ({ extensions }: Parts, login: Pick<Login, 'organization'>): SignUpTerms =>
  Object.assign({}, ...extensions.map((extension) => extension.signUpTerms?.(login)));

/** Nobody may have the identifier yet. An outage is not "nobody": it ends here, or it would make doubles. */
export async function takeSignUp(visit: Visit): Promise<void> {
  const { req, connection, login, parts, path, res } = visit;
  if (openTerms(visit).invited) return res.redirect(303, `${path}/signup`);
  const form = IdentifierForm.safeParse(req.body);
  const identifier = form.data?.identifier ?? '';
  login.identifier = identifier;
  const type = identifierType(identifier, connection);
  const earlier = login.signUp?.identifier === identifier ? login.signUp : undefined;
  if (!type) return showSignUp(visit, `What you typed is no ${identifierLabel(connection).toLowerCase()}.`);
  try {
    const existing = await parts.bridge.findByIdentifier(identifier, login.organization);
    if (existing) return showSignUp(visit, accountExists(earlier));
  } catch (error) {
    tellFailure(visit, 'fs', error);
    const message = sayFailure(error, signUpOutage);
    if (message === undefined) throw error;
    return showSignUp(visit, message);
  }
  login.signUp = earlier ?? newSignUp(identifier, type);
  res.redirect(303, `${path}/signup/method`);
}

export function showMethods(visit: Visit, message?: string): void {
  const { login, path, res, parts } = visit;
  if (!login.signUp) return res.redirect(303, `${path}/signup`);
  const { invited } = signUpTerms(parts, login);
  show(visit, {
    title: invited ? 'Choose a password' : 'Choose how you will log in',
    message,
    content: html`
${invited && html`<p>You are invited to ${invited.to}.</p>`}
<p>for <span class="who">${login.signUp.identifier}</span>${!invited && html`, <a href="${path}/signup">not you?</a>`}</p>
${
  !noPasskey(visit) &&
  html`${passkeyForm({ action: `${path}/signup/passkey`, ceremony: 'create' })}
<p class="muted with-passkey">Your fingerprint, face or screen lock: no password to remember, none to steal.</p>
<p class="or with-passkey">or</p>`
}
<form method="post" action="${path}/signup/password">
<input type="text" name="username" autocomplete="username" readonly hidden value="${login.signUp.identifier}">
${field({ name: 'password', label: 'Password, 8 characters or more', type: 'password', autocomplete: 'new-password' })}
<button type="submit" class="${invited ? 'primary' : 'secondary'}">Sign up with a password</button>
</form>`,
  });
}

/** Why the account cannot start with a passkey. */
function noPasskey({ connection, login, parts }: Visit): StepError | undefined {
  if (passkeysOffered(connection)) return signUpTerms(parts, login).noPasskey;
  return new StepError('Passkeys cannot be chosen here.', 403, 'passkey_not_offered');
}

export async function signUpPasskeyOptions(visit: Visit): Promise<void> {
  const { parts, login, domain, res } = visit;
  const { signUp } = login;
  const refusal = noPasskey(visit);
  if (refusal) throw refusal;
  if (!signUp) throw new StepError('Say who you are first.', 403);
  signUp.userHandle ??= await parts.bridge.newUserHandle();
  res.json(
    await beginRegistration(parts.ceremonies, {
      session: login.uid,
      rpId: domain.rpId(),
      rpName: parts.settings.name,
      userHandle: signUp.userHandle,
      userName: signUp.identifier,
      displayName: signUp.identifier,
    }),
  );
}

export async function takeSignUpPasskey(visit: Visit): Promise<void> {
  const { parts, login, domain, req, res, path } = visit;
  const { signUp } = login;
  if (!signUp) return res.redirect(303, `${path}/signup`);
  const refusal = noPasskey(visit);
  if (refusal) throw refusal;
  try {
    const answer = { session: login.uid, allowedOrigins: [domain.origin], response: req.body?.response };
    const passkey = await finishRegistration(parts.ceremonies, answer);
    if (passkey.userHandle !== signUp.userHandle) throw new CeremonyError('user_handle_mismatch');
    const { type, identifier, idempotencyKey } = signUp;
    const newUser = { user: { [type]: identifier }, idempotencyKey };
    const user = await createUserWithPasskey(visit, passkey, newUser);
    await identified(visit, user, { name: 'phr' });
  } catch (error) {
    failed(visit, signUp, error);
  }
}

export async function takeSignUpPassword(visit: Visit): Promise<void> {
  const { login, req, res, path } = visit;
  const { signUp } = login;
  if (!signUp) return res.redirect(303, `${path}/signup`);
  const form = PasswordForm.safeParse(req.body);
  if (!form.success) return showMethods(visit, 'A password has 8 characters or more.');
  const { type, identifier, idempotencyKey } = signUp;
  const user = { [type]: identifier, password: form.data.password };
  try {
    const created = await createUser(visit, { user, method: 'password', idempotencyKey });
    await identified(visit, created, { name: 'pwd' });
  } catch (error) {
    failed(visit, signUp, error);
  }
}

/** Also decides what the next try of the same sign-up is to send again. */
function failed(visit: Visit, signUp: SignUp, error: unknown): void {
  tellFailure(visit, error instanceof CeremonyError ? 'gd_webauthn_enrollment_failed' : 'fs', error);
  const message = sayFailure(error, signUpOutage);
  if (message === undefined) throw error;
  const { code, isOutage } = error instanceof BridgeError ? error : {};
  if (signUp.userHandle && isOutage) signUp.mayHaveMadeUser = true;
  // What was answered to this key is answered for ever: the next try is another one, unless there was no answer.
  if (code !== 'bridge_unreachable') signUp.idempotencyKey = randomUUID();
  if (code === 'user_handle_not_found') signUp.userHandle = undefined;
  if (code === 'user_exists') return showSignUp(visit, accountExists(signUp));
  showMethods(visit, message);
}

const accountExists = (signUp: SignUp | undefined) =>
  signUp?.mayHaveMadeUser
    ? 'There is an account now. It may be the one that you have just tried to make, but nothing here can prove that, so your passkey does not open it. Ask the people who run it for a new password, and log in with that.'
    : 'There is an account already. Log in instead.';
