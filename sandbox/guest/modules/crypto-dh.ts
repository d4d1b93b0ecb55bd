import { Buffer } from 'buffer';
import { askHost, bytesOf, copyOf, type Encoding, encode, toBytes } from './crypto-bytes.ts';
import { checkInteger, invalidArgType, nodeError } from './crypto-errors.ts';
import { randomBytes } from './crypto-random.ts';

/**
 * Diffie-Hellman over a prime (RFC 2631) in arithmetic of the guest's own: OpenSSL would test the primality of every
 * prime that it is given, for half a second at 2048 bits and half a minute at 8192, on the host's thread.
 */

const GENERATOR = 2;
/** Twice the strength of the largest group (NIST SP 800-57: 8192 bits give 200), and no longer than the prime. */
const PRIVATE_BYTES = 64;
/** An exponentiation takes some tens of milliseconds then. */
const MAX_PRIME_BYTES = 1024;

const groups = new Map<string, Uint8Array>();

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.byteLength === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function toBuffer(value: bigint, length = 0): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(Math.max(2 * length, hex.length + (hex.length % 2)), '0'), 'hex');
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function noKey(which: string): Error {
  return nodeError(Error, 'ERR_CRYPTO_INVALID_STATE', `No ${which} key - did you forget to generate one?`);
}

export class DiffieHellmanGroup {
  /** Whether the prime is one is not looked at. */
  readonly verifyError = 0;
  protected readonly prime: bigint;
  protected readonly generator: bigint;
  protected privateKey: bigint | undefined;
  protected publicKey: bigint | undefined;
  readonly #bytes: number;

  constructor(nameOrPrime: unknown, generator?: bigint) {
    const isName = generator === undefined;
    const prime = isName ? groupPrime(nameOrPrime) : (nameOrPrime as Uint8Array);
    this.prime = toBigInt(prime);
    this.generator = generator ?? BigInt(GENERATOR);
    this.#bytes = toBuffer(this.prime).length;
  }

  generateKeys(encoding?: Encoding): unknown {
    this.privateKey ??=
      1n + (toBigInt(randomBytes(Math.min(PRIVATE_BYTES, this.#bytes))) % (this.prime - 2n));
    this.publicKey = power(this.generator, this.privateKey, this.prime);
    return this.getPublicKey(encoding);
  }

  computeSecret(otherPublicKey: unknown, inputEncoding?: Encoding, outputEncoding?: Encoding): unknown {
    const other = toBigInt(toBytes(otherPublicKey, 'key', inputEncoding));
    if (this.privateKey === undefined) {
      throw nodeError(Error, 'ERR_CRYPTO_OPERATION_FAILED', 'Failed to compute shared secret');
    }
    // RFC 2631 section 2.1.5: others give the private key away.
    const wrong = other <= 1n ? 'small' : other >= this.prime - 1n ? 'large' : undefined;
    if (wrong) throw nodeError(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', `Supplied key is too ${wrong}`);
    return encode(toBuffer(power(other, this.privateKey, this.prime), this.#bytes), outputEncoding);
  }

  getPrime(encoding?: Encoding): unknown {
    return encode(toBuffer(this.prime), encoding);
  }

  getGenerator(encoding?: Encoding): unknown {
    return encode(toBuffer(this.generator), encoding);
  }

  getPublicKey(encoding?: Encoding): unknown {
    if (this.publicKey === undefined) throw noKey('public');
    return encode(toBuffer(this.publicKey), encoding);
  }

  getPrivateKey(encoding?: Encoding): unknown {
    if (this.privateKey === undefined) throw noKey('private');
    return encode(toBuffer(this.privateKey), encoding);
  }
}

function groupPrime(name: unknown): Uint8Array {
  const known = groups.get(String(name));
  if (known) return known;
  const prime = copyOf(askHost('crypto.dhGroup', { name: String(name) }).bytes);
  groups.set(String(name), prime);
  return prime;
}

export class DiffieHellman extends DiffieHellmanGroup {
  constructor(prime: unknown, primeEncoding?: unknown, generator?: unknown, generatorEncoding?: unknown) {
    const isEncoding =
      !primeEncoding || primeEncoding === 'buffer' || Buffer.isEncoding(primeEncoding as string);
    const [encoding, base, baseEncoding] = isEncoding
      ? [primeEncoding, generator, generatorEncoding]
      : [undefined, primeEncoding, generator];
    super(primeBytes(prime, encoding as Encoding), generatorOf(base, baseEncoding as Encoding));
  }

  setPublicKey(publicKey: unknown, encoding?: Encoding): this {
    this.publicKey = toBigInt(toBytes(publicKey, 'key', encoding));
    return this;
  }

  setPrivateKey(privateKey: unknown, encoding?: Encoding): this {
    this.privateKey = toBigInt(toBytes(privateKey, 'key', encoding));
    return this;
  }
}

function primeBytes(prime: unknown, encoding: Encoding): Uint8Array {
  if (typeof prime === 'number') {
    const message =
      'crypto.createDiffieHellman with a length is not available to action scripts: give a prime, or use crypto.getDiffieHellman';
    throw nodeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', message);
  }
  if (typeof prime !== 'string' && !bytesOf(prime)) {
    const expected =
      'one of type number or string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
    throw invalidArgType('sizeOrKey', expected, prime);
  }
  const bytes = toBytes(prime, 'sizeOrKey', encoding);
  checkInteger(bytes.byteLength, 'sizeOrKey.byteLength', 1, MAX_PRIME_BYTES);
  if (toBigInt(bytes) < 5n) {
    throw nodeError(Error, 'ERR_OSSL_BN_BITS_TOO_SMALL', 'error:0180007D:bignum routines::bits too small');
  }
  return bytes;
}

function generatorOf(generator: unknown, encoding: Encoding): bigint {
  const value =
    typeof generator === 'number' && Number.isInteger(generator)
      ? BigInt(generator || GENERATOR)
      : toBigInt(toBytes(generator ?? new Uint8Array([GENERATOR]), 'generator', encoding));
  if (value > 1n) return value;
  const message = 'error:02800065:Diffie-Hellman routines::bad generator';
  throw nodeError(Error, 'ERR_OSSL_DH_BAD_GENERATOR', message);
}

export function createDiffieHellman(...args: unknown[]): DiffieHellman {
  return new DiffieHellman(...(args as [unknown]));
}

/** `getDiffieHellman` and `createDiffieHellmanGroup` are one function in Node too. */
export function getDiffieHellman(name: unknown): DiffieHellmanGroup {
  return new DiffieHellmanGroup(name);
}
