import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import type { Passkey } from '../database/passkeys.ts';
import type { Ceremonies, CeremonyAnswer, CeremonyStart } from './ceremonies.ts';
import { CeremonyError, codeOfMistake } from './ceremony-error.ts';
import { readRegistration } from './passkey-response.ts';

/** EdDSA, ES256, RS256: what Auth0 offers, too. */
const algorithms = [-8, -7, -257];

export interface RegistrationStart extends CeremonyStart {
  rpName: string;
  userHandle: string;
  /** What the browser calls the passkey: the identifier that the user knows. Kept nowhere here. */
  userName: string;
  displayName: string;
  /** Of a user who is there already: devices that have a passkey of this domain are not asked for another. */
  existing?: readonly Passkey[];
  /** Neither a phone nor a key on the key ring. */
  onThisDevice?: boolean;
}

export function beginRegistration(ceremonies: Ceremonies, start: RegistrationStart) {
  const { session, rpId, userHandle, existing = [] } = start;
  const { challenge } = ceremonies.begin({ purpose: 'register', session, rpId, userHandle });
  return generateRegistrationOptions({
    rpID: rpId,
    rpName: start.rpName,
    challenge: Buffer.from(challenge, 'base64url'),
    userID: Buffer.from(userHandle, 'base64url'),
    userName: start.userName,
    userDisplayName: start.displayName,
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: existing
      .filter((passkey) => passkey.rpId === rpId)
      .map(({ credentialId, transports }) => ({ id: credentialId, transports: [...transports] })),
    authenticatorSelection: {
      ...(start.onThisDevice ? { authenticatorAttachment: 'platform' } : {}),
      residentKey: 'required',
      userVerification: start.userVerification ?? 'required',
    },
  });
}

/** The new passkey, which is nobody's yet. Throws CeremonyError. */
export async function finishRegistration(
  ceremonies: Ceremonies,
  { session, allowedOrigins, response: given, userVerification }: CeremonyAnswer,
): Promise<Passkey> {
  const { clientData, ...response } = readRegistration(given);
  const ceremony = ceremonies.take(clientData.challenge, { purpose: 'register', session });
  if (!allowedOrigins.includes(clientData.origin)) throw new CeremonyError('origin_not_allowed');
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: ceremony.challenge,
    expectedOrigin: clientData.origin,
    expectedRPID: ceremony.rpId,
    supportedAlgorithmIDs: algorithms,
    requireUserVerification: userVerification !== 'preferred',
  }).catch((error: Error) => {
    throw new CeremonyError(codeOfMistake(error));
  });
  if (!verified.verified) throw new CeremonyError('signature_invalid');
  const { credential, credentialDeviceType, credentialBackedUp, aaguid } = verified.registrationInfo;
  return {
    credentialId: credential.id,
    userHandle: ceremony.userHandle!,
    userId: undefined,
    rpId: ceremony.rpId,
    publicKey: new Uint8Array(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    deviceType: credentialDeviceType,
    backedUp: credentialBackedUp,
    aaguid,
  };
}
