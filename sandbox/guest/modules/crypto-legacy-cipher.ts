import { warnOnce } from '../warn-once.ts';
import { concat, toBytes } from './crypto-bytes.ts';
import { Cipheriv, type CipherOptions, Decipheriv, getCipherInfo } from './crypto-cipher.ts';
import { checkString } from './crypto-errors.ts';
import { Hash } from './crypto-hash.ts';

interface KeyAndIv {
  key: Uint8Array;
  iv: Uint8Array | null;
}

/**
 * Key and initialization vector of a password, as createCipher had them of OpenSSL's EVP_BytesToKey: MD5, one round,
 * no salt. A cipher that there is none of gets empty ones: the constructor says so.
 */
function derive(cipher: string, password: unknown): KeyAndIv {
  const { keyLength = 0, ivLength = 0 } = (getCipherInfo(cipher) ?? {}) as {
    keyLength?: number;
    ivLength?: number;
  };
  const secret = toBytes(password, 'password');
  let derived = new Uint8Array(0);
  let block = new Uint8Array(0);
  while (derived.byteLength < keyLength + ivLength) {
    block = new Hash('md5').update(block).update(secret).digest('buffer') as Uint8Array<ArrayBuffer>;
    derived = concat([derived, block]) as Uint8Array<ArrayBuffer>;
  }
  const end = keyLength + ivLength;
  return {
    key: derived.subarray(0, keyLength),
    iv: ivLength === 0 ? null : derived.subarray(keyLength, end),
  };
}

function warnOf(name: string): void {
  warnOnce(`crypto.${name} was removed in Node 22, for its weak keys; use crypto.${name}iv for what is new`);
}

/** Of Node 21 and before; Node 24 has none. Here for what such scripts have encrypted. */
export function createCipher(cipher: unknown, password: unknown, options?: CipherOptions): Cipheriv {
  checkString(cipher, 'cipher');
  const { key, iv } = derive(cipher, password);
  warnOf('createCipher');
  return new Cipheriv(cipher, key, iv, options);
}

export function createDecipher(cipher: unknown, password: unknown, options?: CipherOptions): Decipheriv {
  checkString(cipher, 'cipher');
  const { key, iv } = derive(cipher, password);
  warnOf('createDecipher');
  return new Decipheriv(cipher, key, iv, options);
}
