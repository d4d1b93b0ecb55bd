import { Buffer } from 'buffer';
import { callHost, type Operation, startOperation } from '../bridge.ts';
import { invalidArgType, nodeError } from './crypto-errors.ts';

export type Encoding = string | null | undefined;

/** What npm buffer takes beside base64url. */
type BufferEncoding = 'utf8' | 'hex' | 'base64' | 'latin1' | 'binary' | 'ascii' | 'ucs2' | 'utf16le';

/** Byte strings of one call by name; what is undefined does not cross. */
export type Parts = Record<string, Uint8Array | undefined>;

export interface HostAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: each operation knows the shape of its own answer
  value: any;
  bytes: Buffer;
}

const anyBytes = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView';

/** A view of the bytes, or undefined when `value` has none. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return undefined;
}

/** Throws Node's ERR_INVALID_ARG_TYPE, which names `name`. */
export function toBytes(value: unknown, name: string, encoding?: Encoding, expected?: string): Uint8Array {
  if (typeof value === 'string') return textToBytes(value, encoding);
  const bytes = bytesOf(value);
  if (!bytes) throw invalidArgType(name, expected ?? `of type string or ${anyBytes}`, value);
  return bytes;
}

/** Throws Node's ERR_INVALID_ARG_TYPE for anything but bytes, strings included. */
export function onlyBytes(value: unknown, name: string): Uint8Array {
  const bytes = bytesOf(value);
  if (!bytes) throw invalidArgType(name, anyBytes, value);
  return bytes;
}

/** As Node's crypto does, an encoding of `buffer` or none means UTF-8. */
export function textToBytes(text: string, encoding?: Encoding): Uint8Array {
  if (!encoding || encoding === 'buffer') return Buffer.from(text, 'utf8');
  return Buffer.from(text, known(encoding));
}

/**
 * `crypto.DEFAULT_ENCODING`, which scripts of Node 19 and before could set: what digests, derived keys and the like
 * come in when no encoding is asked for, and what the text of `update` is in.
 */
let ofTheScript = 'buffer';

export function defaultEncoding(): string {
  return ofTheScript;
}

export function setDefaultEncoding(encoding: unknown): void {
  ofTheScript = String(encoding);
}

/** A Buffer without an encoding, else a string. */
export function encode(bytes: Uint8Array, asked?: Encoding): string | Buffer {
  const encoding = asked || ofTheScript;
  const buffer = asBuffer(bytes);
  if (encoding === 'buffer') return buffer;
  if (encoding.toLowerCase() === 'base64url') {
    return buffer.toString('base64').replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }
  return buffer.toString(known(encoding));
}

export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes as Buffer;
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** A copy that later writes to `bytes` do not change. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

/** Calls the host with several byte strings in one buffer. Throws what the host's operation throws. */
export function askHost(op: string, params: object, parts: Parts = {}): HostAnswer {
  const [list, bytes] = pack(parts);
  const { value, payload } = callHost(op, { ...params, parts: list }, bytes);
  return { value, bytes: payloadBytes(payload) };
}

/** The same without waiting. A throw in `callback` is the script's own and goes where a timer's would. */
export function askHostLater(
  op: string,
  params: object,
  parts: Parts,
  callback: (error: Error | null, answer?: HostAnswer) => void,
): Operation {
  const [list, bytes] = pack(parts);
  return startOperation(op, { ...params, parts: list }, bytes, ({ type, value, payload }) => {
    if (type === 'done') callback(null, { value, bytes: payloadBytes(payload) });
    else if (type === 'failed') callback(value as Error);
  });
}

export function askHostPromise(op: string, params: object, parts: Parts = {}): Promise<HostAnswer> {
  return new Promise((resolve, reject) => {
    askHostLater(op, params, parts, (error, answer) => (error ? reject(error) : resolve(answer!)));
  });
}

function pack(parts: Parts): [[string, number][], ArrayBuffer | undefined] {
  const given = Object.entries(parts).filter((entry): entry is [string, Uint8Array] => !!entry[1]);
  const list = given.map(([name, bytes]): [string, number] => [name, bytes.byteLength]);
  const total = list.reduce((sum, [, length]) => sum + length, 0);
  if (total === 0) return [list, undefined];
  const whole = new Uint8Array(total);
  let offset = 0;
  for (const [, bytes] of given) {
    whole.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return [list, whole.buffer];
}

function payloadBytes(payload: string | ArrayBuffer | undefined): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload, 'utf8');
  return payload ? Buffer.from(payload) : Buffer.alloc(0);
}

/** npm buffer has no base64url; its base64 reads that alphabet as well. */
function known(encoding: string): BufferEncoding {
  const lower = String(encoding).toLowerCase();
  if (lower === 'base64url') return 'base64';
  if (!Buffer.isEncoding(lower))
    throw nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
  return lower as BufferEncoding;
}
