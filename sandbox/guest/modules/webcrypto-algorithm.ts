import { bytesOf, type Parts } from './crypto-bytes.ts';
import { domError } from './webcrypto-errors.ts';
import { materialOf, type WireAlgorithm } from './webcrypto-key.ts';

/** Members of an algorithm that cross as they are, and those that are bytes. */
const jsonMembers = ['length', 'namedCurve', 'modulusLength', 'saltLength', 'tagLength', 'iterations'];
const byteMembers = ['iv', 'additionalData', 'label', 'salt', 'info', 'counter'];

const supported = [
  'HMAC',
  'RSASSA-PKCS1-v1_5',
  'RSA-PSS',
  'RSA-OAEP',
  'ECDSA',
  'ECDH',
  'Ed25519',
  'X25519',
  'AES-GCM',
  'AES-CBC',
  'AES-CTR',
  'AES-KW',
  'PBKDF2',
  'HKDF',
];

export interface Normalized {
  algorithm: WireAlgorithm;
  parts: Parts;
}

export function nameOf(algorithm: unknown): string {
  const name = typeof algorithm === 'string' ? algorithm : (algorithm as { name?: unknown } | null)?.name;
  if (typeof name !== 'string') throw new TypeError('Algorithm: name is required');
  return name;
}

/** Throws NotSupportedError for what is not on board: the algorithms that Node has beside those of the table above. */
export function normalize(input: unknown): Normalized {
  const asked = nameOf(input);
  const name = supported.find((candidate) => candidate.toUpperCase() === asked.toUpperCase());
  if (!name) throw domError('NotSupportedError', `${asked} is not available to action scripts`);
  const source = (typeof input === 'string' ? {} : input) as Record<string, unknown>;
  const algorithm: WireAlgorithm = { name };
  for (const member of jsonMembers) if (source[member] !== undefined) algorithm[member] = source[member];
  if (source.hash !== undefined) algorithm.hash = nameOf(source.hash);
  if (source.publicExponent) algorithm.publicExponent = Array.from(source.publicExponent as Uint8Array);
  const parts: Parts = {};
  for (const member of byteMembers) {
    if (source[member] !== undefined) parts[`algorithm.${member}`] = bufferSource(source[member], member);
  }
  return { algorithm, parts };
}

/** The other side's key of ECDH and X25519, which the host imports as a key of the same curve. */
export function otherPublicKey(input: unknown, baseKey: WireAlgorithm): Parts {
  if (baseKey.name !== 'ECDH' && baseKey.name !== 'X25519') return {};
  const { type, algorithm, bytes } = materialOf((input as { public?: unknown }).public);
  const problem =
    type !== 'public'
      ? 'algorithm.public must be a public key'
      : algorithm.name !== baseKey.name
        ? 'The public and private keys must be of the same type'
        : algorithm.namedCurve !== baseKey.namedCurve
          ? 'Named curve mismatch'
          : undefined;
  if (problem) throw domError('InvalidAccessError', problem);
  return { 'algorithm.public': bytes };
}

export function bufferSource(value: unknown, name: string): Uint8Array {
  const bytes = bytesOf(value);
  if (!bytes)
    throw new TypeError(`${name} is not an instance of ArrayBuffer, Buffer, TypedArray, or DataView`);
  return bytes;
}
