import { asBuffer, askHost, askHostLater, copyOf, type Encoding, encode, toBytes } from './crypto-bytes.ts';
import { checkCallback, checkString, invalidArgType, nodeError } from './crypto-errors.ts';
import { KeyObject, keyObjectOnTheWire } from './crypto-key-object.ts';
import { createPrivateKey, createPublicKey } from './crypto-keys.ts';

function failed(what: string): Error {
  return nodeError(Error, 'ERR_CRYPTO_OPERATION_FAILED', `Failed to get ECDH ${what}`);
}

function checkFormat(format: unknown): string {
  if (!format) return 'uncompressed';
  if (['compressed', 'uncompressed', 'hybrid'].includes(format as string)) return format as string;
  throw nodeError(TypeError, 'ERR_CRYPTO_ECDH_INVALID_FORMAT', `Invalid ECDH format: ${format}`);
}

function convert(key: Uint8Array, curve: string, format: string): Uint8Array {
  return askHost('crypto.ecdhConvert', { curve, format }, { key }).bytes;
}

/** Node's ECDH. The keys are here; the host computes with what it is given. */
export class ECDH {
  readonly #curve: string;
  #privateKey: Uint8Array | undefined;
  /** Uncompressed. */
  #publicKey: Uint8Array | undefined;

  constructor(curve: unknown) {
    checkString(curve, 'curve');
    askHost('crypto.ecdh', { curve, action: 'check' });
    this.#curve = curve;
  }

  static convertKey(
    key: unknown,
    curve: unknown,
    inputEncoding?: Encoding,
    outputEncoding?: Encoding,
    format?: unknown,
  ): unknown {
    checkString(curve, 'curve');
    const bytes = toBytes(key, 'key', inputEncoding);
    return encode(convert(bytes, curve, checkFormat(format)), outputEncoding);
  }

  generateKeys(encoding?: Encoding, format?: unknown): unknown {
    const { value, bytes } = askHost('crypto.ecdh', { curve: this.#curve, action: 'generate' });
    this.#publicKey = bytes.subarray(0, value.publicLength);
    this.#privateKey = bytes.subarray(value.publicLength);
    return this.getPublicKey(encoding, format);
  }

  computeSecret(otherPublicKey: unknown, inputEncoding?: Encoding, outputEncoding?: Encoding): unknown {
    const other = toBytes(otherPublicKey, 'key', inputEncoding);
    if (!this.#privateKey) {
      const message = 'Public key is not valid for specified curve';
      throw nodeError(Error, 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY', message);
    }
    const parts = { privateKey: this.#privateKey, otherPublicKey: other };
    const { bytes } = askHost('crypto.ecdh', { curve: this.#curve, action: 'computeSecret' }, parts);
    return encode(bytes, outputEncoding);
  }

  getPublicKey(encoding?: Encoding, format?: unknown): unknown {
    const wanted = checkFormat(format);
    if (!this.#publicKey) throw failed('public key');
    const plain = wanted === 'uncompressed';
    return encode(plain ? copyOf(this.#publicKey) : convert(this.#publicKey, this.#curve, wanted), encoding);
  }

  getPrivateKey(encoding?: Encoding): unknown {
    if (!this.#privateKey) throw failed('private key');
    return encode(copyOf(this.#privateKey), encoding);
  }

  setPrivateKey(privateKey: unknown, encoding?: Encoding): this {
    const bytes = copyOf(toBytes(privateKey, 'key', encoding));
    const call = { curve: this.#curve, action: 'publicKey' };
    this.#publicKey = askHost('crypto.ecdh', call, { privateKey: bytes }).bytes;
    this.#privateKey = bytes;
    return this;
  }

  setPublicKey(publicKey: unknown, encoding?: Encoding): this {
    this.#publicKey = convert(toBytes(publicKey, 'key', encoding), this.#curve, 'uncompressed');
    return this;
  }
}

export function createECDH(curve: unknown): ECDH {
  return new ECDH(curve);
}

const agreeing = ['dh', 'ec', 'x448', 'x25519'];

/** `{ privateKey, publicKey }[, callback]`: KeyObjects, or what makes one. */
export function diffieHellman(options: unknown, callback?: unknown): unknown {
  if (typeof options !== 'object' || options === null)
    throw invalidArgType('options', 'of type object', options);
  if (callback !== undefined) checkCallback(callback);
  const given = options as { privateKey?: unknown; publicKey?: unknown };
  for (const name of ['privateKey', 'publicKey'] as const) {
    if (given[name] !== undefined) continue;
    const message = `The property 'options.${name}' is invalid. Received undefined`;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
  }
  const privateKey = keyOf(given.privateKey, createPrivateKey);
  const publicKey = keyOf(given.publicKey, createPublicKey);
  const [mine, theirs] = [privateKey.asymmetricKeyType, publicKey.asymmetricKeyType];
  if (mine !== theirs || !agreeing.includes(mine ?? '')) {
    const message = `Incompatible key types for Diffie-Hellman: ${mine} and ${theirs}`;
    throw nodeError(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY', message);
  }
  const parts = { privateKey: derOf(privateKey), publicKey: derOf(publicKey) };
  if (callback === undefined) return askHost('crypto.diffieHellman', {}, parts).bytes;
  askHostLater('crypto.diffieHellman', {}, parts, (error, answer) =>
    error ? callback(error) : callback(null, asBuffer(answer!.bytes)),
  );
  return undefined;
}

function keyOf(input: unknown, make: (input: unknown) => KeyObject): KeyObject {
  const isPublicAlready =
    input instanceof KeyObject && !(make === createPublicKey && input.type === 'private');
  return isPublicAlready ? (input as KeyObject) : make(input);
}

function derOf(key: KeyObject): Uint8Array {
  return keyObjectOnTheWire(key).parts.key!;
}
