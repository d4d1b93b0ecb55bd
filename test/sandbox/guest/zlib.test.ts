import { promisify } from 'node:util';
import node from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let guest: GuestCrypto;
let zlib: GuestCrypto['zlib'];
beforeAll(async () => {
  guest = await loadGuestCrypto();
  zlib = guest.zlib;
});

const text = 'zażółć gęślą jaźń '.repeat(2000);
const pairs = [
  ['gzip', 'gunzip', 'createGzip', 'createGunzip'],
  ['gzip', 'unzip', 'createGzip', 'createUnzip'],
  ['deflate', 'inflate', 'createDeflate', 'createInflate'],
  ['deflateRaw', 'inflateRaw', 'createDeflateRaw', 'createInflateRaw'],
  ['brotliCompress', 'brotliDecompress', 'createBrotliCompress', 'createBrotliDecompress'],
] as const;
type Later = (data: unknown, options?: object) => Promise<Buffer>;

function collect(
  stream: node.Gzip | node.Gunzip | node.BrotliCompress | node.BrotliDecompress,
  ...input: Uint8Array[]
) {
  return new Promise<Buffer>((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
    for (const chunk of input) stream.write(chunk);
    stream.end();
  });
}

function bomb(megabytes: number): Buffer {
  return node.gzipSync(Buffer.alloc(megabytes * 1024 * 1024));
}

describe.each(pairs)('%s and %s', (pack, unpack, createPack, createUnpack) => {
  it('go both ways with Node in each form', async () => {
    const packed = node[`${pack}Sync`](text);
    expect(Buffer.from(zlib[`${pack}Sync`](text))).toEqual(packed);
    expect(zlib[`${unpack}Sync`](packed).toString()).toBe(text);
    expect(Buffer.from(await (promisify(zlib[pack]) as Later)(text))).toEqual(packed);
    expect((await (promisify(zlib[unpack]) as Later)(packed)).toString()).toBe(text);
    expect(await collect(zlib[createPack](), Buffer.from(text))).toEqual(packed);
    const halves = [packed.subarray(0, 9), packed.subarray(9)];
    expect((await collect(zlib[createUnpack](), ...halves)).toString()).toBe(text);
  });

  it('answers what is no such data as Node does', async () => {
    const bad = Buffer.from('this is not compressed');
    const errors = await Promise.all([
      (promisify(node[unpack]) as Later)(bad).catch((error: unknown) => error),
      (promisify(zlib[unpack]) as Later)(bad).catch((error: unknown) => error),
      collect(zlib[createUnpack](), bad).catch((error: unknown) => error),
    ]);
    const { message, code, errno } = errors[0] as Error & { code: string; errno: number };
    for (const error of errors) expect(error).toMatchObject({ message, code, errno });
    expect(() => zlib[`${unpack}Sync`](bad)).toThrow(expect.objectContaining({ code }));
  });
});

