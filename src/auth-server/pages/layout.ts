import { Html, html } from './html.ts';

export interface PageParts {
  title: string;
  /** Of the company, above everything. */
  brand: string;
  content: Html;
  /** Wide pages are the panel's. */
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

export interface Field {
  name: string;
  label: string;
  type?: string;
  autocomplete: string;
  value?: string | undefined;
  inputmode?: string;
  autofocus?: boolean;
}

export const field = ({
  name,
  label,
  type = 'text',
  autocomplete,
  value = '',
  inputmode,
  autofocus,
}: Field) => html`
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${value}" required
  autocapitalize="none" spellcheck="false" ${inputmode !== undefined && html`inputmode="${inputmode}"`} ${autofocus === true && html`autofocus`}>`;

export interface PasskeyForm {
  /** Where the browser's answer is posted to; the options come from the same path with `/options`. */
  action: string;
  ceremony: 'create' | 'get';
  label: string;
  /** The browser offers passkeys in the identifier field, with or without a button. */
  autofill?: boolean;
  /** Shown only where the device itself can keep a passkey. */
  onThisDevice?: boolean;
  button?: boolean;
  secondary?: boolean;
}

/** A form that does a ceremony; assets/passkeys.js runs it. Shown only where the browser knows passkeys. */
export const passkeyForm = ({
  action,
  ceremony,
  label,
  autofill,
  onThisDevice,
  button = true,
  secondary,
}: PasskeyForm) => html`
<form method="post" action="${action}" data-passkey="${ceremony}" ${autofill === true && html`data-autofill`} ${onThisDevice === true && html`data-on-this-device`} hidden>
<input type="hidden" name="response" autocomplete="off">
<p class="alert" role="alert" hidden></p>
${button && html`<button type="submit" class="${secondary === true ? 'secondary' : 'primary'}">${label}</button>`}
</form>`;

/** Has the browser tell the device that nobody here knows this passkey, so that it offers it no more. */
export const unknownPasskey = (rpId: string, credentialId: string) =>
  html`<div data-unknown-passkey="${credentialId}" data-rp-id="${rpId}" hidden></div>`;
