import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OneTimeCodes } from '../../post-login/one-time-codes.ts';
import { NativeError } from '../native-error.ts';
import { parseBody } from '../read-body.ts';
import type { MfaSession } from './mfa-sessions.ts';

export interface AuthenticatorCall {
  codes: OneTimeCodes;
  /** Of the `mfa_token`. */
  login: MfaSession['login'];
  body: unknown;
}

/** `GET /mfa/authenticators`: the app that the user has set up. */
export function listAuthenticators({ codes, login }: AuthenticatorCall): object {
  const { user_id } = login.proven.user;
  return codes.isSetUp(user_id) ? [{ id: idOf(user_id), authenticator_type: 'otp', active: true }] : [];
}

const Associate = z.object({ authenticator_types: z.array(z.string()) });

/**
 * `POST /mfa/associate`: what the app has to know that a user sets up. The first code of it that is exchanged confirms it,
 * as on the login page; nothing is kept until then. There are no recovery codes.
 */
export function associate({ codes, login, body }: AuthenticatorCall): object {
  const { authenticator_types } = parseBody(Associate, body);
  if (!authenticator_types.includes('otp'))
    throw new NativeError(400, 'invalid_request', 'authenticator_types: there is "otp" only');
  const app = codes.isSetUp(login.proven.user.user_id) ? undefined : codes.setUp(login);
  if (!app) throw new NativeError(403, 'access_denied', 'User is already enrolled.');
  return { authenticator_type: 'otp', secret: app.secret, barcode_uri: app.uri };
}

const Challenge = z.object({
  /** Those that the application can do, with spaces between. All where it names none. */
  challenge_type: z.string().default('otp'),
  authenticator_id: z.string().optional(),
});

/** `POST /mfa/challenge`: which of the application's types it is. Nothing is sent: the app on the phone has the code. */
export function challenge({ codes, login, body }: AuthenticatorCall): object {
  const { challenge_type, authenticator_id } = parseBody(Challenge, body);
  const { user_id } = login.proven.user;
  // Auth0's clients take the code for "the user has none yet" (`isMultifactorEnrollRequired`).
  if (!codes.isSetUp(user_id))
    throw new NativeError(
      400,
      'unsupported_challenge_type',
      'User is not enrolled. Set up an authenticator app with /mfa/associate',
    );
  if (!challenge_type.split(' ').includes('otp'))
    throw new NativeError(400, 'unsupported_challenge_type', 'challenge_type: there is "otp" only');
  if (authenticator_id !== undefined && authenticator_id !== idOf(user_id))
    throw new NativeError(400, 'invalid_request', 'authenticator_id: the user has none of this id');
  return { challenge_type: 'otp' };
}

/** A user has one app at most. */
const idOf = (userId: string) =>
  `totp|dev_${createHash('sha256').update(userId).digest('base64url').slice(0, 16)}`;
