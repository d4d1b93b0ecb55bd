import { askHostPromise, bytesOf, copyOf, type HostAnswer, type Parts } from './crypto-bytes.ts';
import { notAvailable } from './crypto-errors.ts';
import { domError, fromHost } from './webcrypto-errors.ts';
import {
  type CryptoKey,
  type CryptoKeyMaterial,
  makeCryptoKey,
  materialOf,
  type WireAlgorithm,
} from './webcrypto-key.ts';

/** Members of an algorithm that cross as they are, and those that are bytes. */
const jsonMembers = ['length', 'namedCurve', 'modulusLength', 'saltLength', 'tagLength', 'iterations'];
const byteMembers = ['iv', 'additionalData', 'label', 'salt', 'info', 'counter'];

const supported = [
  'HMAC',
  'RSASSA-PKCS1-v1_5',
  'RSA-PSS',
  'RSA-OAEP',
  'ECDSA',
  'Ed25519',
  'AES-GCM',
  'AES-CBC',
  'AES-CTR',
  'PBKDF2',
  'HKDF',
];

interface Normalized {
  algorithm: WireAlgorithm;
  parts: Parts;
}

function nameOf(algorithm: unknown): string {
  const name = typeof algorithm === 'string' ? algorithm : (algorithm as { name?: unknown } | null)?.name;
  if (typeof name !== 'string') throw new TypeError('Algorithm: name is required');
  return name;
}

/** Throws NotSupportedError for what is not on board (ECDH, X25519, AES-KW and others). */
function normalize(input: unknown): Normalized {
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

function bufferSource(value: unknown, name: string): Uint8Array {
  const bytes = bytesOf(value);
  if (!bytes)
    throw new TypeError(`${name} is not an instance of ArrayBuffer, Buffer, TypedArray, or DataView`);
  return bytes;
}

function arrayBuffer({ bytes }: HostAnswer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

async function ask(operation: string, params: object, parts: Parts): Promise<HostAnswer> {
  try {
    return await askHostPromise(`crypto.subtle.${operation}`, params, parts);
  } catch (error) {
    throw fromHost(error as Error);
  }
}

/** The key as it crosses. Throws InvalidAccessError when it may not be used so. */
function usable(key: unknown, usage: string, name?: string): CryptoKeyMaterial {
  const material = materialOf(key);
  if (!material.usages.includes(usage)) {
    throw domError('InvalidAccessError', `Unable to use this key to ${usage}`);
  }
  if (name !== undefined && material.algorithm.name !== name) {
    throw domError('InvalidAccessError', 'Key algorithm mismatch');
  }
  return material;
}

function wireKey({ format, algorithm, usages }: CryptoKeyMaterial) {
  return { format, algorithm, usages };
}

// biome-ignore lint/suspicious/noExplicitAny: the host's own answer
function keyFromHost(value: any, bytes: Uint8Array, extractable: boolean): CryptoKey {
  if (value.type !== 'public' && value.usages.length === 0) {
    throw domError('SyntaxError', 'Usages cannot be empty when importing a key of this type.');
  }
  const { type, usages, format, algorithm } = value;
  return makeCryptoKey({ type, usages, format, algorithm, extractable, bytes: copyOf(bytes) });
}

async function useKey(
  usage: 'sign' | 'verify' | 'encrypt' | 'decrypt',
  input: unknown,
  key: unknown,
  bytes: Record<string, unknown>,
): Promise<HostAnswer> {
  const { algorithm, parts } = normalize(input);
  const material = usable(key, usage, algorithm.name);
  const data = Object.fromEntries(
    Object.entries(bytes).map(([name, value]) => [name, bufferSource(value, name)]),
  );
  return ask(usage, { algorithm, key: wireKey(material) }, { ...parts, key: material.bytes, ...data });
}

async function exportKey(format: unknown, key: unknown): Promise<unknown> {
  const material = materialOf(key);
  if (!material.extractable) throw domError('InvalidAccessError', 'key is not extractable');
  const answer = await ask('exportKey', { format, key: wireKey(material) }, { key: material.bytes });
  if (format !== 'jwk') return arrayBuffer(answer);
  return { ...answer.value, ext: material.extractable, key_ops: [...material.usages] };
}

async function importKey(
  format: unknown,
  keyData: unknown,
  input: unknown,
  extractable: unknown,
  usages: string[],
): Promise<CryptoKey> {
  const { algorithm, parts } = normalize(input);
  const params = { format, algorithm, usages: [...usages], extractable: !!extractable };
  const { value, bytes } =
    format === 'jwk'
      ? await ask('importKey', { ...params, jwk: keyData }, parts)
      : await ask('importKey', params, { ...parts, key: bufferSource(keyData, 'keyData') });
  return keyFromHost(value, bytes, !!extractable);
}

async function generateKey(input: unknown, extractable: unknown, usages: string[]): Promise<unknown> {
  const { algorithm, parts } = normalize(input);
  const params = { algorithm, usages: [...usages], extractable: !!extractable };
  const { value, bytes } = await ask('generateKey', params, parts);
  if (!value.public) return keyFromHost(value, bytes, !!extractable);
  return {
    // A public key is always extractable (Web Cryptography API, generateKey).
    publicKey: keyFromHost(value.public, bytes.subarray(0, value.publicLength), true),
    privateKey: keyFromHost(value.private, bytes.subarray(value.publicLength), !!extractable),
  };
}

async function deriveBits(input: unknown, baseKey: unknown, length: unknown): Promise<ArrayBuffer> {
  const { algorithm, parts } = normalize(input);
  const material = usable(baseKey, 'deriveBits', algorithm.name);
  const params = { algorithm, key: wireKey(material), length };
  return arrayBuffer(await ask('deriveBits', params, { ...parts, key: material.bytes }));
}

async function deriveKey(
  input: unknown,
  baseKey: unknown,
  derivedInput: unknown,
  extractable: unknown,
  usages: string[],
): Promise<CryptoKey> {
  const { algorithm, parts } = normalize(input);
  const { algorithm: derived } = normalize(derivedInput);
  const material = usable(baseKey, 'deriveKey', algorithm.name);
  const params = { algorithm, derived, usages: [...usages], key: wireKey(material) };
  const { value, bytes } = await ask('deriveKey', params, { ...parts, key: material.bytes });
  return keyFromHost(value, bytes, !!extractable);
}

async function digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
  return arrayBuffer(await ask('digest', { name: nameOf(algorithm) }, { data: bufferSource(data, 'data') }));
}

/** SubtleCrypto over the host's own. Wrapping and key agreement are not on board and throw by name. */
export const subtle = {
  digest,
  importKey,
  exportKey,
  generateKey,
  deriveBits,
  deriveKey,
  sign: async (algorithm: unknown, key: unknown, data: unknown) =>
    arrayBuffer(await useKey('sign', algorithm, key, { data })),
  verify: async (algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> =>
    (await useKey('verify', algorithm, key, { signature, data })).value,
  encrypt: async (algorithm: unknown, key: unknown, data: unknown) =>
    arrayBuffer(await useKey('encrypt', algorithm, key, { data })),
  decrypt: async (algorithm: unknown, key: unknown, data: unknown) =>
    arrayBuffer(await useKey('decrypt', algorithm, key, { data })),
  wrapKey: async () => notAvailable('crypto.subtle.wrapKey')(),
  unwrapKey: async () => notAvailable('crypto.subtle.unwrapKey')(),
};
