import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { type Cbor, encodeCbor } from './cbor.ts';

/** A passkey of the authenticator. Change what is in it, and it answers accordingly. */
export interface SoftwarePasskey {
  /** base64url. */
  id: string;
  rpId: string;
  /** base64url. */
  userHandle: string;
  /** The last one told; an assertion tells one more, or 0 for ever where it is 0. */
  counter: number;
  privateKey: KeyObject;
}

/** What an answer may be made otherwise than an honest authenticator on an honest page would. */
export interface Bend {
  /** The page's, or the application's as Android writes it. */
  origin?: string;
  rpId?: string;
  /** Of clientDataJSON: `webauthn.create` or `webauthn.get`. */
  type?: string;
  challenge?: string;
  crossOrigin?: boolean;
  userPresent?: boolean;
  userVerified?: boolean;
  counter?: number;
  /** Of the answer to a login; null leaves it out. */
  userHandle?: string | null;
  /** The id that the answer tells. */
  id?: string;
  attachment?: 'platform' | 'cross-platform';
  /** Flags BE and BS. */
  isSynced?: boolean;
  /** A signature of something else. */
  badSignature?: boolean;
}

/** The parts of the options that it reads; what servers send fits. */
interface CreationOptions {
  challenge: string;
  rp: { id?: string };
  user: { id: string };
}
interface RequestOptions {
  challenge: string;
  rpId?: string;
}

export interface SoftwareAuthenticator {
  passkeys: SoftwarePasskey[];
  /** Makes a passkey (ES256, attestation `none`). */
  create(options: CreationOptions, bend?: Bend): RegistrationResponseJSON;
  /** Answers with the passkey given, or else the newest for the relying party. Throws where there is none. */
  get(options: RequestOptions, bend?: Bend, passkey?: SoftwarePasskey): AuthenticationResponseJSON;
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();
const base64url = (data: string | Uint8Array) => Buffer.from(data).toString('base64url');

/** A phone without a phone: makes and uses passkeys as WebAuthn has them, for tests that need no browser. */
export function createSoftwareAuthenticator({ origin }: { origin: string }): SoftwareAuthenticator {
  const passkeys: SoftwarePasskey[] = [];

  const clientData = (type: string, challenge: string, bend: Bend) =>
    Buffer.from(
      JSON.stringify({
        type: bend.type ?? type,
        challenge: bend.challenge ?? challenge,
        origin: bend.origin ?? origin,
        crossOrigin: bend.crossOrigin ?? false,
      }),
    );

  return {
    passkeys,
    create({ challenge, rp, user }, bend = {}) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const rpId = bend.rpId ?? rp.id ?? new URL(origin).hostname;
      const id = randomBytes(32);
      const passkey = {
        id: bend.id ?? base64url(id),
        rpId,
        userHandle: user.id,
        counter: bend.counter ?? 0,
        privateKey,
      };
      passkeys.push(passkey);
      const rawId = Buffer.from(passkey.id, 'base64url');
      const length = Buffer.from([rawId.length >> 8, rawId.length & 0xff]);
      const attested = Buffer.concat([Buffer.alloc(16), length, rawId, coseKey(publicKey)]);
      const authData = Buffer.concat([authenticatorData(passkey, bend, 0x40), attested]);
      const attestation = new Map<string, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map<string, Cbor>()],
        ['authData', authData],
      ]);
      return {
        id: passkey.id,
        rawId: passkey.id,
        type: 'public-key',
        authenticatorAttachment: bend.attachment ?? 'platform',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', challenge, bend)),
          attestationObject: base64url(encodeCbor(attestation)),
          transports: ['internal'],
        },
      };
    },
    get({ challenge, rpId = new URL(origin).hostname }, bend = {}, given) {
      const passkey = given ?? passkeys.findLast((each) => each.rpId === rpId);
      if (!passkey) throw new Error(`no passkey for ${rpId}`);
      if (passkey.counter > 0) passkey.counter += 1;
      const authData = authenticatorData(passkey, bend, 0);
      const client = clientData('webauthn.get', challenge, bend);
      const signed = bend.badSignature ? randomBytes(69) : Buffer.concat([authData, sha256(client)]);
      const userHandle = bend.userHandle === undefined ? passkey.userHandle : bend.userHandle;
      const id = bend.id ?? passkey.id;
      return {
        id,
        rawId: id,
        type: 'public-key',
        authenticatorAttachment: bend.attachment ?? 'platform',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(authData),
          signature: base64url(sign('sha256', signed, passkey.privateKey)),
          ...(userHandle === null ? {} : { userHandle }),
        },
      };
    },
  };
}

/** WebAuthn §6.1: hash of the RP ID, flags, counter. */
function authenticatorData({ rpId, counter }: SoftwarePasskey, bend: Bend, moreFlags: number): Buffer {
  const { userPresent = true, userVerified = true, isSynced = true } = bend;
  const flags = Number(userPresent) | (userVerified ? 0x04 : 0) | (isSynced ? 0x18 : 0) | moreFlags;
  const tail = Buffer.alloc(5);
  tail.writeUInt8(flags, 0);
  tail.writeUInt32BE(bend.counter ?? counter, 1);
  return Buffer.concat([sha256(bend.rpId ?? rpId), tail]);
}

/** RFC 9053 §7.1: kty EC2, alg ES256, crv P-256, x, y. */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return encodeCbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  );
}
