import {
  askHost,
  askHostLater,
  bytesOf,
  copyOf,
  type Encoding,
  type HostAnswer,
  toBytes,
} from './crypto-bytes.ts';
import { checkCallback, checkInteger, checkString, invalidArgType, nodeError } from './crypto-errors.ts';
import {
  KeyObject,
  type KeyOnTheWire,
  keyObjectFromHost,
  keyObjectOnTheWire,
  makeKeyObject,
  wrongKeyObject,
} from './crypto-key-object.ts';
import { fillRandom } from './crypto-random.ts';
import { CryptoKey } from './webcrypto-key.ts';

const keyTypes =
  'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey';

/** What Node takes for a key: PEM text or bytes, DER bytes, a JWK, a KeyObject, or an object that holds one. */
export function keyOnTheWire(input: unknown): KeyOnTheWire {
  if (input instanceof KeyObject) return keyObjectOnTheWire(input);
  if (input instanceof CryptoKey) return keyObjectOnTheWire(KeyObject.from(input));
  if (typeof input === 'string' || bytesOf(input)) return pem(toBytes(input, 'key'));
  if (input === null || typeof input !== 'object') throw invalidArgType('key', keyTypes, input);
  const { key, format = 'pem', type, encoding, passphrase } = input as Record<string, unknown>;
  if (key instanceof KeyObject || key instanceof CryptoKey) return keyOnTheWire(key);
  if (format === 'jwk') {
    if (key === null || typeof key !== 'object') throw invalidArgType('key.key', 'of type object', key);
    return { key: { kind: 'jwk', jwk: key }, parts: {} };
  }
  const bytes = toBytes(key, 'key.key', encoding as Encoding, keyTypes);
  const secret =
    passphrase === undefined || passphrase === null
      ? undefined
      : toBytes(passphrase, 'key.passphrase', encoding as Encoding);
  if (format === 'pem') return pem(bytes, secret);
  if (format !== 'der') throw badProperty('format', format);
  if (!['pkcs1', 'pkcs8', 'spki', 'sec1'].includes(type as string)) throw badProperty('type', type);
  return { key: { kind: 'der', type }, parts: { key: bytes, passphrase: secret } };
}

/**
 * A shared secret is no PEM: jsonwebtoken tries every secret as a key first, which need not cross. The error is
 * OpenSSL 3's.
 */
function pem(bytes: Uint8Array, passphrase?: Uint8Array): KeyOnTheWire {
  if (!looksLikePem(bytes)) {
    const error = nodeError(Error, 'ERR_OSSL_UNSUPPORTED', 'error:1E08010C:DECODER routines::unsupported');
    throw Object.assign(error, { library: 'DECODER routines', reason: 'unsupported' });
  }
  return { key: { kind: 'pem' }, parts: { key: bytes, passphrase } };
}

function looksLikePem(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x2d); at !== -1; at = bytes.indexOf(0x2d, at + 1)) {
    if (PEM_BEGIN.every((byte, offset) => bytes[at + offset] === byte)) return true;
  }
  return false;
}

const PEM_BEGIN = Array.from('-----BEGIN', (letter) => letter.charCodeAt(0));

function badProperty(name: string, value: unknown): Error {
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  const message = `The property 'key.${name}' is invalid. Received ${shown}`;
  return nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}

export function createSecretKey(key: unknown, encoding?: Encoding): KeyObject {
  const expected = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
  return makeKeyObject({ type: 'secret', bytes: copyOf(toBytes(key, 'key', encoding, expected)) });
}

export function createPrivateKey(input: unknown): KeyObject {
  if (input instanceof KeyObject) throw invalidArgType('key', keyTypes, input);
  return create('private', keyOnTheWire(input));
}

/** A private key is taken as well; the public one is derived of it. */
export function createPublicKey(input: unknown): KeyObject {
  const inner = input instanceof KeyObject ? input : (input as { key?: unknown } | undefined)?.key;
  if (inner instanceof KeyObject && inner.type !== 'private') throw wrongKeyObject(inner.type, 'private');
  return create('public', keyOnTheWire(input));
}

function create(type: 'public' | 'private', { key, parts }: KeyOnTheWire): KeyObject {
  const { value, bytes } = askHost('crypto.createKey', { type, key }, parts);
  return keyObjectFromHost(value, bytes);
}

