import { asBuffer, askHost, copyOf, encode, type Parts, toBytes } from './crypto-bytes.ts';
import { invalidArgType, nodeError } from './crypto-errors.ts';
import type { KeyMaterial, KeyType } from './crypto-key-material.ts';
import { fromCryptoKey, toCryptoKey } from './webcrypto-convert.ts';
import type { CryptoKey } from './webcrypto-key.ts';

interface ExportOptions {
  format?: string;
  type?: string;
  cipher?: string;
  passphrase?: unknown;
}

/** Kept apart from the object so that nothing of a key shows when it is logged or enumerated. */
const materials = new WeakMap<KeyObject, KeyMaterial>();
const MAKER = Symbol('maker');

/** Node's KeyObject; made by createSecretKey, createPublicKey, createPrivateKey and the generators. */
export class KeyObject {
  constructor(maker: unknown, material?: KeyMaterial) {
    if (maker !== MAKER || !material) throw notConstructible();
    materials.set(this, material);
  }

  static from(key: unknown): KeyObject {
    const made = fromCryptoKey(key);
    return 'value' in made ? keyObjectFromHost(made.value, made.bytes) : makeKeyObject(made);
  }

  get type(): KeyType {
    return materialOf(this).type;
  }

  get asymmetricKeyType(): string | undefined {
    return materialOf(this).asymmetricKeyType;
  }

  get asymmetricKeyDetails(): Record<string, unknown> | undefined {
    return materialOf(this).asymmetricKeyDetails;
  }

  get symmetricKeySize(): number | undefined {
    const { type, bytes } = materialOf(this);
    return type === 'secret' ? bytes.byteLength : undefined;
  }

  equals(other: unknown): boolean {
    if (!(other instanceof KeyObject)) {
      throw invalidArgType('otherKeyObject', 'an instance of KeyObject', other);
    }
    const [a, b] = [materialOf(this), materialOf(other)];
    if (a.type !== b.type || a.bytes.byteLength !== b.bytes.byteLength) return false;
    return askHost('crypto.timingSafeEqual', {}, { a: a.bytes, b: b.bytes }).value;
  }

  export(options?: ExportOptions): unknown {
    const { type, bytes } = materialOf(this);
    if (type !== 'secret') return exportAsymmetric(this, options);
    const format = options?.format ?? 'buffer';
    if (format === 'jwk') return { kty: 'oct', k: encode(bytes, 'base64url') };
    if (format === 'buffer') return asBuffer(copyOf(bytes));
    throw nodeError(
      TypeError,
      'ERR_INVALID_ARG_VALUE',
      `The property 'options.format' is invalid. Received '${format}'`,
    );
  }

  toCryptoKey(algorithm: unknown, extractable: unknown, usages: string[]): CryptoKey {
    return toCryptoKey(materialOf(this), algorithm, extractable, usages);
  }
}

function materialOf(key: KeyObject): KeyMaterial {
  const material = materials.get(key);
  if (!material) throw nodeError(TypeError, 'ERR_INVALID_THIS', 'Value of "this" must be of type KeyObject');
  return material;
}

export function makeKeyObject(material: KeyMaterial): KeyObject {
  return new KeyObject(MAKER, material);
}

/** Of the host's description of an asymmetric key. */
// biome-ignore lint/suspicious/noExplicitAny: the host's own answer
export function keyObjectFromHost(value: any, bytes: Uint8Array): KeyObject {
  const asymmetricKeyDetails = { ...value.details };
  if (value.publicExponent !== undefined) asymmetricKeyDetails.publicExponent = BigInt(value.publicExponent);
  const { type, asymmetricKeyType } = value;
  return makeKeyObject({ type, bytes: copyOf(bytes), asymmetricKeyType, asymmetricKeyDetails });
}

/** Throws ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE unless it is a secret key. */
export function secretBytes(key: KeyObject): Uint8Array {
  const { type, bytes } = materialOf(key);
  if (type !== 'secret') throw wrongKeyObject(type, 'secret');
  return bytes;
}

/** How an asymmetric key crosses: `key` in the params, the rest in the parts. */
export interface KeyOnTheWire {
  key: Record<string, unknown>;
  parts: Parts;
}

export function keyObjectOnTheWire(key: KeyObject): KeyOnTheWire {
  const { type, bytes } = materialOf(key);
  if (type === 'secret') throw wrongKeyObject(type, 'private');
  return { key: { kind: 'object', type }, parts: { key: bytes } };
}

export function wrongKeyObject(actual: string, expected: string): Error {
  const message = `Invalid key object type ${actual}, expected ${expected}.`;
  return nodeError(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', message);
}

function exportAsymmetric(key: KeyObject, options: ExportOptions | undefined): unknown {
  if (options === null || typeof options !== 'object')
    throw invalidArgType('options', 'of type object', options);
  const { format, type, cipher, passphrase } = options;
  if (format !== 'pem' && format !== 'der' && format !== 'jwk') {
    const shown = typeof format === 'string' ? `'${format}'` : String(format);
    throw nodeError(
      TypeError,
      'ERR_INVALID_ARG_VALUE',
      `The property 'options.format' is invalid. Received ${shown}`,
    );
  }
  const wire = keyObjectOnTheWire(key);
  const exportPassphrase = passphrase === undefined ? undefined : toBytes(passphrase, 'options.passphrase');
  const params = { key: wire.key, format, type, cipher };
  const { value, bytes } = askHost('crypto.exportKey', params, { ...wire.parts, exportPassphrase });
  if (format === 'jwk') return value;
  return format === 'pem' ? bytes.toString('utf8') : bytes;
}

function notConstructible(): Error {
  return nodeError(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
}
