import { constants, createHash, generateKeyPairSync, privateDecrypt, timingSafeEqual } from 'node:crypto';

/** The server's side of caching_sha2_password for one user. */
export interface CachingSha2 {
  /** Whether a client's token for this nonce is right; only a password that was once seen whole can be checked so. */
  isKnown(token: Buffer, nonce: Buffer): boolean;
  /** Whether this is the password; it is remembered, as a hash, for the next time. */
  isPassword(password: string): boolean;
  /** Forgets what it remembers, as FLUSH PRIVILEGES does. */
  forget(): void;
  /** For passwords that come without TLS, PEM. */
  publicKey: string;
  /** What a client encrypted by that key, and by the nonce before. */
  decrypt(encrypted: Buffer, nonce: Buffer): string;
}

const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const xor = (bytes: Buffer, key: Buffer) =>
  Buffer.from(bytes.map((byte, index) => byte ^ key[index % key.length]!));

export function createCachingSha2(password: string): CachingSha2 {
  const stored = sha256(sha256(Buffer.from(password, 'utf8')));
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let cached: Buffer | undefined;
  return {
    isKnown(token, nonce) {
      if (!cached || token.length !== cached.length) return false;
      return timingSafeEqual(sha256(xor(token, sha256(cached, nonce))), cached);
    },
    isPassword(candidate) {
      const right = timingSafeEqual(sha256(sha256(Buffer.from(candidate, 'utf8'))), stored);
      if (right) cached = stored;
      return right;
    },
    forget() {
      cached = undefined;
    },
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    decrypt(encrypted, nonce) {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const clear = xor(privateDecrypt({ key: privateKey, padding }, encrypted), nonce);
      return clear.toString('utf8').replace(/\0$/, '');
    },
  };
}
