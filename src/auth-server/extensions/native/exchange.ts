import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { User } from '../../bridge/bridge-client.ts';
import { connectionOf } from '../../login/connection.ts';
import { createUserWithPasskey } from '../../login/create-user.ts';
import type { Proven } from '../../login/logins.ts';
import { demandedStep, refusalOf } from '../../login/next-step.ts';
import { tell, tellFailure } from '../../login/tell.ts';
import type { EventContext, LoginRequest, Refusal } from '../../parts.ts';
import type { CeremonyAnswer } from '../../passkeys/ceremonies.ts';
import { CeremonyError } from '../../passkeys/ceremony-error.ts';
import { finishRegistration } from '../../passkeys/register-passkey.ts';
import { finishAuthentication } from '../../passkeys/verify-passkey.ts';
import type { ClientSettings } from '../../settings.ts';
import { ceremonyOrigins } from '../client-origins.ts';
import { checkPasskeysOffered, checkRealm, parseBody } from './native-call.ts';
import { NativeError } from './native-error.ts';
import type { NativeParts } from './native-parts.ts';
import type { NativeSession } from './native-sessions.ts';

export const exchangeParameters = ['auth_session', 'authn_response', 'realm', 'organization'] as const;

const Exchange = z.object({
  auth_session: z.string().min(1),
  /** JSON text: the grant's parameters come as a form. */
  authn_response: z.string().min(1),
  realm: z.string().optional(),
  organization: z.string().optional(),
});

export interface ExchangeCall extends EventContext {
  parts: NativeParts;
  client: ClientSettings;
}

/**
 * A passkey's answer for the user, whom a registration creates. Throws NativeError, CeremonyError and BridgeError, which
 * are told as log events before.
 */
export async function exchangePasskey(call: ExchangeCall, parameters: object): Promise<User> {
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
    if (demandedStep(parts, proven)) throw stepIsDue();
    tell(call, 's', { details: { prompts: [{ performed_amr: ['phr'] }] } });
    return user;
  } catch (error) {
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

/** There is no native call that continues from here: such an application sends its users to the login pages. */
const stepIsDue = () =>
  new NativeError(403, 'mfa_required', 'A second factor is required: log in on the login page', {
    mfa_token: randomUUID(),
    mfa_requirements: { challenge: [{ type: 'otp' }] },
  });
