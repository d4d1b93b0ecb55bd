import { hkdfSync, randomBytes } from 'node:crypto';

/** A key that encrypts and decrypts, with the id that its ciphertexts name it by. */
export interface EncryptionKey {
  id: string;
  bytes: Buffer;
}

const KEY_BYTES = 32;

/** 256 random bits as base64url, for DRAWBRIDGE_ENCRYPTION_KEY. */
export function generateEncryptionKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/**
 * Both the id and the key that encrypts are derived (RFC 5869), each under a name of its own, so that the id tells
 * nothing of the key and the key can serve another purpose later.
 */
function derive(secret: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `drawbridge ${purpose}`, bytes));
}

function parseKey(text: string): EncryptionKey | undefined {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  if (!isHex && !/^[\w+/-]{43}=?$/.test(text)) return undefined;
  const secret = Buffer.from(text, isHex ? 'hex' : 'base64');
  return {
    id: derive(secret, 'key id', 6).toString('base64url'),
    bytes: derive(secret, 'aes-256-gcm', KEY_BYTES),
  };
}

/**
 * Keys separated by commas or white space, each 32 bytes as base64url, base64 or hex; what follows a `#` on a line is a
 * comment. Undefined when there is none or one of them is none.
 */
export function parseEncryptionKeys(text: string): [EncryptionKey, ...EncryptionKey[]] | undefined {
  const words = text.replace(/#.*$/gm, '').split(/[\s,]+/);
  const keys = words.filter((word) => word !== '').map(parseKey);
  const [first, ...others] = keys;
  if (!first || others.includes(undefined)) return undefined;
  return [first, ...(others as EncryptionKey[])];
}
