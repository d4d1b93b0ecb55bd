import { beginAuthentication } from '../../passkeys/verify-passkey.ts';
import type { NativeCall } from './native-call.ts';

/** `POST /passkey/challenge`: options for a login. The device knows who it is; no passkey is named. */
export async function beginNativeLogin({ parts, domain, client, organization }: NativeCall): Promise<object> {
  const auth_session = parts.sessions.begin({
    purpose: 'login',
    clientId: client.client_id,
    host: domain.host,
    organization,
  });
  const { challenge, timeout, rpId, userVerification } = await beginAuthentication(parts.ceremonies, {
    session: auth_session,
    rpId: domain.rpId(),
    userVerification: 'preferred',
  });
  return { auth_session, authn_params_public_key: { challenge, timeout, rpId, userVerification } };
}
