import { nodeError } from './crypto-errors.ts';

export type KeyFormat = 'raw' | 'pkcs8' | 'spki';

/** As it crosses: JSON members only, `publicExponent` as numbers, `hash` by name. */
export interface WireAlgorithm extends Record<string, unknown> {
  name: string;
  hash?: string;
  publicExponent?: number[];
}

/** All there is of a CryptoKey. The host keeps nothing. */
export interface CryptoKeyMaterial {
  type: 'secret' | 'public' | 'private';
  algorithm: WireAlgorithm;
  usages: string[];
  format: KeyFormat;
  bytes: Uint8Array;
  extractable: boolean;
}

/** Apart from the object: a key that is not extractable must not be readable off it. */
const materials = new WeakMap<CryptoKey, CryptoKeyMaterial>();
const MAKER = Symbol('maker');

export class CryptoKey {
  constructor(maker: unknown, material?: CryptoKeyMaterial) {
    if (maker !== MAKER || !material) {
      throw nodeError(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
    }
    materials.set(this, material);
  }

  get type(): string {
    return materialOf(this).type;
  }

  get extractable(): boolean {
    return materialOf(this).extractable;
  }

  get algorithm(): Record<string, unknown> {
    const { publicExponent, hash, ...algorithm } = materialOf(this).algorithm;
    return {
      ...algorithm,
      ...(publicExponent ? { publicExponent: new Uint8Array(publicExponent) } : {}),
      ...(hash ? { hash: { name: hash } } : {}),
    };
  }

  get usages(): string[] {
    return [...materialOf(this).usages];
  }

  get [Symbol.toStringTag](): string {
    return 'CryptoKey';
  }
}

export function makeCryptoKey(material: CryptoKeyMaterial): CryptoKey {
  return new CryptoKey(MAKER, material);
}

/** Throws a TypeError for anything but a CryptoKey. */
export function materialOf(key: unknown): CryptoKeyMaterial {
  const material = key instanceof CryptoKey ? materials.get(key) : undefined;
  if (!material) throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'The key is not of type CryptoKey');
  return material;
}
