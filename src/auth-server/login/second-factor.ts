import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';
import { z } from 'zod';
import type { User } from '../bridge/bridge-client.ts';
import { Html, html } from '../pages/html.ts';
import { field } from '../pages/layout.ts';
import { show } from '../pages/show.ts';
import { endLogin } from './end-login.ts';
import { nextStep } from './next-step.ts';
import { tell } from './tell.ts';
import type { Visit } from './visit.ts';

const CodeForm = z.object({
  code: z
    .string()
    .transform((text) => text.replaceAll(/\s/g, ''))
    .pipe(z.string().regex(/^\d{6}$/)),
});

const MOST_WRONG_CODES = 5;

const messages = {
  code_wrong: 'That code is wrong. Type the one that the app shows now.',
  code_used: 'That code was used already. Wait until the app shows the next one.',
};

/** Asks for the app's code; of somebody who has no app yet, to set one up. */
export async function showSecondFactor(visit: Visit, message?: string): Promise<void> {
  const { login, parts } = visit;
  if (!login.user || !isDue(visit)) return elsewhere(visit);
  if (parts.totpFactors.secretOf(login.user.user_id) === undefined)
    return showSetUp(visit, login.user, message);
  show(visit, {
    title: 'Enter your code',
    message,
    content: html`
<p>Open your authenticator app and type the code that it shows for <span class="who">${parts.settings.name}</span>.</p>
${codeForm(visit, 'Continue')}
<p class="muted">You do not have the app any more? Ask the people who run this site.</p>`,
  });
}

export async function takeSecondFactor(visit: Visit): Promise<void> {
  const { login, parts, req } = visit;
  if (!login.user || !isDue(visit)) return elsewhere(visit);
  const userId = login.user.user_id;
  const known = parts.totpFactors.secretOf(userId);
  if (known !== undefined && parts.wrongCodes.areTooMany(userId))
    return endWithTooMany(visit, 'Wait 15 minutes, then');
  const secret = known ?? login.totpSecret;
  const form = CodeForm.safeParse(req.body);
  if (!form.success || secret === undefined)
    return showSecondFactor(visit, 'Type the six digits that the app shows.');

  const step = timeStep(form.data.code, secret, parts.now());
  const isNew =
    step !== undefined &&
    (known ? parts.totpFactors.use(userId, step) : parts.totpFactors.add(userId, secret, step));
  if (!isNew) return refuse(visit, step === undefined ? 'code_wrong' : 'code_used');

  if (known === undefined)
    tell(visit, 'gd_enrollment_complete', { details: { authenticator: { type: 'otp' } } });
  tell(visit, 'gd_auth_succeed', { details: { authenticator: { type: 'otp' } } });
  login.totpSecret = undefined;
  login.methods.push({ name: 'otp' });
  login.done.add('second-factor');
  await nextStep(visit);
}

const isDue = ({ login }: Visit) => login.verdict?.secondFactor === true && !login.done.has('second-factor');

/** The page was left behind, or nobody has been here before it. */
async function elsewhere(visit: Visit): Promise<void> {
  const { login, path, res } = visit;
  if (login.user && login.verdict) return nextStep(visit);
  res.redirect(303, path);
}

/** The secret is this login's until a code has confirmed it: no other login, whoever began it, has the same. */
function showSetUp(visit: Visit, user: User, message: string | undefined): void {
  const { login, parts } = visit;
  login.totpSecret ??= new Secret({ size: 20 }).base32;
  const uri = new TOTP({
    issuer: parts.settings.name,
    label: login.identifier ?? nameOf(user),
    secret: login.totpSecret,
  }).toString();
  show(visit, {
    title: 'Set up an authenticator app',
    message,
    content: html`
<p>From now on you log in with a code from an app on your phone, too. Scan this picture with the app:</p>
<div class="qr">${picture(uri)}</div>
<p>You cannot scan it? Type this key into the app: <code>${login.totpSecret.replaceAll(/.{4}(?=.)/g, '$& ')}</code></p>
<p>Or, on your phone, <a href="${uri}">open the app</a>.</p>
<p>Then type the code that the app shows.</p>
${codeForm(visit, 'Confirm')}`,
  });
}

const codeForm = ({ path }: Visit, action: string) => html`
<form method="post" action="${path}/second-factor">
${field({ name: 'code', label: 'Code', autocomplete: 'one-time-code', inputmode: 'numeric', autofocus: true })}
<button type="submit">${action}</button>
</form>`;

const nameOf = (user: User) => String(user.email ?? user.username ?? user.phone_number ?? user.user_id);

function picture(uri: string): Html {
  const label = 'role="img" aria-label="QR code with the key that stands below as text"';
  return new Html(renderSVG(uri, { border: 2 }).replace('<svg ', `<svg ${label} `));
}

/** Of a right code, one step early or late at most; the library compares in constant time. */
function timeStep(code: string, secret: string, timestamp: number): number | undefined {
  const totp = new TOTP({ secret });
  const delta = totp.validate({ token: code, timestamp, window: 1 });
  return delta === null ? undefined : totp.counter({ timestamp }) + delta;
}

async function refuse(visit: Visit, code: keyof typeof messages): Promise<void> {
  const { login, parts } = visit;
  const { user_id: userId } = login.user!;
  // Whoever is setting up the app sees the secret: there is nothing to guess.
  if (parts.totpFactors.secretOf(userId) !== undefined) parts.wrongCodes.add(userId);
  tell(visit, 'gd_auth_failed', { details: { error: { code } } });
  login.wrongCodes = (login.wrongCodes ?? 0) + 1;
  if (login.wrongCodes >= MOST_WRONG_CODES) return endWithTooMany(visit, 'Please');
  await showSecondFactor(visit, messages[code]);
}

const endWithTooMany = (visit: Visit, when: string) =>
  endLogin(visit, {
    code: 'too_many_codes',
    message: `Too many wrong codes. ${when} go back to the application and log in again.`,
    status: 429,
    event: 'gd_auth_failed',
  });
