import * as feross from 'buffer';
import { atob, btoa } from '../base64.ts';
import { Blob, File } from '../blob.ts';
import { TextDecoder } from '../text-encoding.ts';

/** npm buffer with what Node has and it has not. Its own class is changed, so that libraries see the same one. */

const { Buffer } = feross;

// biome-ignore lint/suspicious/noExplicitAny: the signatures of the methods that are wrapped are overloads
type Method = (...args: any[]) => any;
type Methods = Record<string, Method>;

const statics = Buffer as unknown as Methods;
const methods = Buffer.prototype as unknown as Methods;

const isBase64url = (encoding: unknown) => typeof encoding === 'string' && /^base64url$/i.test(encoding);

/** RFC 4648 §5, without padding. npm buffer's base64 decoder reads both alphabets. */
function addBase64url(): void {
  const { from, isEncoding, byteLength } = statics as Record<'from' | 'isEncoding' | 'byteLength', Method>;
  const original = { ...methods } as unknown as Record<'toString' | 'write' | 'fill', Method>;
  const read = (encoding: unknown) => (isBase64url(encoding) ? 'base64' : encoding);
  Object.assign(statics, {
    isEncoding: (encoding: unknown) => isBase64url(encoding) || isEncoding(encoding),
    byteLength: (value: unknown, encoding: unknown) => byteLength(value, read(encoding)),
    from: (value: unknown, encodingOrOffset?: unknown, length?: number) =>
      from.call(Buffer, value, read(encodingOrOffset), length),
  });
  Object.assign(methods, {
    toString(this: unknown, encoding?: unknown, start?: number, end?: number) {
      const text = original.toString.call(this, read(encoding), start, end);
      if (!isBase64url(encoding)) return text;
      return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
    },
    write(this: unknown, text: string, ...rest: unknown[]) {
      return original.write.call(this, text, ...rest.map(read));
    },
    fill(this: unknown, value: unknown, ...rest: unknown[]) {
      return original.fill.call(this, value, ...rest.map(read));
    },
  });
}

/** The undocumented methods that drivers call because they are fast in Node. */
function addPerEncoding(): void {
  for (const encoding of ['utf8', 'latin1', 'ascii', 'hex', 'base64', 'base64url', 'ucs2']) {
    methods[`${encoding}Slice`] = function slice(this: { toString: Method }, start?: number, end?: number) {
      return this.toString(encoding, start, end);
    };
    methods[`${encoding}Write`] = function write(
      this: { write: Method },
      text: string,
      offset = 0,
      length?: number,
    ) {
      return this.write(text, offset, ...(length === undefined ? [] : [length]), encoding);
    };
  }
}

/** npm buffer wants a Buffer; Node takes any Uint8Array. */
function equals(this: feross.Buffer, other: Uint8Array): boolean {
  if (!(other instanceof Uint8Array)) {
    throw Object.assign(
      new TypeError('The "otherBuffer" argument must be an instance of Buffer or Uint8Array'),
      {
        code: 'ERR_INVALID_ARG_TYPE',
      },
    );
  }
  return Buffer.compare(this, other) === 0;
}

function copyBytesFrom(view: ArrayBufferView, offset = 0, length?: number): unknown {
  const size = (view as Uint8Array).BYTES_PER_ELEMENT ?? 1;
  const start = view.byteOffset + offset * size;
  const end = length === undefined ? view.byteOffset + view.byteLength : start + length * size;
  return Buffer.from(view.buffer.slice(start, end) as ArrayBuffer);
}

addBase64url();
addPerEncoding();
Object.assign(statics, { copyBytesFrom });
Object.assign(methods, { equals });
for (const holder of [statics, methods]) {
  for (const name of Object.keys(holder)) {
    if (typeof holder[name] === 'function') Object.defineProperty(holder, name, { enumerable: false });
  }
}

export { Buffer };

const kMaxLength = 2 ** 31 - 1;
const bytesOf = (value: Uint8Array | ArrayBuffer) =>
  value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);

export const buffer = {
  Buffer,
  SlowBuffer: feross.SlowBuffer,
  Blob,
  File,
  atob,
  btoa,
  kMaxLength,
  kStringMaxLength: 2 ** 29 - 24,
  INSPECT_MAX_BYTES: 50,
  constants: { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 - 24 },
  isAscii: (value: Uint8Array | ArrayBuffer) => bytesOf(value).every((byte) => byte < 128),
  isUtf8: (value: Uint8Array | ArrayBuffer) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(value));
      return true;
    } catch {
      return false;
    }
  },
  transcode: (source: feross.Buffer, from: string, to: string) =>
    Buffer.from(source.toString(from as 'utf8'), to as 'utf8'),
};
