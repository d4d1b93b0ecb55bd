import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import * as z from 'zod';
import type { HostModule } from '../operations.ts';
import { asyncOperation, atMost, codedError, type Parts, syncOperation } from './crypto-operation.ts';
import { inThreadPool } from './crypto-thread-pool.ts';

const MB = 1024 * 1024;

/**
 * Bounds in bytes. The Sync variants hold the host's thread: Brotli compresses about 1 MB a second at its default
 * quality, the others 20 MB and more. A decompression bomb ends at `output`, or what the script sets up to `maxOutput`.
 */
export const limits = {
  syncInput: 10 * MB,
  syncBrotliInput: MB,
  asyncInput: 64 * MB,
  output: 10 * MB,
  maxOutput: 64 * MB,
} as const;

const methods = {
  gzip: { sync: zlib.gzipSync, stream: zlib.createGzip },
  gunzip: { sync: zlib.gunzipSync, stream: zlib.createGunzip },
  deflate: { sync: zlib.deflateSync, stream: zlib.createDeflate },
  inflate: { sync: zlib.inflateSync, stream: zlib.createInflate },
  deflateRaw: { sync: zlib.deflateRawSync, stream: zlib.createDeflateRaw },
  inflateRaw: { sync: zlib.inflateRawSync, stream: zlib.createInflateRaw },
  unzip: { sync: zlib.unzipSync, stream: zlib.createUnzip },
  brotliCompress: { sync: zlib.brotliCompressSync, stream: zlib.createBrotliCompress },
  brotliDecompress: { sync: zlib.brotliDecompressSync, stream: zlib.createBrotliDecompress },
} as const;
type Method = keyof typeof methods;

const Options = z.object({
  level: z.int().optional(),
  memLevel: z.int().optional(),
  windowBits: z.int().optional(),
  strategy: z.int().optional(),
  flush: z.int().optional(),
  finishFlush: z.int().optional(),
  maxOutputLength: z.int().min(1).optional(),
  /** Brotli's. */
  params: z.record(z.string(), z.union([z.number(), z.boolean()])).optional(),
});

/** A window of up to 1 GB in the host's memory: BROTLI_PARAM_LARGE_WINDOW and the decoder's. */
const largeWindow: Partial<Record<Method, string>> = {
  brotliCompress: String(zlib.constants.BROTLI_PARAM_LARGE_WINDOW),
  brotliDecompress: String(zlib.constants.BROTLI_DECODER_PARAM_LARGE_WINDOW),
};

function zlibOptions(method: Method, options: z.infer<typeof Options>, parts: Parts) {
  const { maxOutputLength = limits.output, params, ...rest } = options;
  atMost('options.maxOutputLength', maxOutputLength, limits.maxOutput);
  if (params && largeWindow[method] !== undefined && params[largeWindow[method]])
    throw codedError(
      RangeError,
      'ERR_BROTLI_INVALID_PARAM',
      'A large window is not available to action scripts',
    );
  const dictionary = parts.get('dictionary');
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...given, maxOutputLength, ...(params ? { params } : {}), ...(dictionary ? { dictionary } : {}) };
}

/** A stream, since that can be stopped between two chunks, when the script ends or the output grows too large. */
function collect(stream: Transform, input: Buffer, maximum: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const stop = () => stream.destroy(signal.reason);
    signal.addEventListener('abort', stop);
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length;
      chunks.push(chunk);
      if (total > maximum) stream.destroy(tooLarge(maximum));
    });
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('error', reject);
    stream.once('close', () => {
      signal.removeEventListener('abort', stop);
      // Without effect after 'end' and 'error'; abort reasons of other kinds must not leave it pending.
      reject(codedError(Error, 'ERR_STREAM_PREMATURE_CLOSE', 'Premature close'));
    });
    stream.end(input);
  });
}

function tooLarge(maximum: number): Error {
  const message = `Cannot create a Buffer larger than ${maximum} bytes`;
  return codedError(RangeError, 'ERR_BUFFER_TOO_LARGE', message);
}

const Params = z.object({
  method: z.enum(Object.keys(methods) as [Method, ...Method[]]),
  options: Options,
});

export const zlibModule: HostModule = {
  sync: {
    'zlib.run': syncOperation(Params, ({ method, options }, parts) => {
      const input = parts.need('data');
      const slow = method === 'brotliCompress';
      atMost('buffer.byteLength', input.byteLength, slow ? limits.syncBrotliInput : limits.syncInput);
      return { payload: methods[method].sync(input, zlibOptions(method, options, parts)) };
    }),
    'zlib.crc32': syncOperation(z.object({ value: z.int().min(0).max(0xffff_ffff) }), ({ value }, parts) => ({
      value: zlib.crc32(parts.need('data'), value),
    })),
  },
  async: {
    'zlib.run': asyncOperation(Params, async ({ method, options }, parts, scope) => {
      const input = parts.need('data');
      atMost('buffer.byteLength', input.byteLength, limits.asyncInput);
      const checked = zlibOptions(method, options, parts);
      const maximum = checked.maxOutputLength as number;
      return {
        payload: await inThreadPool(scope, () =>
          collect(methods[method].stream(checked), input, maximum, scope.signal),
        ),
      };
    }),
  },
};
