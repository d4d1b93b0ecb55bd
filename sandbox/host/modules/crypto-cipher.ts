import * as crypto from 'node:crypto';
import * as z from 'zod';
import type { HostModule } from '../operations.ts';
import { atMost, codedError, type Parts, syncOperation } from './crypto-operation.ts';

/** Input of one call: it holds the host's thread for some tens of milliseconds. */
export const MAX_CIPHER_BYTES = 16 * 1024 * 1024;

const CipherParams = z.object({
  direction: z.enum(['encrypt', 'decrypt']),
  algorithm: z.string(),
  /** `null` for modes without one; otherwise it is the part `iv`. */
  hasIv: z.boolean(),
  authTagLength: z.int().nonnegative().optional(),
  plaintextLength: z.int().nonnegative().optional(),
  autoPadding: z.boolean(),
});
type CipherParams = z.infer<typeof CipherParams>;

/** Node types the ciphers by their algorithm's mode; here the mode is known at run time only. */
type AnyCipher = crypto.CipherGCM & crypto.DecipherGCM;

function makeCipher(params: CipherParams, parts: Parts): AnyCipher {
  const { direction, algorithm, hasIv, authTagLength } = params;
  const make = (direction === 'encrypt' ? crypto.createCipheriv : crypto.createDecipheriv) as unknown as (
    algorithm: string,
    key: Buffer,
    iv: Buffer | null,
    options: { authTagLength?: number },
  ) => AnyCipher;
  const iv = hasIv ? parts.need('iv') : null;
  return make(algorithm, parts.need('key'), iv, authTagLength === undefined ? {} : { authTagLength });
}

/**
 * Ciphers keep no state on the host: each call gets all input so far and answers the whole output of `update`,
 * followed by that of `final`. An error of `final` is data, since the guest may never call it.
 */
function run(params: CipherParams, parts: Parts) {
  const input = parts.need('input');
  atMost('data.byteLength', input.byteLength, MAX_CIPHER_BYTES);
  const cipher = makeCipher(params, parts);
  const authTag = parts.get('authTag');
  if (authTag) cipher.setAuthTag(authTag);
  const aad = parts.get('aad');
  const { plaintextLength } = params;
  if (aad) cipher.setAAD(aad, plaintextLength === undefined ? undefined : { plaintextLength });
  if (!params.autoPadding) cipher.setAutoPadding(false);
  const updated = cipher.update(input);
  let final: Buffer = Buffer.alloc(0);
  let finalError: { message: string; code?: string } | undefined;
  try {
    final = cipher.final();
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    finalError = { message, ...(code ? { code } : {}) };
  }
  const tag = params.direction === 'encrypt' && !finalError ? authTagOf(cipher) : Buffer.alloc(0);
  return {
    value: { updated: updated.length, final: final.length, ...(finalError ? { finalError } : {}) },
    payload: Buffer.concat([updated, final, tag]),
  };
}

function authTagOf(cipher: AnyCipher): Buffer {
  try {
    return cipher.getAuthTag();
  } catch {
    // Not an authenticated mode: the guest answers ERR_CRYPTO_INVALID_STATE when it is asked for.
    return Buffer.alloc(0);
  }
}

export const cipherOperations: HostModule = {
  sync: {
    'crypto.cipher': syncOperation(CipherParams, run),

    /** Throws what Node throws at the creation; answers what the guest has to know of the mode. */
    'crypto.checkCipher': syncOperation(CipherParams, (params, parts) => {
      const cipher = makeCipher(params, parts);
      cipher.destroy();
      const mode = crypto.getCipherInfo(params.algorithm)?.mode;
      // ChaCha20-Poly1305 is a stream cipher in name, and authenticated.
      const authenticated = ['gcm', 'ccm', 'ocb'].includes(mode ?? '') || /poly1305/i.test(params.algorithm);
      return { value: { authenticated } };
    }),

    'crypto.checkAuthTag': syncOperation(CipherParams, (params, parts) => {
      const cipher = makeCipher(params, parts);
      if (params.direction !== 'decrypt')
        throw codedError(Error, 'ERR_CRYPTO_INVALID_STATE', 'Invalid state for operation setAuthTag');
      cipher.setAuthTag(parts.need('authTag'));
      return {};
    }),

    'crypto.cipherInfo': syncOperation(
      z.object({
        nameOrNid: z.union([z.string(), z.number()]),
        keyLength: z.number().optional(),
        ivLength: z.number().optional(),
      }),
      ({ nameOrNid, keyLength, ivLength }) => ({
        value: crypto.getCipherInfo(nameOrNid as string, {
          ...(keyLength === undefined ? {} : { keyLength }),
          ...(ivLength === undefined ? {} : { ivLength }),
        }),
      }),
    ),
  },
};
