import { type Expected, type Family, login, ok, outOfMemory } from '../attack.ts';

/** Memory outside of V8's heap, which the isolate's limit has to count all the same. */

const memory = { ...outOfMemory, detail: /64 MB$/ };
const hoard = (name: string, body: string, expect: Expected = memory) => ({
  name,
  script: login(body),
  expect,
  withinMs: 10_000,
});

export const family: Family = {
  name: 'buffers',
  attacks: [
    hoard('Buffers', 'const all = []; for (;;) all.push(Buffer.alloc(8e6));'),
    hoard('one Buffer of half a gigabyte', 'Buffer.alloc(2 ** 29);'),
    hoard(
      'ArrayBuffers that grow',
      'const b = new ArrayBuffer(1, { maxByteLength: 2 ** 30 }); for (let n = 1; ; n *= 2) b.resize(n);',
      { code: 'script_error', detail: /Invalid length/ },
    ),
    hoard('typed arrays', 'const all = []; for (;;) all.push(new Float64Array(1e6).fill(1));'),
    hoard(
      'slices, each a copy',
      'const b = new ArrayBuffer(1e7); const all = []; for (;;) all.push(b.slice(0));',
    ),
    hoard(
      'structuredClone of a buffer',
      'const b = new Uint8Array(5e6); const all = []; for (;;) all.push(structuredClone(b));',
      { code: 'script_error', detail: /DataCloneError/ },
    ),
    hoard(
      'Blobs',
      'const part = new Uint8Array(4e6); const all = []; for (;;) all.push(new Blob([part, part]));',
    ),
    hoard(
      'random bytes of the host',
      "const { randomBytes } = require('crypto'); const all = []; for (;;) all.push(randomBytes(1e6));",
    ),
    {
      name: 'a gzip bomb',
      script: login(`const { gunzipSync, gzipSync } = require('zlib');
        const bomb = gzipSync(gzipSync(Buffer.alloc(9e6)));
        const first = gunzipSync(bomb);
        const layers = [gunzipSync(first)];
        try { for (let n = 0; n < 5; n++) gunzipSync(Buffer.concat([first, first]), { maxOutputLength: 2e9 }); }
        catch (error) { return callback(null, { user_id: error.code }); }
        callback(null, { user_id: '1' });`),
      expect: { code: 'ok', user: { user_id: 'ERR_OUT_OF_RANGE' } },
    },
    {
      name: 'a Buffer of a negative length, of NaN, and of more than there is',
      script:
        login(`const failed = [-1, NaN, 2 ** 53, 1e20].filter((size) => { try { Buffer.alloc(size); } catch { return true; } });
        callback(null, { user_id: String(failed.length) });`),
      expect: { code: 'ok', user: { user_id: '3' } },
    },
    {
      name: 'allocUnsafe, for what others have left',
      script: login(`const one = Buffer.allocUnsafe(1e6);
        callback(null, { user_id: one.some((byte) => byte !== 0) ? 'others' : '1' });`),
      expect: ok,
    },
    {
      name: 'a Buffer that shares its memory with the host, transferred away under it',
      script: `async ${login(`const crypto = require('crypto');
        const bytes = new Uint8Array(1e6);
        const digest = crypto.subtle.digest('SHA-256', bytes);
        bytes.buffer.transfer();
        await digest;
        const hash = crypto.createHash('sha1').update(Buffer.alloc(2e5)).digest();
        hash.buffer.transfer();
        callback(null, { user_id: '1' });`)}`,
      expect: ok,
    },
    {
      name: 'DataView beyond its buffer',
      script: login(`const view = new DataView(new ArrayBuffer(8));
        try { view.setFloat64(1 << 30, 1); } catch (error) { return callback(null, { user_id: error.name }); }
        callback(null, { user_id: 'written' });`),
      expect: { code: 'ok', user: { user_id: 'RangeError' } },
    },
  ],
};
