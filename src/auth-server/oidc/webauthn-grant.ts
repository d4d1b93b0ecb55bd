import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';

export const webauthnGrant = 'urn:okta:params:oauth:grant-type:webauthn';

/** The exchange of a native passkey response for tokens. */
export function registerWebauthnGrant(provider: Provider): void {
  provider.registerGrantType(webauthnGrant, async () => {
    throw new errors.InvalidGrant('not there yet');
  });
}
