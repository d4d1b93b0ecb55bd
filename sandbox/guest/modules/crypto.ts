import { argon2, argon2Sync } from './crypto-argon2.ts';
import { askHost, defaultEncoding, setDefaultEncoding } from './crypto-bytes.ts';
import {
  Cipheriv,
  createCipheriv,
  createDecipheriv,
  Decipheriv,
  getCipherInfo,
  getCiphers,
} from './crypto-cipher.ts';
import { constants } from './crypto-constants.ts';
import { createDiffieHellman, DiffieHellman, DiffieHellmanGroup, getDiffieHellman } from './crypto-dh.ts';
import { createECDH, diffieHellman, ECDH } from './crypto-ecdh.ts';
import { notAvailable } from './crypto-errors.ts';
import { createHash, createHmac, getHashes, Hash, Hmac, hash } from './crypto-hash.ts';
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from './crypto-kdf.ts';
import { KeyObject } from './crypto-key-object.ts';
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKey,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
} from './crypto-keys.ts';
import { createCipher, createDecipher } from './crypto-legacy-cipher.ts';
import {
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  timingSafeEqual,
} from './crypto-random.ts';
import {
  createSign,
  createVerify,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  Sign,
  sign,
  Verify,
  verify,
} from './crypto-sign.ts';
import { X509Certificate } from './crypto-x509.ts';
import { webcrypto } from './webcrypto.ts';

const notOnBoard = [
  'Certificate',
  'checkPrime',
  'checkPrimeSync',
  'decapsulate',
  'encapsulate',
  'generatePrime',
  'generatePrimeSync',
  'setEngine',
  'setFips',
];

/** `require('crypto')`: Node's interface over the host's OpenSSL. What is not on board throws by name. */
export const crypto = {
  ...Object.fromEntries(
    notOnBoard.map((name) => {
      const thrower = notAvailable(`crypto.${name}`);
      // `function`, so that `new crypto.X509Certificate()` reaches the message too.
      return [
        name,
        function unavailable() {
          thrower();
        },
      ];
    }),
  ),
  Cipheriv,
  Decipheriv,
  DiffieHellman,
  DiffieHellmanGroup,
  ECDH,
  Hash,
  Hmac,
  KeyObject,
  Sign,
  Verify,
  X509Certificate,
  argon2,
  argon2Sync,
  constants,
  createCipher,
  createCipheriv,
  createDecipher,
  createDecipheriv,
  createDiffieHellman,
  createDiffieHellmanGroup: getDiffieHellman,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify,
  diffieHellman,
  generateKey,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
  getCipherInfo,
  getCiphers,
  getCurves: (): string[] => askHost('crypto.list', { what: 'curves' }).value,
  getDiffieHellman,
  getFips: () => 0,
  getHashes,
  getRandomValues: webcrypto.getRandomValues.bind(webcrypto),
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  privateDecrypt,
  privateEncrypt,
  prng: randomBytes,
  pseudoRandomBytes: randomBytes,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  rng: randomBytes,
  scrypt,
  scryptSync,
  sign,
  subtle: webcrypto.subtle,
  timingSafeEqual,
  verify,
  webcrypto,
  /** Of Node 19 and before. */
  get DEFAULT_ENCODING(): string {
    return defaultEncoding();
  },
  set DEFAULT_ENCODING(encoding: string) {
    setDefaultEncoding(encoding);
  },
};
