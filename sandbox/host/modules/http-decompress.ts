import { pipeline, Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { OperationScope } from '../operations.ts';
import { BodyTooLarge } from '../upstream.ts';
import { inThreadPool } from './crypto-thread-pool.ts';

// A body that was cut off gives what there is of it, as browsers and axios have it.
const lenient = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const lenientBrotli = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};
const lenientZstd = { flush: zlib.constants.ZSTD_e_flush, finishFlush: zlib.constants.ZSTD_e_flush };

/** What decompression costs: 300 MB a second. */
export const MS_PER_INFLATED_BYTE = 1 / 300_000;
/** Compressed bytes up to which a thread of the pool costs more than it saves. */
const SYNC_BYTES = 8 * 1024;
/** A bomb of 8 KB makes 8 MB. */
const SYNC_OUTPUT_BYTES = 256 * 1024;

type Encoding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** The content-encoding that can be taken off, if the response has one. */
export function encodingOf(headers: readonly string[]): Encoding | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]!.toLowerCase() !== 'content-encoding') continue;
    const value = headers[index + 1]!.toLowerCase();
    if (value === 'gzip' || value === 'x-gzip' || value === 'compress' || value === 'x-compress')
      return 'gzip';
    if (value === 'deflate' || value === 'br' || value === 'zstd') return value;
  }
  return undefined;
}

/** Rejects with BodyTooLarge before more than `maxBytes` have been made. */
export async function decompress(
  bytes: Uint8Array,
  encoding: Encoding,
  maxBytes: number,
  { signal, chargeCpu }: Pick<OperationScope, 'signal' | 'chargeCpu'>,
): Promise<Uint8Array> {
  if (bytes.byteLength === 0) return bytes;
  let made = maxBytes;
  try {
    const small = bytes.byteLength > SYNC_BYTES ? undefined : ofSmall(bytes, encoding);
    const plain =
      small ?? (await inThreadPool({ signal, chargeCpu() {} }, () => ofAny(bytes, encoding, maxBytes)));
    made = plain.byteLength;
    if (made > maxBytes) throw new BodyTooLarge(maxBytes);
    return plain;
  } finally {
    // Not by the clock: a thread that waits for a processor is not the script's fault.
    chargeCpu(made * MS_PER_INFLATED_BYTE);
  }
}

/** Undefined: it is larger than it looks, and the thread that everybody shares is not to be held up by it. */
function ofSmall(bytes: Uint8Array, encoding: Encoding): Uint8Array | undefined {
  if (encoding === 'zstd') return undefined;
  try {
    return inflate(bytes, encoding, { maxOutputLength: SYNC_OUTPUT_BYTES }, true) as Buffer;
  } catch (error) {
    if (isTooLarge(error)) return undefined;
    throw error;
  }
}

async function ofAny(bytes: Uint8Array, encoding: Encoding, maxBytes: number): Promise<Uint8Array> {
  try {
    // Zero is no limit to zlib; one byte too many is found by the caller.
    return await inflate(bytes, encoding, { maxOutputLength: Math.max(1, maxBytes) }, false);
  } catch (error) {
    throw isTooLarge(error) ? new BodyTooLarge(maxBytes) : error;
  }
}

function isTooLarge(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
}

function inflate(
  bytes: Uint8Array,
  encoding: Encoding,
  limit: { maxOutputLength: number },
  sync: boolean,
): Uint8Array | Promise<Uint8Array> {
  switch (encoding) {
    case 'gzip':
      return sync ? zlib.unzipSync(bytes, { ...lenient, ...limit }) : unzip(bytes, { ...lenient, ...limit });
    case 'deflate': {
      const options = { ...lenient, ...limit };
      if (hasZlibHeader(bytes)) return sync ? zlib.inflateSync(bytes, options) : inflateZlib(bytes, options);
      return sync ? zlib.inflateRawSync(bytes, options) : inflateRaw(bytes, options);
    }
    case 'br': {
      const options = { ...lenientBrotli, ...limit };
      return sync ? zlib.brotliDecompressSync(bytes, options) : brotli(bytes, options);
    }
    case 'zstd':
      return throughStream(bytes, zlib.createZstdDecompress(lenientZstd), limit.maxOutputLength);
    default:
      return encoding satisfies never;
  }
}

const unzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.unzip);
const inflateZlib = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflate);
const inflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);
const brotli = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);

/** `maxOutputLength` is none of a stream's options: it holds for the functions that make one buffer. */
async function throughStream(bytes: Uint8Array, transform: Transform, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of pipeline(Readable.from([bytes]), transform, () => {})) {
    total += chunk.length;
    if (total > maxBytes) throw new BodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** RFC 1950, section 2.2: compression method 8. Some servers send the bare deflate stream instead. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  return (bytes[0]! & 0x0f) === 8;
}

/** The same in pieces, as they come. Ends its source when it is left early. */
export async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const source = Readable.from(
    (async function* () {
      try {
        yield first.value;
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
      } finally {
        await iterator.return?.();
      }
    })(),
  );
  yield* pipeline(source, createDecoder(encoding, first.value), () => {});
}

function createDecoder(encoding: Encoding, first: Uint8Array): Transform {
  switch (encoding) {
    case 'gzip':
      return zlib.createUnzip(lenient);
    case 'deflate':
      return hasZlibHeader(first) ? zlib.createInflate(lenient) : zlib.createInflateRaw(lenient);
    case 'br':
      return zlib.createBrotliDecompress(lenientBrotli);
    case 'zstd':
      return zlib.createZstdDecompress(lenientZstd);
    default:
      return encoding satisfies never;
  }
}
