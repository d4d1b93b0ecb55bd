export const webauthnGrant = 'urn:okta:params:oauth:grant-type:webauthn';
