import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionKey } from './encryption-key.ts';

/**
 * What a ciphertext is for: `['configuration', connection, key]`. It is authenticated with it, so that a ciphertext
 * that was moved elsewhere does not decrypt.
 */
export type Place = readonly string[];

export interface Cipher {
  /** Of the key that encrypts. */
  readonly keyId: string;
  encrypt(text: string, place: Place): string;
  /** Throws DecryptionError. */
  decrypt(encrypted: string, place: Place): string;
}

/** The message says why and names no value; it continues a sentence: `options.configuration.KEY is encrypted …`. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const beginning = 'enc:v1:';

export function isEncrypted(text: string): boolean {
  return text.startsWith(beginning);
}

/** The id of the key that a text was encrypted with; undefined for a text that is not well-formed. */
export function keyIdOf(encrypted: string): string | undefined {
  return /^enc:v1:([\w-]{8}):[\w-]{38,}$/.exec(encrypted)?.[1];
}

const associatedData = (place: Place) => Buffer.from(JSON.stringify(place));

/**
 * AES-256-GCM with random nonces: `enc:v1:<key id>:<base64url of nonce, ciphertext, tag>`. The first key encrypts, all of
 * them decrypt. One key may encrypt 2^32 texts (NIST SP 800-38D §8.3), far more than files of settings hold.
 */
export function createCipher(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Cipher {
  const [first] = keys;
  return {
    keyId: first.id,
    encrypt(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', first.bytes, nonce).setAAD(associatedData(place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${beginning}${first.id}:${sealed.toString('base64url')}`;
    },
    decrypt(encrypted, place) {
      const id = keyIdOf(encrypted);
      if (id === undefined) throw new DecryptionError('is not a whole encrypted value; was it cut?');
      const key = keys.find((each) => each.id === id);
      if (!key) throw new DecryptionError(`is encrypted with the key ${id}, which is none of those given`);
      const sealed = Buffer.from(encrypted.slice(encrypted.lastIndexOf(':') + 1), 'base64url');
      const end = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, sealed.subarray(0, NONCE_BYTES))
        .setAAD(associatedData(place))
        .setAuthTag(sealed.subarray(end));
      try {
        const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
        return text.toString('utf8');
      } catch {
        throw new DecryptionError('does not decrypt: it was changed, or encrypted for another place');
      }
    },
  };
}

/** Stands in where there is no key: what is encrypted cannot be read, and the error says how it could. */
export const noCipher: Pick<Cipher, 'decrypt'> = {
  decrypt() {
    throw new DecryptionError(
      'is encrypted; set DRAWBRIDGE_ENCRYPTION_KEY or DRAWBRIDGE_ENCRYPTION_KEY_FILE',
    );
  },
};
