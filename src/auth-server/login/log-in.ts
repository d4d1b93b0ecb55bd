import { z } from 'zod';
import { BridgeError } from '../bridge/bridge-error.ts';
import { html } from '../pages/html.ts';
import { field, passkeyForm, unknownPasskey } from '../pages/layout.ts';
import type { Visit } from '../parts.ts';
import { identifierLabel } from './identifier-type.ts';
import { identified } from './next-step.ts';
import { passkeysOffered, passkeyUi } from './passkey-offer.ts';
import { sayFailure } from './say-failure.ts';
import { show } from './show.ts';
import { tellFailure } from './tell.ts';

const IdentifierForm = z.object({ identifier: z.string().trim().min(1).max(1024) });
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
  const hint = login.identifier ?? (typeof params.login_hint === 'string' ? params.login_hint : undefined);
  show(visit, {
    title: 'Log in',
    message,
    content: html`
${unknownCredential !== undefined && unknownPasskey(domain.rpId(), unknownCredential)}
<form method="post" action="${path}/identifier">
${field({
  name: 'identifier',
  label: identifierLabel(connection),
  autocomplete: passkeys && autofill ? 'username webauthn' : 'username',
  value: hint,
  autofocus: true,
})}
<button type="submit">Continue</button>
</form>
${passkeys && passkeyForm({ action: `${path}/passkey`, ceremony: 'get', label: 'Log in with a passkey', autofill, button, secondary: true })}
${signUpLink(visit)}`,
  });
}

const signUpLink = ({ connection, path }: Visit) =>
  connection.disable_signup !== true &&
  html`<p class="muted">New here? <a href="${path}/signup">Sign up</a></p>`;

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
${passkeysOffered(connection) && button && passkeyForm({ action: `${path}/passkey`, ceremony: 'get', label: 'Log in with a passkey', secondary: true })}
${signUpLink(visit)}`,
  });
}

export async function takePassword(visit: Visit): Promise<void> {
  const { login, req, parts, path, res } = visit;
  if (login.identifier === undefined) return res.redirect(303, path);
  const form = PasswordForm.safeParse(req.body);
  if (!form.success) return showPassword(visit, 'Type your password.');
  try {
    const { organization } = login;
    const user = await parts.bridge.logIn(login.identifier, form.data.password, { ip: req.ip, organization });
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
