import type { Proven } from '../../../login/logins.ts';
import { mfaOtpGrant } from '../grant-types.ts';
import { NativeError } from '../native-error.ts';
import type { ExchangeCall } from '../native-parts.ts';

/** What was proven is good, and something more is due. */
export class MfaRequired extends NativeError {
  constructor(description: string, more?: object) {
    super(403, 'mfa_required', description, more);
  }
}

/** With a token for the calls that continue from here, where there are any. */
export function mfaRequired(call: ExchangeCall, proven: Proven, scope: string | undefined): MfaRequired {
  const { parts, client, domain } = call;
  const { codes, mfaSessions } = parts;
  if (!codes?.isDue(proven)) return oneMoreStep();
  const login = Object.assign(call.login, { proven });
  const mfa_token = mfaSessions.begin({ clientId: client.client_id, host: domain.host, scope, login });
  const factors = [{ type: 'otp' }];
  const mfa_requirements = codes.isSetUp(proven.user.user_id) ? { challenge: factors } : { enroll: factors };
  const sentence = client.grant_types.includes(mfaOtpGrant)
    ? 'Multifactor authentication required'
    : `A second factor is required, and the application's grant_types lack ${mfaOtpGrant}: log in on the login page`;
  return new MfaRequired(sentence, { mfa_token, mfa_requirements });
}

/** That no native call knows. */
export const oneMoreStep = () => new MfaRequired('There is one more step: log in on the login page');
