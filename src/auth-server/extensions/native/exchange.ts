import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { User } from '../../bridge/bridge-client.ts';
import { connectionOf } from '../../login/connection.ts';
import { createUserWithPasskey } from '../../login/create-user.ts';
import type { Proven } from '../../login/logins.ts';
import { demandedStep, refusalOf, tellLogin } from '../../login/next-step.ts';
import { tell, tellFailure } from '../../login/tell.ts';
import type { LoginRequest, Refusal } from '../../parts.ts';
import type { CeremonyAnswer } from '../../passkeys/ceremonies.ts';
import { CeremonyError } from '../../passkeys/ceremony-error.ts';
import { finishRegistration } from '../../passkeys/register-passkey.ts';
import { finishAuthentication } from '../../passkeys/verify-passkey.ts';
import { ceremonyOrigins } from '../client-origins.ts';
import type { Granted } from './issue-tokens.ts';
import { MfaRequired, mfaRequired } from './mfa/mfa-required.ts';
import { checkPasskeysOffered, checkRealm } from './native-call.ts';
import { NativeError } from './native-error.ts';
import type { ExchangeCall } from './native-parts.ts';
import type { NativeSession } from './native-sessions.ts';
import { parseBody } from './read-body.ts';

export const exchangeParameters = ['auth_session', 'authn_response', 'realm', 'organization'] as const;

const Exchange = z.object({
  auth_session: z.string().min(1),
  /** JSON text: the grant's parameters come as a form. */
  authn_response: z.string().min(1),
  realm: z.string().optional(),
  organization: z.string().optional(),
  scope: z.string().optional(),
});

/**
 * A passkey's answer for the user, whom a registration creates. Throws NativeError, CeremonyError and BridgeError, which
 * are told as log events before.
 */
export async function exchangePasskey(call: ExchangeCall, parameters: object): Promise<Granted> {
  const { parts, client } = call;
  let failure = 'f' as 'f' | 'fs';
  try {
    const exchange = parseBody(Exchange, parameters);
    checkRealm(exchange.realm, parts.settings);
    const session = takeSession(call, exchange);
    if (session.organization) call.login.organization = session.organization;
    failure = session.purpose === 'register' ? 'fs' : 'f';
    const connection = await connectionOf(parts);
    checkPasskeysOffered(connection);
    const ceremony: CeremonyAnswer = {
      session: exchange.auth_session,
      allowedOrigins: ceremonyOrigins(call.domain, client),
      response: exchange.authn_response,
      userVerification: 'preferred',
    };
    const user =
      session.purpose === 'register'
        ? await signUp({ ...call, connection }, session, ceremony)
        : (await finishAuthentication(parts, ceremony, session.organization)).user;
    failure = 'f';
    const proven: Proven = { user, methods: [{ name: 'phr' }] };
    call.login.proven = proven;
    const refusal = await refusalOf({ ...call, connection }, proven);
    if (refusal) throw refused(refusal);
    const { scope } = exchange;
    if (demandedStep(parts, proven)) throw mfaRequired(call, proven, scope);
    tellLogin(call, proven);
    return { proven, organization: session.organization, scope };
  } catch (error) {
    if (error instanceof MfaRequired) {
      tell(call, 'mfar');
      throw error;
    }
    const ceremonyFailure =
      failure === 'fs' ? 'gd_webauthn_enrollment_failed' : 'gd_webauthn_challenge_failed';
    tellFailure(call, error instanceof CeremonyError ? ceremonyFailure : failure, error, {
      purpose: failure === 'fs' ? 'register' : 'login',
    });
    throw error;
  }
}

async function signUp(
  call: ExchangeCall & LoginRequest,
  { user = {} }: NativeSession,
  ceremony: CeremonyAnswer,
): Promise<User> {
  const passkey = await finishRegistration(call.parts.ceremonies, ceremony);
  return createUserWithPasskey(call, passkey, { user, idempotencyKey: randomUUID() });
}

/** Of the same application at the same domain; what else is named must be what it was begun with. */
function takeSession(
  { parts, client, domain }: ExchangeCall,
  exchange: z.infer<typeof Exchange>,
): NativeSession {
  const session = parts.sessions.take(exchange.auth_session);
  const isOurs = session?.clientId === client.client_id && session.host === domain.host;
  if (!session || !isOurs)
    throw new NativeError(400, 'invalid_grant', 'auth_session was used before, is too old, or is not yours');
  const { organization: named } = exchange;
  if (named !== undefined && named !== session.organization?.id && named !== session.organization?.name)
    throw new NativeError(
      400,
      'invalid_grant',
      'organization is another one than auth_session was begun with',
    );
  return session;
}

const refused = ({ status, message }: Refusal) =>
  new NativeError(status, status < 500 ? 'access_denied' : 'server_error', message);