interface KeyPairOptions extends Record<string, unknown> {
  publicKeyEncoding?: Record<string, unknown>;
  privateKeyEncoding?: Record<string, unknown>;
}

interface KeyPair {
  publicKey: unknown;
  privateKey: unknown;
}

const needOptions = ['rsa', 'rsa-pss', 'ec'];

function pairCall(type: unknown, options: KeyPairOptions | undefined) {
  checkString(type, 'type');
  if (options === undefined && needOptions.includes(type))
    throw invalidArgType('options', 'of type object', options);
  const { modulusLength, publicExponent, hashAlgorithm, mgf1HashAlgorithm, saltLength, namedCurve } =
    options ?? {};
  if (type.startsWith('rsa')) checkInteger(modulusLength, 'options.modulusLength', 0, 2 ** 32 - 1);
  if (type === 'ec') checkString(namedCurve, 'options.namedCurve');
  const wanted = { modulusLength, publicExponent, hashAlgorithm, mgf1HashAlgorithm, saltLength, namedCurve };
  return ['crypto.generateKeyPair', { type, options: wanted }] as const;
}

function pairOf({ value, bytes }: HostAnswer, options: KeyPairOptions = {}): KeyPair {
  const publicKey = keyObjectFromHost(value.public, bytes.subarray(0, value.publicLength));
  const privateKey = keyObjectFromHost(value.private, bytes.subarray(value.publicLength));
  const { publicKeyEncoding, privateKeyEncoding } = options;
  return {
    publicKey: publicKeyEncoding ? publicKey.export(publicKeyEncoding) : publicKey,
    privateKey: privateKeyEncoding ? privateKey.export(privateKeyEncoding) : privateKey,
  };
}

/** rsa and rsa-pss up to 3072 bits, ec, ed25519, ed448, x25519, x448. It holds the host's thread. */
export function generateKeyPairSync(type: unknown, options?: KeyPairOptions): KeyPair {
  return pairOf(askHost(...pairCall(type, options)), options);
}

/** (type[, options], callback): as the Sync variant, rsa up to 4096 bits. */
export function generateKeyPair(type: unknown, ...rest: unknown[]): void {
  const callback = rest.pop();
  checkCallback(callback);
  const options = rest[0] as KeyPairOptions | undefined;
  askHostLater(...pairCall(type, options), {}, (error, answer) => {
    if (error) return callback(error);
    let pair: KeyPair;
    try {
      pair = pairOf(answer!, options);
    } catch (failure) {
      return callback(failure as Error);
    }
    callback(null, pair.publicKey, pair.privateKey);
  });
}

// util.promisify of Node's gives both keys by name.
Object.defineProperty(generateKeyPair, Symbol.for('nodejs.util.promisify.custom'), {
  value: (type: unknown, options?: KeyPairOptions) =>
    new Promise<KeyPair>((resolve, reject) => {
      generateKeyPair(type, options, (error: Error | null, publicKey: unknown, privateKey: unknown) =>
        error ? reject(error) : resolve({ publicKey, privateKey }),
      );
    }),
});

const MAX_SECRET_BITS = 65_536;

/** 'hmac' of 8 to 65,536 bits, 'aes' of 128, 192 or 256. */
export function generateKeySync(type: unknown, options: { length?: number } = {}): KeyObject {
  const { length } = options;
  if (type !== 'hmac' && type !== 'aes') {
    const message = `The argument 'type' must be a supported key type. Received '${type}'`;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
  }
  if (type === 'hmac') checkInteger(length, 'options.length', 8, MAX_SECRET_BITS);
  else if (![128, 192, 256].includes(length!)) {
    const message = `The property 'options.length' must be one of: 128, 192, 256. Received ${length}`;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
  }
  const bytes = new Uint8Array(Math.floor(length! / 8));
  fillRandom(bytes);
  return makeKeyObject({ type: 'secret', bytes });
}

export function generateKey(type: unknown, options: { length?: number }, callback: unknown): void {
  checkCallback(callback);
  const key = generateKeySync(type, options);
  askHostLater('crypto.random', { size: 0 }, {}, () => callback(null, key));
}
