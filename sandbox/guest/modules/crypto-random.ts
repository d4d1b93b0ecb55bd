import { Buffer } from 'buffer';
import { askHost, askHostLater, bytesOf } from './crypto-bytes.ts';
import { checkCallback, checkInteger, invalidArgType, nodeError, outOfRange } from './crypto-errors.ts';

/**
 * Random bytes of the host, fetched some at a time so that a UUID needs no crossing. It is empty when the module is
 * evaluated: a pool in the startup snapshot would give every isolate the same numbers.
 */
const POOL_BYTES = 4096;
const LARGEST_FROM_POOL = 512;
let pool = new Uint8Array(0);
let used = 0;

const MAX_SIZE = 2 ** 31 - 1;

/** Fills `target`; whatever leaves the pool is wiped there. */
export function fillRandom(target: Uint8Array): void {
  if (target.byteLength === 0) return;
  if (target.byteLength > LARGEST_FROM_POOL) {
    target.set(askHost('crypto.random', { size: target.byteLength }).bytes);
    return;
  }
  if (used + target.byteLength > pool.byteLength) {
    pool = new Uint8Array(askHost('crypto.random', { size: POOL_BYTES }).bytes);
    used = 0;
  }
  const end = used + target.byteLength;
  target.set(pool.subarray(used, end));
  pool.fill(0, used, end);
  used = end;
}

type BytesCallback = (error: Error | null, bytes?: Buffer) => void;

export function randomBytes(size: number): Buffer;
export function randomBytes(size: number, callback: BytesCallback): void;
export function randomBytes(size: number, callback?: BytesCallback): Buffer | undefined {
  checkInteger(size, 'size', 0, MAX_SIZE);
  if (callback !== undefined) {
    checkCallback(callback);
    askHostLater('crypto.random', { size }, {}, (error, answer) => callback(error, answer?.bytes));
    return undefined;
  }
  const bytes = Buffer.alloc(size);
  fillRandom(bytes);
  return bytes;
}

function region(target: unknown, offset: unknown, size: unknown): Uint8Array {
  const whole = bytesOf(target);
  if (!whole) {
    throw invalidArgType('buf', 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', target);
  }
  // Offset and size count elements of the array that was given.
  const elementBytes = (target as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  const length = whole.byteLength / elementBytes;
  const from = offset ?? 0;
  checkInteger(from, 'offset', 0, length);
  const count = size ?? length - from;
  checkInteger(count, 'size', 0, MAX_SIZE);
  if (from + count > length) throw outOfRange('size + offset', `<= ${length}`, from + count);
  return whole.subarray(from * elementBytes, (from + count) * elementBytes);
}

export function randomFillSync<Target>(target: Target, offset?: number, size?: number): Target {
  fillRandom(region(target, offset, size));
  return target;
}

/** (buffer[, offset][, size], callback) */
export function randomFill(target: unknown, ...rest: unknown[]): void {
  const callback = rest.pop();
  checkCallback(callback);
  const view = region(target, rest[0], rest[1]);
  askHostLater('crypto.random', { size: view.byteLength }, {}, (error, answer) => {
    if (error) return callback(error);
    view.set(answer!.bytes);
    callback(null, target);
  });
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Version 4, RFC 9562 section 5.4. */
export function randomUUID(): string {
  const bytes = new Uint8Array(16);
  fillRandom(bytes);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => hex[byte]).join('');
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20]].map(([from, to]) => text.slice(from, to)).join('-');
}

const RANGE_LIMIT = 2 ** 48 - 1;

/** ([min, ]max[, callback]): an integer, min included, max not. */
export function randomInt(...args: unknown[]): number | undefined {
  const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
  const [min, max] = args.length > 1 ? args : [0, args[0]];
  for (const [name, value] of [
    ['min', min],
    ['max', max],
  ] as const) {
    if (!Number.isSafeInteger(value)) throw invalidArgType(name, 'a safe integer', value);
  }
  const [from, to] = [min as number, max as number];
  if (to <= from) throw outOfRange('max', `greater than the value of "min" (${from})`, to);
  const range = to - from;
  if (range > RANGE_LIMIT) {
    throw outOfRange(args.length > 1 ? 'max - min' : 'max', `<= ${RANGE_LIMIT}`, range);
  }
  const number = from + uniform(range);
  if (!callback) return number;
  askHostLater('crypto.random', { size: 0 }, {}, () =>
    (callback as (e: null, n: number) => void)(null, number),
  );
  return undefined;
}

/** Throws away what would favour the small numbers. */
function uniform(range: number): number {
  const bytes = new Uint8Array(6);
  const fair = 2 ** 48 - (2 ** 48 % range);
  for (;;) {
    fillRandom(bytes);
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    if (number < fair) return number % range;
  }
}

/** Constant in time for inputs of one length. Throws ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH for others. */
export function timingSafeEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  for (const [name, bytes] of [
    ['buf1', left],
    ['buf2', right],
  ] as const) {
    if (bytes) continue;
    const message = `The "${name}" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
  }
  if (left!.byteLength !== right!.byteLength) {
    const message = 'Input buffers must have the same byte length';
    throw nodeError(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', message);
  }
  return askHost('crypto.timingSafeEqual', {}, { a: left, b: right }).value;
}
