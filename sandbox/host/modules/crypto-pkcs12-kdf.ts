import { hash } from 'node:crypto';

/** What the derived bytes are for (RFC 7292 appendix B.3). */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

const blockBytes: Record<string, number> = { sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 };

interface Derivation {
  digest: string;
  /** As BMPString, see `bmpString`. */
  password: Buffer;
  salt: Buffer;
  /** Each is a call of OpenSSL's from here, of about a microsecond: to be bounded by whoever calls. */
  iterations: number;
  purpose: (typeof purposes)[keyof typeof purposes];
  length: number;
}

/** The key derivation of PKCS #12 (RFC 7292 appendix B.2), which Node has for whole containers only. */
export function pkcs12Kdf({ digest, password, salt, iterations, purpose, length }: Derivation): Buffer {
  const block = blockBytes[digest];
  if (!block) throw new Error('Unsupported PKCS12 PFX data');
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([repeated(salt, block), repeated(password, block)]);
  const derived: Buffer[] = [];
  for (let bytes = 0; bytes < length; ) {
    let chunk = hash(digest, Buffer.concat([diversifier, input]), 'buffer');
    for (let round = 1; round < iterations; round++) chunk = hash(digest, chunk, 'buffer');
    derived.push(chunk);
    bytes += chunk.length;
    const addend = repeated(chunk, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addPlusOne(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(derived).subarray(0, length);
}

/** UTF-16 with the high byte first and two zeros at the end (RFC 7292 appendix B.1). */
export function bmpString(password: Buffer): Buffer {
  return Buffer.from(`${password.toString('utf8')}\0`, 'utf16le').swap16();
}

/** As often as it takes to fill whole blocks. */
function repeated(bytes: Buffer, block: number): Buffer {
  return Buffer.alloc(block * Math.ceil(bytes.length / block), bytes);
}

/** `target + addend + 1`, big-endian, without what runs over. */
function addPlusOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let at = target.length - 1; at >= 0; at--) {
    const sum = target[at]! + addend[at]! + carry;
    target[at] = sum & 0xff;
    carry = sum >> 8;
  }
}
