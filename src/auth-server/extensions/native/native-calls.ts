import type { Organization } from '../../bridge/bridge-client.ts';
import type { Extension, Parts } from '../../parts.ts';
import type { OneTimeCodes } from '../post-login/one-time-codes.ts';
import { beginNativeLogin } from './challenge.ts';
import { mfaOtpGrant, webauthnGrant } from './grant-types.ts';
import { mfaCalls } from './mfa/mfa-calls.ts';
import { createMfaSessions } from './mfa/mfa-sessions.ts';
import { nativeCall } from './native-call.ts';
import type { NativeParts } from './native-parts.ts';
import { createNativeSessions } from './native-sessions.ts';
import { beginNativeSignUp } from './register.ts';
import { registerGrants } from './register-grants.ts';
import { jsonAsForm } from './token-body.ts';

export interface NativeOptions {
  /** Who may log in within them is for the extension of that name to say: with none of it, give none. */
  organizations?: readonly Organization[];
  /** Those of the post-login extension: with none of it, give none. */
  codes?: OneTimeCodes;
}

/** The passkey calls of applications that show pages of their own, on a phone say, and those of their second factors. */
export function createNativeCalls(core: Parts, { organizations = [], codes }: NativeOptions = {}): Extension {
  const sessions = createNativeSessions(core.now);
  const mfaSessions = createMfaSessions(core.now);
  const parts: NativeParts = { ...core, sessions, mfaSessions, organizations, codes };
  return {
    /** The passkey calls are for first-party applications with the first of these. */
    grantTypes: codes ? [webauthnGrant, mfaOtpGrant] : [webauthnGrant],
    addRoutes({ app, domains }) {
      app.all('/passkey/register', nativeCall(parts, 'register', beginNativeSignUp));
      app.all('/passkey/challenge', nativeCall(parts, 'login', beginNativeLogin));
      if (codes) for (const [path, call] of mfaCalls(parts, codes)) app.all(path, call);
      app.post('/oauth/token', jsonAsForm);
      for (const domain of domains) registerGrants(parts, domain);
    },
  };
}
