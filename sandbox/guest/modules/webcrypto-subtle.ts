import { Buffer } from 'buffer';
import { askHostPromise, copyOf, type HostAnswer, type Parts } from './crypto-bytes.ts';
import { bufferSource, nameOf, normalize, otherPublicKey } from './webcrypto-algorithm.ts';
import { domError, fromHost } from './webcrypto-errors.ts';
import { type CryptoKey, type CryptoKeyMaterial, makeCryptoKey, materialOf } from './webcrypto-key.ts';

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
  const params = { algorithm, key: wireKey(material), length: length ?? null };
  const bytes = { ...parts, ...otherPublicKey(input, material.algorithm), key: material.bytes };
  return arrayBuffer(await ask('deriveBits', params, bytes));
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
  const other = otherPublicKey(input, material.algorithm);
  const { value, bytes } = await ask('deriveKey', params, { ...parts, ...other, key: material.bytes });
  return keyFromHost(value, bytes, !!extractable);
}

async function digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
  return arrayBuffer(await ask('digest', { name: nameOf(algorithm) }, { data: bufferSource(data, 'data') }));
}

/** AES-KW (RFC 3394) wraps and nothing else; with the others, to wrap a key is to encrypt it. */
async function cipherOf(
  direction: 'wrap' | 'unwrap',
  input: unknown,
  key: unknown,
  data: Uint8Array,
): Promise<HostAnswer> {
  const { algorithm, parts } = normalize(input);
  const material = usable(key, `${direction}Key`, algorithm.name);
  const bytes = { ...parts, key: material.bytes, data };
  if (algorithm.name === 'AES-KW') return ask('wrap', { direction }, bytes);
  const operation = direction === 'wrap' ? 'encrypt' : 'decrypt';
  return ask(operation, { algorithm, key: { ...wireKey(material), usages: [operation] } }, bytes);
}

async function wrapKey(
  format: unknown,
  key: unknown,
  wrappingKey: unknown,
  algorithm: unknown,
): Promise<ArrayBuffer> {
  const exported = await exportKey(format, key);
  const data =
    exported instanceof ArrayBuffer
      ? new Uint8Array(exported)
      : Buffer.from(JSON.stringify(exported), 'utf8');
  return arrayBuffer(await cipherOf('wrap', algorithm, wrappingKey, data));
}

async function unwrapKey(
  format: unknown,
  wrapped: unknown,
  unwrappingKey: unknown,
  unwrapAlgorithm: unknown,
  ...imported: [algorithm: unknown, extractable: unknown, usages: string[]]
): Promise<CryptoKey> {
  const data = bufferSource(wrapped, 'wrappedKey');
  const { bytes } = await cipherOf('unwrap', unwrapAlgorithm, unwrappingKey, data);
  if (format !== 'jwk') return importKey(format, bytes, ...imported);
  let jwk: unknown;
  try {
    jwk = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw domError('DataError', 'Invalid wrapped JWK key');
  }
  return importKey(format, jwk, ...imported);
}

/** SubtleCrypto over the host's own. */
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
  wrapKey,
  unwrapKey,
};
