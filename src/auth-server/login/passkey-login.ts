import type { Visit } from '../parts.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { readAuthentication } from '../passkeys/passkey-response.ts';
import { beginAuthentication, finishAuthentication } from '../passkeys/verify-passkey.ts';
import { showLogin } from './log-in.ts';
import { identified } from './next-step.ts';
import { passkeysOffered } from './passkey-offer.ts';
import { sayFailure } from './say-failure.ts';
import { StepError } from './step-error.ts';
import { tellFailure } from './tell.ts';

export async function passkeyOptions({ parts, login, domain, res, connection }: Visit): Promise<void> {
  if (!passkeysOffered(connection)) throw closed();
  const { ceremonies } = parts;
  res.json(await beginAuthentication({ ceremonies, session: login.uid, rpId: domain.rpId() }));
}

export async function takePasskey(visit: Visit): Promise<void> {
  const { parts, login, domain, req, connection } = visit;
  if (!passkeysOffered(connection)) throw closed();
  try {
    const { user, isCrossDevice } = await finishAuthentication({
      ...parts,
      session: login.uid,
      allowedOrigins: [domain.origin],
      response: req.body?.response,
      organization: login.organization,
    });
    if (login.proven && login.proven.user.user_id !== user.user_id)
      throw new CeremonyError('passkey_of_another_user', user.user_id);
    await identified(visit, user, { name: 'phr', isCrossDevice });
  } catch (error) {
    tellFailure(visit, error instanceof CeremonyError ? 'gd_webauthn_challenge_failed' : 'f', error, {
      purpose: 'login',
    });
    const message = sayFailure(error);
    if (message === undefined) throw error;
    showLogin(visit, message, forgettable(visit, error));
  }
}

const closed = () => new StepError('Passkeys are not used here. Log in another way.', 403);

/** The credential that the device may forget: it is kept nowhere here, not even as that of an unfinished sign-up. */
function forgettable({ parts, req }: Visit, error: unknown): string | undefined {
  if (!(error instanceof CeremonyError) || error.code !== 'passkey_unknown') return undefined;
  const { id } = readAuthentication(req.body.response);
  return parts.passkeys.find(id) ? undefined : id;
}
