// Runs the passkey ceremonies of the pages: options from the server, the browser's dialog, the answer as a form post.
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from '/assets/simplewebauthn/index.js';

const messages = {
  NotAllowedError: 'The passkey was not used: it was cancelled, or took too long. You can try again.',
  InvalidStateError: 'This device has a passkey for your account already. Log in with it.',
  SecurityError: 'Passkeys do not work at this address.',
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED:
    'This device has a passkey for your account already. Log in with it.',
};

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!browserSupportsWebAuthn()) continue;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    // The second submit is ours, with the answer in it.
    if (form.elements.response.value !== '') return;
    event.preventDefault();
    run(form, false);
  });
  if ('autofill' in form.dataset && (await browserSupportsWebAuthnAutofill())) run(form, true);
}

async function run(form, useBrowserAutofill) {
  const button = form.querySelector('button');
  const alert = form.querySelector('[role=alert]');
  alert.hidden = true;
  if (!useBrowserAutofill && button) button.disabled = true;
  try {
    const optionsJSON = await optionsOf(form);
    const response =
      form.dataset.passkey === 'create'
        ? await startRegistration({ optionsJSON })
        : await startAuthentication({ optionsJSON, useBrowserAutofill, verifyBrowserAutofillInput: false });
    WebAuthnAbortService.cancelCeremony();
    form.elements.response.value = JSON.stringify(response);
    form.requestSubmit();
  } catch (error) {
    if (button) button.disabled = false;
    // The button takes over from the autofill, and the autofill may be turned down silently.
    if (useBrowserAutofill || error.name === 'AbortError') return;
    alert.textContent = messages[error.code] ?? messages[error.name] ?? error.message;
    alert.hidden = false;
    form.dispatchEvent(new CustomEvent('passkey-failed', { bubbles: true, detail: error.name }));
  }
}

async function optionsOf(form) {
  const response = await fetch(`${form.action}/options`, {
    method: 'POST',
    headers: { accept: 'application/json' },
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Error(body.message ?? 'The server cannot be reached. Try again in a moment.');
}
