import { Buffer } from 'buffer';
import { Transform } from 'readable-stream';
import {
  asBuffer,
  askHost,
  concat,
  copyOf,
  defaultEncoding,
  type Encoding,
  encode,
  type Parts,
  toBytes,
} from './crypto-bytes.ts';
import { checkString, invalidArgType, invalidState, nodeError } from './crypto-errors.ts';
import { KeyObject, secretBytes } from './crypto-key-object.ts';

type Direction = 'encrypt' | 'decrypt';

export interface CipherOptions {
  authTagLength?: number;
}

interface Computed {
  /** Of the output, what `update` gives away; the rest is `final`'s. */
  updated: number;
  output: Buffer;
  tag: Buffer;
  finalError?: { message: string; code?: string };
}

/**
 * Node's Cipheriv and Decipheriv. The host keeps no cipher between calls: `update` sends all input so far and hands
 * out the part of the output that is new, so each call gives what Node's would, and `final` after one `update` costs
 * no call of its own. Many updates of one cipher cost the square of their number; a stream piped through it is
 * collected and costs one call. At most 16 MB.
 */
abstract class CipherBase extends Transform {
  protected readonly direction: Direction;
  protected readonly authenticated: boolean;
  protected finished = false;
  protected authTag: Uint8Array | undefined;
  protected tag: Buffer | undefined;
  readonly #params: object;
  readonly #secrets: Parts;
  #input: Uint8Array[] = [];
  #aad: Uint8Array | undefined;
  #plaintextLength: number | undefined;
  #autoPadding = true;
  #computed: Computed | undefined;
  #handedOut = 0;
  #decoder: { encoding: string; rest: Uint8Array } | undefined;

