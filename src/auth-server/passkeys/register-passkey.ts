import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { NewPasskey, Passkey } from '../database/passkeys.ts';
import type { Ceremonies } from './ceremonies.ts';
import { CeremonyError, codeOfMistake } from './ceremony-error.ts';
import { readRegistration } from './passkey-response.ts';

/** EdDSA, ES256, RS256: what Auth0 offers, too. */
const algorithms = [-8, -7, -257];

export interface RegistrationStart {
  ceremonies: Ceremonies;
  session: string;
  rpId: string;
  rpName: string;
  userHandle: string;
  /** What the browser calls the passkey: the identifier that the user knows. Kept nowhere here. */
  userName: string;
  displayName: string;
  /** The user's passkeys of this domain: their devices are not asked for another. */
  existing: readonly Passkey[];
  /** Neither a phone nor a key on the key ring. */
  onThisDevice?: boolean;
  userVerification?: 'required' | 'preferred';
}

export async function beginRegistration(
  start: RegistrationStart,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { session, rpId, userHandle } = start;
  const ceremony = start.ceremonies.begin({ purpose: 'register', session, rpId, userHandle });
  return generateRegistrationOptions({
    rpID: rpId,
    rpName: start.rpName,
    challenge: Buffer.from(ceremony.challenge, 'base64url'),
    userID: Buffer.from(userHandle, 'base64url'),
    userName: start.userName,
    userDisplayName: start.displayName,
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: start.existing
      .filter((passkey) => passkey.rpId === rpId)
      .map(({ credentialId, transports }) => ({ id: credentialId, transports: [...transports] })),
    authenticatorSelection: {
      ...(start.onThisDevice ? { authenticatorAttachment: 'platform' } : {}),
      residentKey: 'required',
      userVerification: start.userVerification ?? 'required',
    },
  });
}

export interface RegistrationFinish {
  ceremonies: Ceremonies;
  session: string;
  /** Where pages and applications may use the passkey. */
  allowedOrigins: readonly string[];
  response: unknown;
  userVerification?: 'required' | 'preferred';
}

/** The new passkey, which is nobody's yet. Throws CeremonyError. */
export async function finishRegistration(finish: RegistrationFinish): Promise<Omit<NewPasskey, 'userId'>> {
  const { clientData, ...response } = readRegistration(finish.response);
  const ceremony = finish.ceremonies.take(clientData.challenge, {
    purpose: 'register',
    session: finish.session,
  });
  if (!finish.allowedOrigins.includes(clientData.origin)) throw new CeremonyError('origin_not_allowed');
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: ceremony.challenge,
    expectedOrigin: clientData.origin,
    expectedRPID: ceremony.rpId,
    supportedAlgorithmIDs: algorithms,
    requireUserVerification: finish.userVerification !== 'preferred',
  }).catch((error: Error) => {
    throw new CeremonyError(codeOfMistake(error));
  });
  if (!verified.verified) throw new CeremonyError('signature_invalid');
  const { credential, credentialDeviceType, credentialBackedUp, aaguid } = verified.registrationInfo;
  return {
    credentialId: credential.id,
    userHandle: ceremony.userHandle!,
    rpId: ceremony.rpId,
    publicKey: new Uint8Array(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    deviceType: credentialDeviceType,
    backedUp: credentialBackedUp,
    aaguid,
  };
}
