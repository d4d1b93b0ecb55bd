import type { Organization } from '../../bridge/bridge-client.ts';
import type { Extension, Parts } from '../../parts.ts';
import { beginNativeLogin } from './challenge.ts';
import { nativeCall } from './native-call.ts';
import type { NativeParts } from './native-parts.ts';
import { createNativeSessions } from './native-sessions.ts';
import { beginNativeSignUp } from './register.ts';
import { jsonAsForm } from './token-body.ts';
import { registerWebauthnGrant } from './webauthn-grant.ts';
import { webauthnGrant } from './webauthn-grant-type.ts';

/**
 * The passkey calls of applications that show pages of their own, on a phone say. Who may log in within `organizations`
 * is for the extension of that name to say: with none of it, give none.
 */
export function createNativeCalls(core: Parts, organizations: readonly Organization[]): Extension {
  const parts: NativeParts = { ...core, sessions: createNativeSessions(core.now), organizations };
  return {
    /** The calls are for first-party applications with this grant. */
    grantTypes: [webauthnGrant],
    addRoutes({ app, domains }) {
      app.all('/passkey/register', nativeCall(parts, 'register', beginNativeSignUp));
      app.all('/passkey/challenge', nativeCall(parts, 'login', beginNativeLogin));
      app.post('/oauth/token', jsonAsForm);
      for (const domain of domains) registerWebauthnGrant(parts, domain);
    },
  };
}