  constructor(direction: Direction, cipher: unknown, key: unknown, iv: unknown, options: CipherOptions = {}) {
    super();
    checkString(cipher, 'cipher');
    this.direction = direction;
    const keyBytes = key instanceof KeyObject ? secretBytes(key) : copyOf(toBytes(key, 'key'));
    const ivBytes = iv === null ? undefined : copyOf(toBytes(iv, 'iv'));
    const authTagLength = options?.authTagLength;
    this.#params = { direction, algorithm: cipher, hasIv: iv !== null, authTagLength };
    this.#secrets = { key: keyBytes, iv: ivBytes };
    const params = { ...this.#params, autoPadding: true };
    this.authenticated = askHost('crypto.checkCipher', params, this.#secrets).value.authenticated;
  }

  update(data: unknown, inputEncoding?: Encoding, outputEncoding?: Encoding): unknown {
    if (this.finished) throw new Error('Trying to add data in unsupported state');
    const types = 'of type string or an instance of Buffer, TypedArray, or DataView';
    this.#input.push(copyOf(toBytes(data, 'data', inputEncoding || defaultEncoding(), types)));
    this.#computed = undefined;
    const { updated, output } = this.#compute();
    return this.#handOut(output, updated, outputEncoding || defaultEncoding(), false);
  }

  final(outputEncoding?: Encoding): unknown {
    if (this.finished) throw nodeError(Error, 'ERR_CRYPTO_INVALID_STATE', 'Invalid state');
    if (this.authenticated && this.direction === 'decrypt' && !this.authTag) {
      throw new Error('Unsupported state or unable to authenticate data');
    }
    const { output, tag, finalError } = this.#compute();
    this.finished = true;
    if (finalError) {
      const { message, code } = finalError;
      throw code ? nodeError(Error, code, message) : new Error(message);
    }
    this.tag = tag;
    return this.#handOut(output, output.length, outputEncoding || defaultEncoding(), true);
  }

  setAutoPadding(autoPadding = true): this {
    if (this.finished) throw invalidState('setAutoPadding');
    if (this.#autoPadding !== !!autoPadding) this.#computed = undefined;
    this.#autoPadding = !!autoPadding;
    return this;
  }

  setAAD(buffer: unknown, options: { plaintextLength?: number; encoding?: string } = {}): this {
    if (!this.authenticated || this.finished || this.#input.length > 0) throw invalidState('setAAD');
    const more = toBytes(buffer, 'buffer', options?.encoding);
    this.#aad = this.#aad ? concat([this.#aad, more]) : copyOf(more);
    this.#plaintextLength = options?.plaintextLength;
    return this;
  }

  protected useAuthTag(tag: Uint8Array): void {
    askHost(
      'crypto.checkAuthTag',
      { ...this.#params, autoPadding: true },
      { ...this.#secrets, authTag: tag },
    );
    this.authTag = tag;
    this.#computed = undefined;
  }

  override _transform(chunk: unknown, encoding: string, callback: (error?: Error | null) => void): void {
    this.#input.push(copyOf(toBytes(chunk, 'data', encoding)));
    this.#computed = undefined;
    callback();
  }

  override _flush(callback: (error?: Error | null) => void): void {
    try {
      this.push(this.final('buffer'));
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  #compute(): Computed {
    if (this.#computed) return this.#computed;
    const params = {
      ...this.#params,
      autoPadding: this.#autoPadding,
      plaintextLength: this.#plaintextLength,
    };
    const parts = { ...this.#secrets, aad: this.#aad, authTag: this.authTag, input: concat(this.#input) };
    const { value, bytes } = askHost('crypto.cipher', params, parts);
    const { updated, final, finalError } = value;
    const end = updated + final;
    this.#computed = {
      updated,
      output: bytes.subarray(0, end) as Buffer,
      tag: asBuffer(bytes.subarray(end)),
      finalError,
    };
    return this.#computed;
  }

  /** Text of a call is whole characters: three bytes at a time in base64, the rest with the next call, as Node does. */
  #handOut(output: Buffer, until: number, encoding: Encoding, last: boolean): string | Buffer {
    const fresh = copyOf(output.subarray(this.#handedOut, Math.max(until, this.#handedOut)));
    this.#handedOut = Math.max(until, this.#handedOut);
    if (!encoding || encoding === 'buffer') return asBuffer(fresh);
    const bytes = this.#decoder ? concat([this.#decoder.rest, fresh]) : fresh;
    const whole = last ? bytes.byteLength : wholeCharacters(bytes, encoding);
    this.#decoder = { encoding, rest: bytes.subarray(whole) };
    return encode(bytes.subarray(0, whole), encoding);
  }
}

function wholeCharacters(bytes: Uint8Array, encoding: string): number {
  const { byteLength } = bytes;
  switch (encoding.toLowerCase()) {
    case 'base64':
    case 'base64url':
      return byteLength - (byteLength % 3);
    case 'utf8':
    case 'utf-8': {
      // A sequence that its last three bytes begin and do not end (RFC 3629 section 3).
      for (let back = 1; back <= Math.min(3, byteLength); back++) {
        const byte = bytes[byteLength - back]!;
        if ((byte & 0xc0) === 0x80) continue;
        const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return length > back ? byteLength - back : byteLength;
      }
      return byteLength;
    }
    case 'utf16le':
    case 'ucs2':
      return byteLength - (byteLength % 2);
    default:
      return byteLength;
  }
}

export class Cipheriv extends CipherBase {
  constructor(cipher: unknown, key: unknown, iv: unknown, options?: CipherOptions) {
    super('encrypt', cipher, key, iv, options);
  }

  getAuthTag(): Buffer {
    if (!this.finished || !this.authenticated || !this.tag) throw invalidState('getAuthTag');
    return Buffer.from(this.tag);
  }
}

export class Decipheriv extends CipherBase {
  constructor(cipher: unknown, key: unknown, iv: unknown, options?: CipherOptions) {
    super('decrypt', cipher, key, iv, options);
  }

  setAuthTag(tag: unknown, encoding?: Encoding): this {
    if (!this.authenticated || this.finished || this.authTag) throw invalidState('setAuthTag');
    this.useAuthTag(copyOf(toBytes(tag, 'buffer', encoding)));
    return this;
  }
}

export function createCipheriv(
  cipher: unknown,
  key: unknown,
  iv: unknown,
  options?: CipherOptions,
): Cipheriv {
  return new Cipheriv(cipher, key, ivOrNull(iv), options);
}

export function createDecipheriv(
  cipher: unknown,
  key: unknown,
  iv: unknown,
  options?: CipherOptions,
): Decipheriv {
  return new Decipheriv(cipher, key, ivOrNull(iv), options);
}

function ivOrNull(iv: unknown): unknown {
  if (iv !== undefined) return iv;
  throw invalidArgType(
    'iv',
    'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView',
    iv,
  );
}

export function getCiphers(): string[] {
  return askHost('crypto.list', { what: 'ciphers' }).value;
}

export function getCipherInfo(
  nameOrNid: string | number,
  options: { keyLength?: number; ivLength?: number } = {},
): unknown {
  const { keyLength, ivLength } = options;
  return askHost('crypto.cipherInfo', { nameOrNid, keyLength, ivLength }).value;
}
