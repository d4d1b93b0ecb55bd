import type { Visit } from '../parts.ts';
import { Html, html } from './html.ts';

export interface PageParts {
  title: string;
  brand: string;
  content: Html;
  wide?: boolean;
}

/** Every page. Scripts and styles come from this server alone, so that the policy need allow nothing else. */
export function layout({ title, brand, content, wide }: PageParts): string {
  return html`${new Html('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} - ${brand}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
<script defer src="/assets/simplewebauthn.js"></script>
<script type="module" src="/assets/passkeys.js"></script>
</head>
<body>
<main class="${wide ? 'wide' : 'card'}">
<p class="brand">${brand}</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.text;
}

/** What went wrong, read out by screen readers when the page comes up. */
export const alert = (message: string | undefined) =>
  message !== undefined && html`<p class="alert" role="alert">${message}</p>`;

/** Answers a page of a login; with a message it is the answer to something that failed. */
export function show(
  { parts, res }: Visit,
  { title, message, content }: { title: string; message: string | undefined; content: Html },
): void {
  res
    .status(message === undefined ? 200 : 422)
    .type('html')
    .send(layout({ title, brand: parts.settings.name, content: html`${alert(message)}${content}` }));
}

export interface Field {
  name: string;
  label: string;
  type?: string;
  autocomplete: string;
  value?: string | undefined;
  inputmode?: string;
  autofocus?: boolean;
}

export const field = ({ name, label, inputmode, ...given }: Field) => html`
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${given.type ?? 'text'}" autocomplete="${given.autocomplete}" value="${given.value ?? ''}" required
  autocapitalize="none" spellcheck="false" ${inputmode !== undefined && html`inputmode="${inputmode}"`} ${given.autofocus === true && html`autofocus`}>`;

export interface PasskeyForm {
  /** Where the browser's answer is posted to; the options come from the same path with `/options`. */
  action: string;
  ceremony: 'create' | 'get';
  /** The browser offers passkeys in the identifier field, with or without a button. */
  autofill?: boolean;
  button?: boolean;
  /** Shown only where the device itself can keep a passkey. */
  onThisDevice?: boolean;
}

/** A form that does a ceremony; assets/passkeys.js runs it. Shown only where the browser knows passkeys. */
export function passkeyForm({ action, ceremony, autofill, button = true, onThisDevice }: PasskeyForm): Html {
  const submit =
    ceremony === 'create'
      ? html`<button type="submit" class="primary">Create a passkey</button>`
      : html`<button type="submit" class="secondary">Log in with a passkey</button>`;
  return html`
<form method="post" action="${action}" data-passkey="${ceremony}" ${autofill === true && html`data-autofill`} ${onThisDevice === true && html`data-on-this-device`} hidden>
<input type="hidden" name="response" autocomplete="off">
<p class="alert" role="alert" hidden></p>
${button && submit}
</form>`;
}

/** Has the browser tell the device that nobody here knows this passkey, so that it offers it no more. */
export const unknownPasskey = (rpId: string, credentialId: string) =>
  html`<div data-unknown-passkey="${credentialId}" data-rp-id="${rpId}" hidden></div>`;
