import { z } from 'zod';
import type { User } from '../../../bridge/bridge-client.ts';
import { demandedStep, tellLogin } from '../../../login/next-step.ts';
import { tell, tellFailure } from '../../../login/tell.ts';
import { CeremonyError } from '../../../passkeys/ceremony-error.ts';
import { OneTimeCode } from '../../post-login/one-time-codes.ts';
import type { Granted } from '../issue-tokens.ts';
import { NativeError } from '../native-error.ts';
import type { ExchangeCall } from '../native-parts.ts';
import { parseBody } from '../read-body.ts';
import { oneMoreStep } from './mfa-required.ts';
import type { MfaSession } from './mfa-sessions.ts';
import { malformed, openMfaToken } from './mfa-token.ts';

const Body = z.object({ mfa_token: z.string().min(1), otp: z.string().min(1) });

interface CodeCall extends ExchangeCall {
  login: MfaSession['login'];
  token: string;
  scope: string | undefined;
}

/**
 * An authenticator app's code, after a passkey. Throws NativeError, CeremonyError and BridgeError, which are told as log
 * events before. The user is asked for anew; the hook, which has judged this login, is not.
 */
export async function exchangeCode(given: ExchangeCall, parameters: object): Promise<Granted> {
  const { call, otp, user } = await open(given, parameters);
  takeCode(call, otp);
  const { parts, login, scope } = call;
  if (demandedStep(parts, login.proven)) {
    tell(call, 'mfar');
    throw oneMoreStep();
  }
  tellLogin(call, login.proven);
  tell(call, 'sepkotpft');
  return { proven: { ...login.proven, user }, organization: login.organization, scope };
}

async function open(given: ExchangeCall, parameters: object) {
  let about = given;
  try {
    const { mfa_token: token, otp } = parseBody(Body, parameters);
    const { parts, domain, client } = given;
    const { login, scope } = openMfaToken(parts.mfaSessions, token, { host: domain.host, client });
    const call: CodeCall = { ...given, login, token, scope };
    about = call;
    // What is no code costs the user store nothing.
    if (!OneTimeCode.safeParse(otp).success) throw invalidCode();
    return { call, otp, user: await userNow(call) };
  } catch (error) {
    tellFailure(about, 'f', error, { purpose: 'login' });
    throw error;
  }
}

/** Whoever is gone or blocked since the passkey was proven is not let in. */
async function userNow({ parts, login, token }: CodeCall): Promise<User> {
  const userId = login.proven.user.user_id;
  const user = await parts.bridge.findByUserId(userId, login.organization);
  if (user && !user.blocked) return user;
  parts.mfaSessions.end(token);
  throw new CeremonyError(user ? 'user_blocked' : 'user_not_found', userId);
}

/** Without a wait in it: of two calls with one token, the second finds what the first has left. */
function takeCode(call: CodeCall, otp: string): void {
  const { parts, token } = call;
  const outcome = parts.codes?.take(call, otp) ?? 'not_due';
  switch (outcome) {
    case 'passed':
      parts.mfaSessions.end(token);
      return;
    case 'not_due':
      throw malformed();
    case 'no_code':
    case 'code_wrong':
    case 'code_used':
      throw invalidCode();
    case 'login_over':
      parts.mfaSessions.end(token);
      throw tooMany(call, 'Too many wrong codes. Begin again with the passkey');
    case 'user_must_wait':
      throw tooMany(call, 'Too many wrong codes. Wait 15 minutes');
    default:
      outcome satisfies never;
  }
}

/** Auth0's clients know a wrong code by this sentence (`isMultifactorCodeInvalid`). */
const invalidCode = () => new NativeError(403, 'invalid_grant', 'Invalid otp_code.');

/** Auth0's clients know it by its code (`isTooManyAttempts`). */
function tooMany(call: CodeCall, sentence: string): NativeError {
  tell(call, 'gd_auth_failed', { details: { error: { code: 'too_many_codes' } } });
  return new NativeError(429, 'too_many_attempts', sentence);
}
