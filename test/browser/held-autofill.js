// Runs in each page before its own scripts. A virtual authenticator answers a conditional request the moment it is made
// and refuses it where it has no passkey; in a browser with a person it waits until one is picked in the field's menu.
// So the request is held back here until the test picks.
{
  const container = navigator.credentials;
  const waiting = new Set();
  let onOffer = () => {};

  if (container) {
    const get = container.get.bind(container);
    container.get = (options) => (options?.mediation === 'conditional' ? hold(get, options) : get(options));
  }

  function hold(get, options) {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw signal.reason;
      const go = () => {
        waiting.delete(go);
        resolve(get(options));
      };
      waiting.add(go);
      signal?.addEventListener('abort', () => {
        if (waiting.delete(go)) reject(signal.reason);
      });
      onOffer();
    });
  }

  async function pick() {
    while (waiting.size === 0) {
      await new Promise((resolve) => {
        onOffer = resolve;
      });
    }
    if (!document.querySelector('input[autocomplete~="webauthn"]'))
      throw new Error('no field offers passkeys: none has autocomplete="username webauthn"');
    for (const go of waiting) go();
  }

  Object.defineProperty(window, 'heldAutofill', { value: { pick, isOffered: () => waiting.size > 0 } });
}
