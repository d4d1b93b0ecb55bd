import { z } from 'zod';
import { BridgeError } from '../bridge/bridge-client.ts';
import { type Html, html } from '../pages/html.ts';
import { field, passkeyForm, show, unknownPasskey } from '../pages/layout.ts';
import type { Visit } from '../parts.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { readAuthentication } from '../passkeys/passkey-response.ts';
import { beginAuthentication, finishAuthentication } from '../passkeys/verify-passkey.ts';
import { identifierLabel, passkeysOffered, passkeyUi } from './connection.ts';
import { StepError, sayFailure } from './failures.ts';
import { identified } from './next-step.ts';
import { tellFailure } from './tell.ts';

export const IdentifierForm = z.object({ identifier: z.string().trim().min(1).max(1024) });
const PasswordForm = z.object({ password: z.string().min(1).max(4096) });

/**
 * The first page: who are you? With a passkey, that is all there is to say. `unknownCredential` is the id of one that was
 * just used and that nobody has here.
 */
export function showLogin(visit: Visit, message?: string, unknownCredential?: string): void {
  const { params, path, connection, login, domain } = visit;
  if (params.screen_hint === 'signup' && login.identifier === undefined && message === undefined)
    return visit.res.redirect(303, `${path}/signup`);
  const { autofill, button } = passkeyUi(connection);
  const passkeys = passkeysOffered(connection);
  show(visit, {
    title: 'Log in',
    message,
    content: html`
${unknownCredential !== undefined && unknownPasskey(domain.rpId(), unknownCredential)}
<form method="post" action="${path}/identifier">
${identifierField(visit, passkeys && autofill ? 'username webauthn' : 'username')}
<button type="submit">Continue</button>
</form>
${passkeys && passkeyForm({ action: `${path}/passkey`, ceremony: 'get', autofill, button })}
${signUpLink(visit)}`,
  });
}

export function identifierField({ connection, login, params }: Visit, autocomplete: string): Html {
  const hint = typeof params.login_hint === 'string' ? params.login_hint : undefined;
  const value = login.identifier ?? hint;
  const label = identifierLabel(connection);
  return field({ name: 'identifier', label, autocomplete, value, autofocus: true });
}

const signUpLink = ({ connection, path }: Visit) =>
  connection.disable_signup !== true &&
  html`<p class="muted">New here? <a href="${path}/signup">Sign up</a></p>`;

export async function passkeyOptions({ parts, login, domain, res, connection }: Visit): Promise<void> {
  if (!passkeysOffered(connection)) throw passkeysClosed();
  res.json(await beginAuthentication(parts.ceremonies, { session: login.uid, rpId: domain.rpId() }));
}

export async function takePasskey(visit: Visit): Promise<void> {
  const { parts, login, domain, req, connection } = visit;
  if (!passkeysOffered(connection)) throw passkeysClosed();
  try {
    const answer = { session: login.uid, allowedOrigins: [domain.origin], response: req.body?.response };
    const { user, isCrossDevice } = await finishAuthentication(parts, answer, login.organization);
    if (login.proven && login.proven.user.user_id !== user.user_id)
      throw new CeremonyError('passkey_of_another_user', user.user_id);
    await identified(visit, user, { name: 'phr', isCrossDevice });
  } catch (error) {
    const event = error instanceof CeremonyError ? 'gd_webauthn_challenge_failed' : 'f';
    tellFailure(visit, event, error, { purpose: 'login' });
    const message = sayFailure(error);
    if (message === undefined) throw error;
    showLogin(visit, message, forgettable(visit, error));
  }
}

const passkeysClosed = () => new StepError('Passkeys are not used here. Log in another way.', 403);

/** The credential that the device may forget: it is kept nowhere here, not even as that of an unfinished sign-up. */
function forgettable({ parts, req }: Visit, error: unknown): string | undefined {
  if (!(error instanceof CeremonyError) || error.code !== 'passkey_unknown') return undefined;
  const { id } = readAuthentication(req.body.response);
  return parts.passkeys.find(id) ? undefined : id;
}

export function takeIdentifier(visit: Visit): void {
  const form = IdentifierForm.safeParse(visit.req.body);
  if (!form.success) return showLogin(visit, 'Type who you are.');
  visit.login.identifier = form.data.identifier;
  // Whether there is such an account is not told here: that would let anybody ask.
  visit.res.redirect(303, `${visit.path}/password`);
}

export function showPassword(visit: Visit, message?: string): void {
  const { login, path, connection } = visit;
  if (login.identifier === undefined) return visit.res.redirect(303, path);
  const { button } = passkeyUi(connection);
  show(visit, {
    title: 'Your password',
    message,
    content: html`
<p>for <span class="who">${login.identifier}</span>, <a href="${path}">not you?</a></p>
<form method="post" action="${path}/password">
<input type="text" name="username" autocomplete="username" readonly hidden value="${login.identifier}">
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', autofocus: true })}
<button type="submit">Log in</button>
</form>
${passkeysOffered(connection) && button && passkeyForm({ action: `${path}/passkey`, ceremony: 'get' })}
${signUpLink(visit)}`,
  });
}

export async function takePassword(visit: Visit): Promise<void> {
  const { login, req, parts, path, res } = visit;
  if (login.identifier === undefined) return res.redirect(303, path);
  const form = PasswordForm.safeParse(req.body);
  if (!form.success) return showPassword(visit, 'Type your password.');
  try {
    const { identifier, organization } = login;
    const user = await parts.bridge.logIn(identifier, form.data.password, req.ip, organization);
    await identified(visit, user, { name: 'pwd' });
  } catch (error) {
    tellFailure(visit, loginEvent(error), error);
    const message = sayFailure(error);
    if (message === undefined) throw error;
    showPassword(visit, message);
  }
}

/** The bridge says whether the password was wrong or nobody has the identifier; everything else is `f`. */
function loginEvent(error: unknown): 'fp' | 'fu' | 'f' {
  const logCode = error instanceof BridgeError ? error.logCode : undefined;
  return logCode === 'fp' || logCode === 'fu' ? logCode : 'f';
}
