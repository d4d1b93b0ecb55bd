import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { beginAuthentication, finishAuthentication } from '../passkeys/verify-passkey.ts';
import { showLogin } from './log-in.ts';
import { identified } from './next-step.ts';
import { sayFailure } from './say-failure.ts';
import { tellFailure } from './tell.ts';
import type { Visit } from './visit.ts';

export async function passkeyOptions({ parts, login, domain, res }: Visit): Promise<void> {
  const { ceremonies } = parts;
  res.json(await beginAuthentication({ ceremonies, session: login.uid, rpId: domain.rpId() }));
}

export async function takePasskey(visit: Visit): Promise<void> {
  const { parts, login, domain, req } = visit;
  try {
    const { user, isCrossDevice } = await finishAuthentication({
      ...parts,
      session: login.uid,
      allowedOrigins: [domain.origin],
      response: req.body?.response,
      organization: login.organization,
    });
    if (login.user && login.user.user_id !== user.user_id)
      throw new CeremonyError('passkey_of_another_user', user.user_id);
    await identified(visit, user, { name: 'phr' }, { isCrossDevice });
  } catch (error) {
    tellFailure(visit, error instanceof CeremonyError ? 'gd_webauthn_challenge_failed' : 'f', error, {
      purpose: 'login',
    });
    const message = sayFailure(error);
    if (message === undefined) throw error;
    showLogin(visit, message);
  }
}
