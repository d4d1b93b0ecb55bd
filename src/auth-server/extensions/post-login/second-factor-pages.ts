import { renderSVG } from 'uqr';
import { Html, html } from '../../pages/html.ts';
import { field, show } from '../../pages/layout.ts';
import type { Visit } from '../../parts.ts';

export function askForCode(visit: Visit, message: string | undefined): void {
  show(visit, {
    title: 'Enter your code',
    message,
    content: html`
<p>Open your authenticator app and type the code that it shows for <span class="who">${visit.parts.settings.name}</span>.</p>
${codeForm(visit, 'Continue')}
<p class="muted">You do not have the app any more? Ask the people who run this site.</p>`,
  });
}

export interface SetUp {
  /** Base32, not confirmed yet. */
  secret: string;
  /** The same for an app that scans it. */
  uri: string;
  message: string | undefined;
}

export function askToSetUp(visit: Visit, { secret, uri, message }: SetUp): void {
  show(visit, {
    title: 'Set up an authenticator app',
    message,
    content: html`
<p>From now on you log in with a code from an app on your phone, too. Scan this picture with the app:</p>
<div class="qr">${picture(uri)}</div>
<p>You cannot scan it? Type this key into the app: <code>${secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code></p>
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

function picture(uri: string): Html {
  const label = 'role="img" aria-label="QR code with the key that stands below as text"';
  return new Html(renderSVG(uri, { border: 2 }).replace('<svg ', `<svg ${label} `));
}
