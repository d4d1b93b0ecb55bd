import type { ClientSettings } from '../../../settings.ts';
import { NativeError } from '../native-error.ts';
import type { MfaSession, MfaSessions } from './mfa-sessions.ts';

interface Presented {
  host: string;
  /** Undefined where the call does not say which application it is. */
  client?: ClientSettings | undefined;
}

/**
 * What the token stands for at this domain. Throws NativeError: Auth0's clients for iOS and Android know a token that is
 * no good by exactly these codes and sentences (`isMultifactorTokenInvalid`).
 */
export function openMfaToken(sessions: MfaSessions, token: string, { host, client }: Presented): MfaSession {
  const found = sessions.find(token);
  if (!found || found.session.host !== host) throw malformed();
  if (client && client.client_id !== found.session.clientId)
    throw new NativeError(400, 'invalid_request', 'mfa_token not issued to this client');
  if (found.isExpired) throw new NativeError(401, 'expired_token', 'mfa_token is expired');
  return found.session;
}

/** Unknown, used, or void after too many wrong codes. */
export const malformed = () => new NativeError(401, 'invalid_grant', 'Malformed mfa_token');
