/** The script of an application in the browser: it signs up (with a profile) or logs in, without a redirect. */
globalThis.useNativeCalls = async (login, profile) => {
  async function post(path, body) {
    const response = await fetch(login + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'auth0-client': 'e30=' },
      body: JSON.stringify({ client_id: 'shop', ...body }),
    });
    return response.json();
  }

  const { auth_session, authn_params_public_key: options } = profile
    ? await post('/passkey/register', { user_profile: profile })
    : await post('/passkey/challenge', {});
  const credential = profile
    ? await navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
      })
    : await navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
      });
  const tokens = await post('/oauth/token', {
    grant_type: 'urn:okta:params:oauth:grant-type:webauthn',
    auth_session,
    authn_response: credential.toJSON(),
    scope: 'openid email',
  });
  return { options, tokens };
};