describe('options', () => {
  it('are handed on', () => {
    expect(Buffer.from(zlib.deflateSync(text, { level: 1 }))).toEqual(node.deflateSync(text, { level: 1 }));
    const dictionary = Buffer.from('gęślą jaźń');
    const packed = zlib.deflateSync(text, { dictionary });
    expect(node.inflateSync(packed, { dictionary }).toString()).toBe(text);
    const params = { [node.constants.BROTLI_PARAM_QUALITY]: 1 };
    expect(Buffer.from(zlib.brotliCompressSync(text, { params }))).toEqual(
      node.brotliCompressSync(text, { params }),
    );
  });

  it('let a stream end early when asked to, as HTTP clients do', async () => {
    const cut = node.gzipSync(text).subarray(0, -8);
    await expect(collect(zlib.createGunzip(), cut)).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
    const lenient = { finishFlush: node.constants.Z_SYNC_FLUSH };
    expect((await collect(zlib.createGunzip(lenient), cut)).toString()).toBe(text);
  });

  it('refuse a Brotli window that would take the memory of the host', async () => {
    const params = { [node.constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: true };
    await expect(
      (promisify(zlib.brotliDecompress) as Later)(node.brotliCompressSync('x'), { params }),
    ).rejects.toMatchObject({
      code: 'ERR_BROTLI_INVALID_PARAM',
    });
  });
});

describe('a decompression bomb', () => {
  const tooLarge = { name: 'RangeError', code: 'ERR_BUFFER_TOO_LARGE' };

  it('ends at 10 MB in each form', async () => {
    const packed = bomb(11);
    expect(() => zlib.gunzipSync(packed)).toThrow(expect.objectContaining(tooLarge));
    await expect((promisify(zlib.gunzip) as Later)(packed)).rejects.toMatchObject(tooLarge);
    await expect(collect(zlib.createGunzip(), packed)).rejects.toMatchObject(tooLarge);
  });

  it('ends where the script says', async () => {
    const packed = bomb(11);
    expect(zlib.gunzipSync(packed, { maxOutputLength: 12 * 1024 * 1024 })).toHaveLength(11 * 1024 * 1024);
    expect(() => zlib.gunzipSync(packed, { maxOutputLength: 1000 })).toThrow(
      expect.objectContaining(tooLarge),
    );
    const unbounded = { maxOutputLength: 1024 * 1024 * 1024 };
    await expect((promisify(zlib.gunzip) as Later)(packed, unbounded)).rejects.toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
    });
  });
});

describe('streams', () => {
  it('pipe', async () => {
    const gzip = zlib.createGzip();
    const gunzip = zlib.createGunzip();
    gzip.pipe(gunzip);
    gzip.end(text);
    expect((await collectOnly(gunzip)).toString()).toBe(text);
    expect(gzip.bytesWritten).toBe(Buffer.byteLength(text));
  });

  it('cancel their work when they are closed', async () => {
    const gzip = zlib.createGzip();
    gzip.end(text);
    // No input or output happens between ticks, so the operation is seen before it can end.
    for (let tick = 0; tick < 100 && guest.operationsUnderWay() === 0; tick++)
      await new Promise(process.nextTick);
    expect(guest.operationsUnderWay()).toBe(1);
    await new Promise<void>((resolve) => gzip.close(resolve));
    expect(guest.operationsUnderWay()).toBe(0);
  });

  it('are made by their classes too', () => {
    expect(new (zlib as unknown as { Gunzip: new () => object }).Gunzip()).toBeInstanceOf(
      (zlib as unknown as { Gunzip: new () => object }).Gunzip,
    );
  });
});

function collectOnly(stream: node.Gunzip): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
  });
}

describe('the rest', () => {
  it('has the checksum of Node', () => {
    expect(zlib.crc32('hello')).toBe(node.crc32('hello'));
    expect(zlib.crc32(Buffer.from('lo'), zlib.crc32('hel'))).toBe(node.crc32('hello'));
  });

  it('has the constants of Node but those of Zstandard', () => {
    const expected = Object.entries(node.constants).filter(([name]) => !/zstd/i.test(name));
    expect(zlib.constants).toEqual(Object.fromEntries(expected));
    expect((zlib as unknown as Record<string, number>).Z_BEST_SPEED).toBe(1);
  });

  it('throws by name where it is not on board', () => {
    expect(() => zlib.zstdCompressSync('x')).toThrow(
      expect.objectContaining({
        code: 'ERR_METHOD_NOT_IMPLEMENTED',
        message: expect.stringContaining('zlib.zstdCompressSync'),
      }),
    );
  });

  it('answers mistakes as Node does', () => {
    expect(() => zlib.gzipSync(1 as unknown as string)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    expect(() => (zlib.gzip as unknown as (data: string) => void)('x')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    expect(() => zlib.gzipSync('x', { level: 99 })).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
    );
  });
});
