import { warnOnce } from '../warn-once.ts';
import { askHost, askHostLater, encode, type HostAnswer, toBytes } from './crypto-bytes.ts';
import { checkCallback, checkInteger, checkString, nodeError } from './crypto-errors.ts';
import { KeyObject, secretBytes } from './crypto-key-object.ts';

const MAX_INT32 = 2 ** 31 - 1;

function pbkdf2Call(password: unknown, salt: unknown, iterations: unknown, keylen: unknown, digest: unknown) {
  checkString(digest, 'digest');
  const parts = { password: toBytes(password, 'password'), salt: toBytes(salt, 'salt') };
  checkInteger(iterations, 'iterations', 1, MAX_INT32);
  checkInteger(keylen, 'keylen', 0, MAX_INT32);
  return ['crypto.pbkdf2', { iterations, keylen, digest }, parts] as const;
}

function sha1(): string {
  warnOnce('crypto.pbkdf2 without a digest means SHA-1, as it did before Node 8; name the digest');
  return 'sha1';
}

/**
 * (password, salt, iterations, keylen[, digest], callback). The form without a digest is of Node 0.10 to 7, where
 * it meant SHA-1; old user stores were filled with it.
 */
export function pbkdf2(...args: unknown[]): void {
  const [password, salt, iterations, keylen, digest, callback] =
    typeof args[4] === 'function' ? [...args.slice(0, 4), undefined, args[4]] : args;
  checkCallback(callback);
  const call = pbkdf2Call(password, salt, iterations, keylen, digest ?? sha1());
  askHostLater(...call, (error, answer) => callback(error, ...derived(answer)));
}

export function pbkdf2Sync(
  password: unknown,
  salt: unknown,
  iterations: unknown,
  keylen: unknown,
  digest?: unknown,
): unknown {
  return encode(askHost(...pbkdf2Call(password, salt, iterations, keylen, digest ?? sha1())).bytes);
}

interface ScryptOptions {
  N?: number;
  r?: number;
  p?: number;
  maxmem?: number;
  cost?: number;
  blockSize?: number;
  parallelization?: number;
}

function scryptCall(password: unknown, salt: unknown, keylen: unknown, options: ScryptOptions) {
  const parts = { password: toBytes(password, 'password'), salt: toBytes(salt, 'salt') };
  checkInteger(keylen, 'keylen', 0, MAX_INT32);
  // Node's own defaults.
  const params = {
    keylen,
    N: options.N ?? options.cost ?? 16_384,
    r: options.r ?? options.blockSize ?? 8,
    p: options.p ?? options.parallelization ?? 1,
    maxmem: options.maxmem ?? 32 * 1024 * 1024,
  };
  for (const name of ['N', 'r', 'p', 'maxmem'] as const)
    checkInteger(params[name], name, 0, Number.MAX_SAFE_INTEGER);
  return ['crypto.scrypt', params, parts] as const;
}

/** (password, salt, keylen[, options], callback) */
export function scrypt(password: unknown, salt: unknown, keylen: unknown, ...rest: unknown[]): void {
  const callback = rest.pop();
  checkCallback(callback);
  const call = scryptCall(password, salt, keylen, (rest[0] as ScryptOptions) ?? {});
  askHostLater(...call, (error, answer) => callback(error, ...derived(answer)));
}

export function scryptSync(
  password: unknown,
  salt: unknown,
  keylen: unknown,
  options: ScryptOptions = {},
): unknown {
  return encode(askHost(...scryptCall(password, salt, keylen, options)).bytes);
}

function hkdfCall(digest: unknown, key: unknown, salt: unknown, info: unknown, keylen: unknown) {
  checkString(digest, 'digest');
  const keyBytes = key instanceof KeyObject ? secretBytes(key) : toBytes(key, 'ikm');
  const parts = { key: keyBytes, salt: toBytes(salt, 'salt'), info: toBytes(info, 'info') };
  // RFC 5869 leaves the length of info open; OpenSSL does not.
  if (parts.info.byteLength > 1024) {
    const message = `The value of "info" is out of range. It must be must not contain more than 1024 bytes. Received ${parts.info.byteLength}`;
    throw nodeError(RangeError, 'ERR_OUT_OF_RANGE', message);
  }
  checkInteger(keylen, 'length', 0, MAX_INT32);
  return ['crypto.hkdf', { digest, keylen }, parts] as const;
}

/** Answers an ArrayBuffer, as Node's. */
export function hkdfSync(
  digest: unknown,
  key: unknown,
  salt: unknown,
  info: unknown,
  keylen: unknown,
): ArrayBuffer {
  return arrayBuffer(askHost(...hkdfCall(digest, key, salt, info, keylen)));
}

export function hkdf(
  digest: unknown,
  key: unknown,
  salt: unknown,
  info: unknown,
  keylen: unknown,
  callback: unknown,
): void {
  const call = hkdfCall(digest, key, salt, info, keylen);
  checkCallback(callback);
  askHostLater(...call, (error, answer) => callback(error, ...(answer ? [arrayBuffer(answer)] : [])));
}

function derived(answer: HostAnswer | undefined): unknown[] {
  return answer ? [encode(answer.bytes)] : [];
}

function arrayBuffer({ bytes }: HostAnswer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
