import { generateAuthenticationOptions, verifyAuthenticationResponse } from '@simplewebauthn/server';
import { type BridgeClient, BridgeError, type Organization, type User } from '../bridge/bridge-client.ts';
import type { Passkey } from '../database/passkeys.ts';
import type { Parts } from '../parts.ts';
import type { Ceremonies, CeremonyAnswer, CeremonyStart } from './ceremonies.ts';
import { CeremonyError, codeOfMistake } from './ceremony-error.ts';
import { readAuthentication } from './passkey-response.ts';

/** No list of allowed credentials: the device says who it is (a discoverable credential). */
export function beginAuthentication(
  ceremonies: Ceremonies,
  { session, rpId, userVerification = 'required' }: CeremonyStart,
) {
  const { challenge } = ceremonies.begin({ purpose: 'login', session, rpId });
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: Buffer.from(challenge, 'base64url'),
    userVerification,
  });
}

/**
 * Credential -> user_id -> the user as the store has them now. Throws CeremonyError; BridgeError when the store cannot
 * be asked, which says nothing about the user.
 */
export async function finishAuthentication(
  parts: Pick<Parts, 'ceremonies' | 'passkeys' | 'bridge'>,
  { session, allowedOrigins, response: given, userVerification }: CeremonyAnswer,
  organization: Organization | undefined,
): Promise<{ user: User; isCrossDevice: boolean }> {
  const { ceremonies, passkeys, bridge } = parts;
  const { clientData, ...response } = readAuthentication(given);
  const ceremony = ceremonies.take(clientData.challenge, { purpose: 'login', session });
  if (!allowedOrigins.includes(clientData.origin)) throw new CeremonyError('origin_not_allowed');

  const passkey = passkeys.find(response.id);
  if (!passkey) throw new CeremonyError('passkey_unknown');
  const { userId: owner, rpId, publicKey, counter } = passkey;
  if (rpId !== ceremony.rpId) throw new CeremonyError('rp_id_mismatch', owner);
  if (response.response.userHandle !== passkey.userHandle)
    throw new CeremonyError('user_handle_mismatch', owner);

  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: ceremony.challenge,
    expectedOrigin: clientData.origin,
    expectedRPID: rpId,
    // The counter is compared below, where the signature is known to be good.
    credential: { id: passkey.credentialId, publicKey, counter: 0 },
    requireUserVerification: userVerification !== 'preferred',
  }).catch((error: Error) => {
    throw new CeremonyError(codeOfMistake(error), owner);
  });
  if (!verified.verified) throw new CeremonyError('signature_invalid', owner);
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  // WebAuthn Level 3 §7.2 step 22; 0 from both is an authenticator that does not count.
  if ((newCounter > 0 || counter > 0) && newCounter <= counter)
    throw new CeremonyError('counter_went_back', owner);

  // The bridge says whose the handle is: the passkey of a sign-up that was cut off finds its user so, and the passkey
  // of a user who was deleted does not open the account of the next one with that user_id.
  const userId = (await bridge.userIdOf(passkey.userHandle)) ?? (await bindAgain(bridge, passkey));
  if (owner !== undefined && owner !== userId) throw new CeremonyError('user_handle_mismatch', owner);
  const user = await bridge.findByUserId(userId, organization);
  if (!user) throw new CeremonyError('user_not_found', userId);
  if (user.blocked) throw new CeremonyError('user_blocked', userId);
  if (owner === undefined) passkeys.assign(passkey.credentialId, userId);
  if (!passkeys.used(passkey.credentialId, newCounter, credentialBackedUp))
    throw new CeremonyError('counter_went_back', owner);
  return { user, isCrossDevice: response.authenticatorAttachment === 'cross-platform' };
}

/** A sign-up whose handle could not be bound at the time: it can for a day, unless the user has another by now. */
async function bindAgain(bridge: BridgeClient, { userHandle, userId }: Passkey): Promise<string> {
  if (userId === undefined) throw new CeremonyError('sign_up_unfinished');
  await bridge.bindUserHandle(userHandle, userId).catch((error) => {
    if (error instanceof BridgeError && !error.isOutage) throw new CeremonyError('user_not_found', userId);
    throw error;
  });
  return userId;
}
