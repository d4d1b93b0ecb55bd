import { Transform } from 'readable-stream';
import {
  asBuffer,
  askHost,
  bytesOf,
  concat,
  copyOf,
  defaultEncoding,
  type Encoding,
  encode,
  toBytes,
} from './crypto-bytes.ts';
import { checkString, invalidArgType, nodeError } from './crypto-errors.ts';
import { KeyObject, secretBytes } from './crypto-key-object.ts';

const dataTypes = 'of type string or an instance of Buffer, TypedArray, or DataView';

/** Node answers an unknown digest when the object is made: asked of the host once per name. */
const checked = new Set<string>(
  ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].flatMap((name) => [`hash ${name}`, `hmac ${name}`]),
);

export function checkDigest(algorithm: string, use: 'hash' | 'hmac' | 'sign'): void {
  if (checked.has(`${use} ${algorithm}`)) return;
  askHost('crypto.checkDigest', { algorithm, use });
  checked.add(`${use} ${algorithm}`);
}

function finalized(): Error {
  return nodeError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
}

/** What Hash and Hmac share: both keep their input and make one call when the digest is asked for. */
abstract class Digest extends Transform {
  protected chunks: Uint8Array[] = [];
  protected done = false;

  protected abstract compute(data: Uint8Array): Uint8Array;

  update(data: unknown, encoding?: Encoding): this {
    if (this.done) throw finalized();
    this.chunks.push(copyOf(toBytes(data, 'data', encoding || defaultEncoding(), dataTypes)));
    return this;
  }

  override _transform(chunk: unknown, encoding: string, callback: (error?: Error | null) => void): void {
    this.update(chunk, encoding);
    callback();
  }

  override _flush(callback: (error?: Error | null) => void): void {
    this.push(this.take());
    callback();
  }

  protected take(): Uint8Array {
    this.done = true;
    const digest = this.compute(concat(this.chunks));
    this.chunks = [];
    return asBuffer(digest);
  }
}

export interface HashOptions {
  outputLength?: number;
}

export class Hash extends Digest {
  readonly #algorithm: string;
  readonly #options: HashOptions;

  constructor(algorithm: unknown, options: HashOptions = {}) {
    super();
    checkString(algorithm, 'algorithm');
    checkDigest(algorithm, 'hash');
    this.#algorithm = algorithm;
    this.#options = options;
  }

  digest(encoding?: Encoding): unknown {
    if (this.done) throw finalized();
    return encode(this.take(), encoding);
  }

  copy(options?: HashOptions): Hash {
    if (this.done) throw finalized();
    const twin = new Hash(this.#algorithm, options ?? this.#options);
    twin.chunks = [...this.chunks];
    return twin;
  }

  protected compute(data: Uint8Array): Uint8Array {
    const { outputLength } = this.#options;
    return askHost('crypto.hash', { algorithm: this.#algorithm, outputLength }, { data }).bytes;
  }
}

export class Hmac extends Digest {
  readonly #algorithm: string;
  readonly #key: Uint8Array;

  constructor(algorithm: unknown, key: unknown, options: { encoding?: string } = {}) {
    super();
    checkString(algorithm, 'hmac');
    this.#key = hmacKey(key, options?.encoding);
    checkDigest(algorithm, 'hmac');
    this.#algorithm = algorithm;
  }

  /** A second call answers nothing, as Node's does. */
  digest(encoding?: Encoding): unknown {
    if (this.done) return encode(new Uint8Array(0), encoding);
    return encode(this.take(), encoding);
  }

  protected compute(data: Uint8Array): Uint8Array {
    return askHost('crypto.hmac', { algorithm: this.#algorithm }, { key: this.#key, data }).bytes;
  }
}

function hmacKey(key: unknown, encoding: Encoding): Uint8Array {
  if (key instanceof KeyObject) return secretBytes(key);
  const expected =
    'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey';
  return copyOf(toBytes(key, 'key', encoding, expected));
}

export function createHash(algorithm: unknown, options?: HashOptions): Hash {
  return new Hash(algorithm, options);
}

export function createHmac(algorithm: unknown, key: unknown, options?: { encoding?: string }): Hmac {
  return new Hmac(algorithm, key, options);
}

/** One-shot; hex unless an encoding, or `{ outputEncoding }`, is given. */
export function hash(
  algorithm: unknown,
  input: unknown,
  options: Encoding | { outputEncoding?: string; outputLength?: number } = 'hex',
): unknown {
  checkString(algorithm, 'algorithm');
  const data = typeof input === 'string' ? toBytes(input, 'input') : bytesOf(input);
  if (!data) throw invalidArgType('input', dataTypes, input);
  const { outputEncoding = 'hex', outputLength } =
    typeof options === 'string' ? { outputEncoding: options } : (options ?? {});
  return encode(askHost('crypto.hash', { algorithm, outputLength }, { data }).bytes, outputEncoding);
}

export function getHashes(): string[] {
  return askHost('crypto.list', { what: 'hashes' }).value;
}
