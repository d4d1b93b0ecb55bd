import { Writable } from 'readable-stream';
import {
  askHost,
  askHostLater,
  concat,
  copyOf,
  defaultEncoding,
  type Encoding,
  encode,
  onlyBytes,
  type Parts,
  toBytes,
} from './crypto-bytes.ts';
import { checkCallback, checkString, nodeError } from './crypto-errors.ts';
import { checkDigest } from './crypto-hash.ts';
import { keyOnTheWire } from './crypto-keys.ts';

const dataTypes = 'of type string or an instance of Buffer, TypedArray, or DataView';

/** Members beside the key in the object form of a key argument. */
function pick(input: unknown, names: readonly string[]): Record<string, unknown> {
  if (input === null || typeof input !== 'object') return {};
  const source = input as Record<string, unknown>;
  return Object.fromEntries(
    names.filter((name) => source[name] !== undefined).map((name) => [name, source[name]]),
  );
}

function signatureCall(
  algorithm: string | null,
  keyInput: unknown,
  parts: Parts,
  api: 'stream' | 'oneShot',
): [params: object, parts: Parts] {
  const wire = keyOnTheWire(keyInput);
  const options = pick(keyInput, ['padding', 'saltLength', 'dsaEncoding']);
  return [
    { algorithm, api, options, key: wire.key },
    { ...parts, ...wire.parts },
  ];
}

abstract class SignBase extends Writable {
  protected readonly algorithm: string;
  #chunks: Uint8Array[] = [];

  constructor(algorithm: unknown) {
    super();
    checkString(algorithm, 'algorithm');
    checkDigest(algorithm, 'sign');
    this.algorithm = algorithm;
  }

  update(data: unknown, encoding?: Encoding): this {
    this.#chunks.push(copyOf(toBytes(data, 'data', encoding || defaultEncoding(), dataTypes)));
    return this;
  }

  override _write(chunk: unknown, encoding: string, callback: (error?: Error | null) => void): void {
    this.update(chunk, encoding);
    callback();
  }

  protected taken(): Uint8Array {
    return concat(this.#chunks);
  }
}

export class Sign extends SignBase {
  sign(key: unknown, encoding?: Encoding): unknown {
    if (!key) throw nodeError(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign');
    const [params, parts] = signatureCall(this.algorithm, key, { data: this.taken() }, 'stream');
    return encode(askHost('crypto.sign', params, parts).bytes, encoding);
  }
}

export class Verify extends SignBase {
  verify(key: unknown, signature: unknown, encoding?: Encoding): boolean {
    const given = toBytes(signature, 'signature', encoding || defaultEncoding(), dataTypes);
    const parts = { data: this.taken(), signature: given };
    return askHost('crypto.verify', ...signatureCall(this.algorithm, key, parts, 'stream')).value;
  }
}

export function createSign(algorithm: unknown): Sign {
  return new Sign(algorithm);
}

export function createVerify(algorithm: unknown): Verify {
  return new Verify(algorithm);
}

function checkAlgorithm(algorithm: unknown): string | null {
  if (algorithm === null || algorithm === undefined) return null;
  checkString(algorithm, 'algorithm');
  return algorithm;
}

/** One-shot; the algorithm is null for keys that name their own (Ed25519). */
export function sign(algorithm: unknown, data: unknown, key: unknown, callback?: unknown): unknown {
  const name = checkAlgorithm(algorithm);
  const bytes = toBytes(data, 'data', undefined, dataTypes);
  if (!key) throw nodeError(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign');
  const call = signatureCall(name, key, { data: bytes }, 'oneShot');
  if (callback === undefined) return askHost('crypto.sign', ...call).bytes;
  checkCallback(callback);
  askHostLater('crypto.sign', ...call, (error, answer) => callback(error, answer?.bytes));
  return undefined;
}

export function verify(
  algorithm: unknown,
  data: unknown,
  key: unknown,
  signature: unknown,
  callback?: unknown,
): unknown {
  const name = checkAlgorithm(algorithm);
  const bytes = toBytes(data, 'data', undefined, dataTypes);
  const parts = { data: bytes, signature: onlyBytes(signature, 'signature') };
  const call = signatureCall(name, key, parts, 'oneShot');
  if (callback === undefined) return askHost('crypto.verify', ...call).value;
  checkCallback(callback);
  askHostLater('crypto.verify', ...call, (error, answer) => callback(error, answer?.value));
  return undefined;
}

function encryption(operation: string) {
  return (keyInput: unknown, data: unknown): Uint8Array => {
    const wire = keyOnTheWire(keyInput);
    const label = (keyInput as { oaepLabel?: unknown }).oaepLabel;
    const encoding = (keyInput as { encoding?: Encoding }).encoding;
    const parts = {
      ...wire.parts,
      data: toBytes(data, 'buffer', encoding),
      ...(label === undefined ? {} : { oaepLabel: toBytes(label, 'key.oaepLabel', encoding) }),
    };
    const options = pick(keyInput, ['padding', 'oaepHash']);
    return askHost('crypto.encrypt', { operation, options, key: wire.key }, parts).bytes;
  };
}

export const publicEncrypt = encryption('publicEncrypt');
export const privateDecrypt = encryption('privateDecrypt');
export const privateEncrypt = encryption('privateEncrypt');
export const publicDecrypt = encryption('publicDecrypt');
