export const webauthnGrant = 'urn:okta:params:oauth:grant-type:webauthn';
export const mfaOtpGrant = 'http://auth0.com/oauth/grant-type/mfa-otp';
