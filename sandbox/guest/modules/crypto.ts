import { askHost } from './crypto-bytes.ts';
import {
  Cipheriv,
  createCipheriv,
  createDecipheriv,
  Decipheriv,
  getCipherInfo,
  getCiphers,
} from './crypto-cipher.ts';
import { constants } from './crypto-constants.ts';
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
import { webcrypto } from './webcrypto.ts';

const notOnBoard = [
  'Certificate',
  'DiffieHellman',
  'DiffieHellmanGroup',
  'ECDH',
  'X509Certificate',
  'argon2',
  'argon2Sync',
  'checkPrime',
  'checkPrimeSync',
  'createCipher',
  'createDecipher',
  'createDiffieHellman',
  'createDiffieHellmanGroup',
  'createECDH',
  'decapsulate',
  'diffieHellman',
  'encapsulate',
  'generatePrime',
  'generatePrimeSync',
  'getDiffieHellman',
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
  Hash,
  Hmac,
  KeyObject,
  Sign,
  Verify,
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify,
  generateKey,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
  getCipherInfo,
  getCiphers,
  getCurves: (): string[] => askHost('crypto.list', { what: 'curves' }).value,
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
};
