import { BridgeError } from '../bridge/bridge-client.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';

/** What a person can do something about; the message goes on a page. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly status: number;
  readonly code: string;
  constructor(message: string, status: number, code = 'not_allowed') {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const broken = 'Something broke on our side. Try again in a minute.';

export const signUpOutage =
  'You cannot be signed up at the moment. Nothing was wrong with what you typed: try again in a minute.';

export const outage =
  'Your account cannot be looked up at the moment. Nothing is wrong with it: try again in a minute.';

export const blocked = 'This account is blocked. Ask the people who run it.';

/**
 * What the page says of a failure. Undefined for what is none of these: that is a fault of ours. What the scripts of the
 * user store wrote stays in the log; people get sentences of ours.
 */
export function sayFailure(error: unknown, ofOutage = outage): string | undefined {
  if (error instanceof CeremonyError) {
    if (error.code === 'user_blocked') return blocked;
    if (error.code === 'passkey_unknown' || error.code === 'user_not_found')
      return 'There is no account for this passkey any more. Log in another way, or remove the passkey from your device.';
    if (error.code === 'sign_up_unfinished')
      return 'The sign-up with this passkey did not come to an end. Sign up again; should there be an account already, ask the people who run it for a new password.';
    if (error.code === 'passkey_of_another_user')
      return 'That passkey is of another account than the one that is logging in here.';
    if (error.code === 'challenge_unknown') return 'That took too long, or was tried twice. Try again.';
    return 'The passkey was not accepted. Try again, or log in another way.';
  }
  if (!(error instanceof BridgeError)) return undefined;
  if (error.code === 'too_many_attempts') return 'Too many tries have failed. Wait a while, then try again.';
  if (error.isOutage) return ofOutage;
  if (error.code === 'wrong_username_or_password')
    return 'That is the wrong password, or there is no such account.';
  if (error.code === 'user_exists') return 'There is an account already. Log in instead.';
  if (error.code === 'access_denied') return 'This account may not log in. Ask the people who run it.';
  return 'That was not accepted. Check what you typed.';
}
