import { askHost, copyOf } from './crypto-bytes.ts';
import { invalidArgType } from './crypto-errors.ts';
import type { KeyMaterial } from './crypto-key-material.ts';
import { normalize } from './webcrypto-algorithm.ts';
import { domError } from './webcrypto-errors.ts';
import { CryptoKey, makeCryptoKey, materialOf, type WireAlgorithm } from './webcrypto-key.ts';

/** KeyObject and CryptoKey are two coats for the same bytes; these change the one for the other. */

const formats = { secret: 'raw', public: 'spki', private: 'pkcs8' } as const;
const curveNames: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
/** Which keys an algorithm is for: those of secret bytes, or the type of an asymmetric one. */
const keyTypes: Record<string, string> = {
  'RSASSA-PKCS1-v1_5': 'rsa',
  'RSA-PSS': 'rsa',
  'RSA-OAEP': 'rsa',
  ECDSA: 'ec',
  ECDH: 'ec',
  Ed25519: 'ed25519',
  X25519: 'x25519',
};

export function toCryptoKey(
  key: KeyMaterial,
  input: unknown,
  extractable: unknown,
  usages: string[],
): CryptoKey {
  const { algorithm } = normalize(input);
  if ((keyTypes[algorithm.name] ?? 'secret') !== (key.asymmetricKeyType ?? 'secret')) {
    throw domError('DataError', 'Invalid key type');
  }
  if (key.type !== 'public' && usages.length === 0) {
    throw domError('SyntaxError', 'Usages cannot be empty when importing a key of this type.');
  }
  return makeCryptoKey({
    type: key.type,
    algorithm: described(algorithm, key),
    usages: [...usages],
    format: formats[key.type],
    bytes: copyOf(key.bytes),
    extractable: Boolean(extractable),
  });
}

function described({ name, hash, namedCurve }: WireAlgorithm, key: KeyMaterial): WireAlgorithm {
  const details = key.asymmetricKeyDetails ?? {};
  switch (keyTypes[name]) {
    case 'rsa': {
      const hex = (details.publicExponent as bigint).toString(16);
      const octets = hex.padStart(hex.length + (hex.length % 2), '0').match(/../g) ?? [];
      const publicExponent = octets.map((octet) => Number.parseInt(octet, 16));
      return { name, modulusLength: details.modulusLength, publicExponent, ...(hash ? { hash } : {}) };
    }
    case 'ec':
      if (curveNames[details.namedCurve as string] !== namedCurve) {
        throw domError('DataError', 'Named curve mismatch');
      }
      return { name, namedCurve };
    case undefined:
      if (name === 'PBKDF2' || name === 'HKDF') return { name };
      return { name, length: 8 * key.bytes.byteLength, ...(hash ? { hash } : {}) };
    default:
      return { name };
  }
}

/** What is to become a KeyObject: its bytes for a secret one, else what the host says of them. */
export function fromCryptoKey(key: unknown): KeyMaterial | { value: unknown; bytes: Uint8Array } {
  if (!(key instanceof CryptoKey)) throw invalidArgType('key', 'an instance of CryptoKey', key);
  const { type, bytes } = materialOf(key);
  if (type === 'secret') return { type, bytes: copyOf(bytes) };
  return askHost('crypto.createKey', { type, key: { kind: 'object', type } }, { key: bytes });
}
