import * as feross from 'buffer';
import { atob, btoa } from '../base64.ts';
import { Blob, File } from '../blob.ts';
import { TextDecoder } from '../text-encoding.ts';
import { improveEncodings } from './buffer-encodings.ts';

/** npm buffer with what Node has and it has not. */

const { Buffer } = feross;

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

improveEncodings();
Object.assign(Buffer, { copyBytesFrom });
Object.assign(Buffer.prototype, { equals });
// Its prototype's methods are enumerable as Node's are: mysql2 goes through them.
for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(Buffer))) {
  if (typeof value === 'function') Object.defineProperty(Buffer, name, { enumerable: false });
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
