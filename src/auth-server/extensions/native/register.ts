import { signUpTerms } from '../../login/sign-up.ts';
import { beginRegistration } from '../../passkeys/register-passkey.ts';
import type { NativeCall } from './native-call.ts';
import { NativeError } from './native-error.ts';
import { parseBody } from './read-body.ts';
import { checkIdentifiers, NewUserBody, userNameOf } from './user-profile.ts';

/** `POST /passkey/register`: options for making the passkey of a new user, whom the exchange then creates. */
export async function beginNativeSignUp(call: NativeCall): Promise<object> {
  const { parts, domain, client, connection, organization, body } = call;
  const { refusal } = signUpTerms(parts, call.login);
  if (refusal) throw new NativeError(403, 'access_denied', refusal.message);
  const { user_profile, user_metadata } = parseBody(NewUserBody, body);
  if (connection.disable_signup === true)
    throw new NativeError(403, 'access_denied', 'Signing up is closed here');
  const identifiers = checkIdentifiers(user_profile, connection);
  for (const identifier of identifiers) {
    if (await parts.bridge.findByIdentifier(identifier, organization))
      throw new NativeError(400, 'user_exists', 'There is an account already. Log in instead.');
  }
  const auth_session = parts.sessions.begin({
    purpose: 'register',
    clientId: client.client_id,
    host: domain.host,
    organization,
    user: { ...user_profile, ...(user_metadata ? { user_metadata } : {}) },
  });
  const rpId = domain.rpId();
  const userName = userNameOf(user_profile, connection);
  const { challenge, timeout, rp, user, pubKeyCredParams } = await beginRegistration(parts.ceremonies, {
    session: auth_session,
    rpId,
    rpName: rpId,
    userHandle: await parts.bridge.newUserHandle(),
    userName,
    displayName: user_profile.name ?? userName,
  });
  const authenticatorSelection = { residentKey: 'required', userVerification: 'preferred' };
  return {
    auth_session,
    authn_params_public_key: { challenge, timeout, rp, user, pubKeyCredParams, authenticatorSelection },
  };
}
