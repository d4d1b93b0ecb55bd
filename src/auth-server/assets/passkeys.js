// Runs the passkey ceremonies of the pages: options from the server, the browser's dialog, the answer as a form post.
const {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  platformAuthenticatorIsAvailable,
  startAuthentication,
  startRegistration,
} = globalThis.SimpleWebAuthnBrowser;

/** By what the browser calls the error. */
const sentences = {
  get: {
    NotAllowedError: 'The passkey was not used: it was cancelled, or took too long. You can try again.',
    SecurityError: 'Passkeys do not work at this address. Log in another way.',
    other: 'The passkey did not work on this device. Try again, or log in another way.',
  },
  create: {
    NotAllowedError:
      'No passkey was made: it was cancelled, or took too long. You can try again, or go on without one.',
    InvalidStateError:
      'This device has a passkey for your account already. You can go on: it needs no other.',
    SecurityError: 'Passkeys do not work at this address. You can go on without one.',
    other: 'This device could not make a passkey. Try again, or go on without one.',
  },
};
const RENEW_MS = 4 * 60_000; // the server forgets a challenge after five minutes
const SENT_MS = 5000; // more than a double click

/** The ceremony that counts; those before it were given up. */
let latest = 0;
let isSent = false;

for (const form of document.querySelectorAll('form[data-passkey]')) setUp(form);

async function setUp(form) {
  const onThisDevice = 'onThisDevice' in form.dataset;
  const canDo = onThisDevice ? await platformAuthenticatorIsAvailable() : browserSupportsWebAuthn();
  if (!canDo) return;
  form.hidden = false;
  document.querySelector('[data-without-passkeys]')?.remove();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isSent) run(form);
  });
  offer(form);
}

/** Waits until a passkey is picked in the identifier field. What becomes of that is not said: nobody pressed anything. */
async function offer(form) {
  if (!('autofill' in form.dataset)) return;
  const mine = ++latest;
  try {
    if (!(await browserSupportsWebAuthnAutofill())) return;
    const optionsJSON = await optionsOf(form);
    if (mine !== latest) return;
    setTimeout(() => mine === latest && !isSent && offer(form), RENEW_MS);
    const response = await startAuthentication({
      optionsJSON,
      useBrowserAutofill: true,
      verifyBrowserAutofillInput: false,
    });
    if (mine === latest) send(form, response);
  } catch {}
}

async function run(form) {
  const mine = ++latest;
  const ceremony = form.dataset.passkey;
  const button = form.querySelector('button');
  const alert = form.querySelector('[role=alert]');
  // What the page said of the try before is no longer the news.
  for (const earlier of document.querySelectorAll('[role=alert]')) earlier.hidden = true;
  button.disabled = true;
  try {
    const optionsJSON = await optionsOf(form);
    const start = ceremony === 'create' ? startRegistration : startAuthentication;
    send(form, await start({ optionsJSON }));
  } catch (error) {
    if (mine !== latest) return;
    alert.textContent = error.sentence ?? sentences[ceremony][error.name] ?? sentences[ceremony].other;
    alert.hidden = false;
    button.disabled = false;
    // A disabled button loses the focus: without this the keyboard would have to come from the top of the page again.
    button.focus();
    // The dialog took the place of the offer in the field.
    offer(form);
  }
}

async function optionsOf(form) {
  const sentence = 'The server cannot be reached. Try again in a moment.';
  const headers = { accept: 'application/json' };
  const response = await fetch(`${form.action}/options`, { method: 'POST', headers }).catch(() => undefined);
  const body = await response?.json().catch(() => undefined);
  if (response?.ok && body) return body;
  throw Object.assign(new Error(), { sentence: body?.message ?? sentence });
}

function send(form, response) {
  if (isSent) return;
  form.elements.response.value = JSON.stringify(response);
  setSent(true);
  form.submit();
}

// Every form is sent once: the answer to a second sending would take the place of the first.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented) return;
  if (isSent) event.preventDefault();
  else setSent(true);
});

function setSent(value) {
  isSent = value;
  for (const button of document.querySelectorAll('form[data-passkey] button')) button.disabled = value;
  if (value) setTimeout(() => setSent(false), SENT_MS);
}

// "Back" may show the page as it was left.
addEventListener('pageshow', ({ persisted }) => persisted && setSent(false));

const unknown = document.querySelector('[data-unknown-passkey]');
if (unknown) {
  const { rpId, unknownPasskey: credentialId } = unknown.dataset;
  globalThis.PublicKeyCredential?.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
}
