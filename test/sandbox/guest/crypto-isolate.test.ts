import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool, resultOf } from '../sandbox-pool.ts';

let pool: Pool;
beforeAll(async () => {
  pool = await createTestPool();
});
afterAll(() => pool.close());

const script = (body: string) => `async function getUser(id, context, callback) {
  try { callback(null, await (async () => { ${body} })()); } catch (error) { callback(error); }
}`;

describe('in an isolate', () => {
  it('crypto hashes, signs and encrypts', async () => {
    const source = script(`
      const crypto = require('crypto');
      const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const signature = crypto.createSign('sha256').update('x').sign(privateKey, 'base64');
      const cipher = crypto.createCipheriv('aes-256-gcm', crypto.scryptSync('p', 's', 32), crypto.randomBytes(12));
      return {
        hash: crypto.createHash('sha256').update('x').digest('hex'),
        derived: (await require('util').promisify(crypto.pbkdf2)('p', 's', 1000, 8, 'sha512')).toString('hex'),
        verified: crypto.createVerify('sha256').update('x').verify(publicKey, signature, 'base64'),
        encrypted: (cipher.update('text', 'utf8', 'hex') + cipher.final('hex')).length,
        tag: cipher.getAuthTag().length,
        uuid: crypto.randomUUID() !== require('uuid').v4(),
      };
    `);
    expect(await resultOf(pool, source)).toEqual({
      hash: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
      derived: 'e3d368e7e1f1214a',
      verified: true,
      encrypted: 8,
      tag: 16,
      uuid: true,
    });
  });

  it('the global crypto signs by HMAC', async () => {
    const source = script(`
      const text = new TextEncoder();
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      const key = await crypto.subtle.importKey('raw', text.encode('secret'), algorithm, false, ['sign', 'verify']);
      const signature = await crypto.subtle.sign('HMAC', key, text.encode('x'));
      return {
        signature: Buffer.from(signature).toString('hex') === require('crypto').createHmac('sha256', 'secret').update('x').digest('hex'),
        error: await crypto.subtle.exportKey('raw', key).catch((error) => [error.name, error instanceof DOMException]),
      };
    `);
    expect(await resultOf(pool, source)).toEqual({ signature: true, error: ['InvalidAccessError', true] });
  });

  it('isolates draw different random numbers from one snapshot', async () => {
    const source = script(`return require('crypto').randomBytes(16).toString('hex');`);
    const drawn = [];
    for (const connection of ['a', 'b', 'c']) drawn.push(await resultOf(pool, source, { connection }));
    expect(new Set(drawn).size).toBe(3);
  });

  it('bcrypt, bcryptjs and jsonwebtoken work', async () => {
    const source = script(`
      const hash = await require('bcrypt').hash('pässword', 4);
      const token = await new Promise((resolve, reject) =>
        require('jsonwebtoken').sign({ sub: '42' }, 'secret', (error, made) => (error ? reject(error) : resolve(made))));
      return {
        bcrypt: await require('bcrypt').compare('pässword', hash.replace('$2b$', '$2y$')),
        bcryptjs: await require('bcryptjs').compare('pässword', hash),
        sub: require('jsonwebtoken').verify(token, 'secret').sub,
      };
    `);
    expect(await resultOf(pool, source)).toEqual({ bcrypt: true, bcryptjs: true, sub: '42' });
  });

  it('zlib packs and unpacks, and stops a bomb', async () => {
    const source = script(`
      const zlib = require('zlib');
      const { promisify } = require('util');
      const packed = await promisify(zlib.gzip)('text'.repeat(100));
      const chunks = [];
      for await (const chunk of require('stream').Readable.from([packed]).pipe(zlib.createGunzip())) chunks.push(chunk);
      const bomb = zlib.gzipSync(Buffer.alloc(9 * 1024 * 1024));
      return {
        text: Buffer.concat(chunks).toString() === 'text'.repeat(100),
        bomb: await promisify(zlib.gunzip)(bomb, { maxOutputLength: 1024 * 1024 }).catch((error) => error.code),
      };
    `);
    expect(await resultOf(pool, source)).toEqual({ text: true, bomb: 'ERR_BUFFER_TOO_LARGE' });
  });
});
