import { Transform } from 'readable-stream';
import {
  askHost,
  askHostLater,
  bytesOf,
  concat,
  copyOf,
  type Encoding,
  type HostAnswer,
  textToBytes,
  toBytes,
} from './crypto-bytes.ts';
import { checkCallback, checkInteger, invalidArgType, notAvailable } from './crypto-errors.ts';
import { constants } from './zlib-constants.ts';

interface ZlibOptions extends Record<string, unknown> {
  dictionary?: unknown;
}

const optionNames = [
  'level',
  'memLevel',
  'windowBits',
  'strategy',
  'flush',
  'finishFlush',
  'maxOutputLength',
  'params',
];

const dataTypes = 'of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer';

function zlibCall(method: string, data: Uint8Array, options: ZlibOptions = {}) {
  const wanted = Object.fromEntries(
    optionNames.filter((name) => options?.[name] !== undefined).map((name) => [name, options[name]]),
  );
  const dictionary =
    options?.dictionary === undefined ? undefined : toBytes(options.dictionary, 'options.dictionary');
  return ['zlib.run', { method, options: wanted }, { data, dictionary }] as const;
}

function input(data: unknown): Uint8Array {
  const bytes = typeof data === 'string' ? textToBytes(data) : bytesOf(data);
  if (!bytes) throw invalidArgType('buffer', dataTypes, data);
  return bytes;
}

/** (buffer[, options], callback) */
function callbackForm(method: string) {
  return (data: unknown, ...rest: unknown[]): void => {
    const callback = rest.pop();
    checkCallback(callback);
    const call = zlibCall(method, input(data), rest[0] as ZlibOptions);
    askHostLater(...call, (error, answer) => (error ? callback(error) : callback(null, answer!.bytes)));
  };
}

function syncForm(method: string) {
  return (data: unknown, options?: ZlibOptions): Uint8Array =>
    askHost(...zlibCall(method, input(data), options)).bytes;
}

/**
 * Node's zlib streams. They collect what is written and make one call when the input has ended, so their output
 * comes at the end; at most 10 MB of it unless `maxOutputLength` says more, at most 64 MB in any case.
 */
class ZlibStream extends Transform {
  bytesWritten = 0;
  readonly #method: string;
  readonly #options: ZlibOptions;
  #chunks: Uint8Array[] = [];

  constructor(method: string, options: ZlibOptions = {}) {
    super({ autoDestroy: true });
    this.#method = method;
    this.#options = options ?? {};
  }

  override _transform(chunk: unknown, encoding: string, callback: (error?: Error | null) => void): void {
    const bytes = toBytes(chunk, 'chunk', encoding as Encoding);
    this.bytesWritten += bytes.byteLength;
    this.#chunks.push(copyOf(bytes));
    callback();
  }

  override _flush(callback: (error?: Error | null) => void): void {
    const operation = askHostLater(
      ...zlibCall(this.#method, concat(this.#chunks), this.#options),
      (error: Error | null, answer?: HostAnswer) => {
        if (error) return callback(error);
        if (answer!.bytes.length > 0) this.push(answer!.bytes);
        callback();
      },
    );
    this.#chunks = [];
    this.once('close', () => operation.cancel());
  }

  close(callback?: () => void): void {
    if (callback) this.once('close', callback);
    this.destroy();
  }

  /** There is nothing to flush before the end; the callback is called all the same. */
  flush(...args: unknown[]): void {
    const callback = args.pop();
    if (typeof callback === 'function') this.write(new Uint8Array(0), callback);
  }

  reset(): void {
    this.#chunks = [];
    this.bytesWritten = 0;
  }
}

function streamClass(method: string) {
  return class extends ZlibStream {
    constructor(options?: ZlibOptions) {
      super(method, options);
    }
  };
}

const Gzip = streamClass('gzip');
const Gunzip = streamClass('gunzip');
const Deflate = streamClass('deflate');
const Inflate = streamClass('inflate');
const DeflateRaw = streamClass('deflateRaw');
const InflateRaw = streamClass('inflateRaw');
const Unzip = streamClass('unzip');
const BrotliCompress = streamClass('brotliCompress');
const BrotliDecompress = streamClass('brotliDecompress');

/** Bytes or text; `value` is a checksum to go on from. */
function crc32(data: unknown, value = 0): number {
  const bytes = typeof data === 'string' ? textToBytes(data) : bytesOf(data);
  if (!bytes)
    throw invalidArgType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data);
  checkInteger(value, 'value', 0, 0xffff_ffff);
  return askHost('zlib.crc32', { value }, { data: bytes }).value;
}

const zstandard = [
  'ZstdCompress',
  'ZstdDecompress',
  'createZstdCompress',
  'createZstdDecompress',
  'zstdCompress',
  'zstdCompressSync',
  'zstdDecompress',
  'zstdDecompressSync',
];

/** `require('zlib')`, done by the host's zlib and Brotli. Bounds: sandbox/host/modules/zlib.ts. */
export const zlib = {
  ...Object.fromEntries(zstandard.map((name) => [name, notAvailable(`zlib.${name}`)])),
  ...constants,
  constants,
  crc32,
  gzip: callbackForm('gzip'),
  gunzip: callbackForm('gunzip'),
  deflate: callbackForm('deflate'),
  inflate: callbackForm('inflate'),
  deflateRaw: callbackForm('deflateRaw'),
  inflateRaw: callbackForm('inflateRaw'),
  unzip: callbackForm('unzip'),
  brotliCompress: callbackForm('brotliCompress'),
  brotliDecompress: callbackForm('brotliDecompress'),
  gzipSync: syncForm('gzip'),
  gunzipSync: syncForm('gunzip'),
  deflateSync: syncForm('deflate'),
  inflateSync: syncForm('inflate'),
  deflateRawSync: syncForm('deflateRaw'),
  inflateRawSync: syncForm('inflateRaw'),
  unzipSync: syncForm('unzip'),
  brotliCompressSync: syncForm('brotliCompress'),
  brotliDecompressSync: syncForm('brotliDecompress'),
  createGzip: (options?: ZlibOptions) => new Gzip(options),
  createGunzip: (options?: ZlibOptions) => new Gunzip(options),
  createDeflate: (options?: ZlibOptions) => new Deflate(options),
  createInflate: (options?: ZlibOptions) => new Inflate(options),
  createDeflateRaw: (options?: ZlibOptions) => new DeflateRaw(options),
  createInflateRaw: (options?: ZlibOptions) => new InflateRaw(options),
  createUnzip: (options?: ZlibOptions) => new Unzip(options),
  createBrotliCompress: (options?: ZlibOptions) => new BrotliCompress(options),
  createBrotliDecompress: (options?: ZlibOptions) => new BrotliDecompress(options),
  Gzip,
  Gunzip,
  Deflate,
  Inflate,
  DeflateRaw,
  InflateRaw,
  Unzip,
  BrotliCompress,
  BrotliDecompress,
};
