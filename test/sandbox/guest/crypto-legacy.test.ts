import * as node from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let guest: GuestCrypto;
/** With what Node 24 has no more. */
// biome-ignore lint/suspicious/noExplicitAny: types of Node 24 do not have them
let crypto: any;
beforeAll(async () => {
  guest = await loadGuestCrypto();
  crypto = guest.crypto;
});
beforeEach(() => void guest.takeConsole());

const text = 'grüß dich, alte Welt';

describe('createCipher and createDecipher', () => {
  // By `openssl enc -md md5 -nosalt -k pässword`, which derives key and vector in the same way.
  it.each([
    ['aes-256-cbc', 'e6a47e61b3fe37e0ee4d3c3fa3bc7869b4162368a6d623de12a47dd4fc80b7e1'],
    ['aes192', '0cd555a8b1b303c25873613843f3a4104c08bd03fed6c8e6060f3954a16ceb4a'],
    ['aes-128-ecb', '2e9010651cf265f4e16d45465df2aafbef6604662fd15eda4387fc272ede92d5'],
  ])('%s is what OpenSSL makes of a password', (algorithm, encrypted) => {
    const cipher = crypto.createCipher(algorithm, 'pässword');
    expect(cipher.update(text, 'utf8', 'hex') + cipher.final('hex')).toBe(encrypted);
    const decipher = crypto.createDecipher(algorithm, Buffer.from('pässword'));
    expect(decipher.update(encrypted, 'hex', 'utf8') + decipher.final('utf8')).toBe(text);
  });

  it('fails on a wrong password and an unknown cipher as the others do', () => {
    const decipher = crypto.createDecipher('aes-256-cbc', 'wrong');
    decipher.update('e6a47e61b3fe37e0ee4d3c3fa3bc7869b4162368a6d623de12a47dd4fc80b7e1', 'hex');
    expect(() => decipher.final()).toThrow(expect.objectContaining({ code: 'ERR_OSSL_BAD_DECRYPT' }));
    expect(() => crypto.createCipher('no-such', 'p')).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_UNKNOWN_CIPHER' }),
    );
  });
});

describe('DEFAULT_ENCODING', () => {
  it('is what digests and keys come in without an encoding of their own', async () => {
    expect(crypto.DEFAULT_ENCODING).toBe('buffer');
    crypto.DEFAULT_ENCODING = 'hex';
    try {
      expect(crypto.pbkdf2Sync('p', 's', 10, 16, 'sha1')).toBe(
        node.pbkdf2Sync('p', 's', 10, 16, 'sha1').toString('hex'),
      );
      const later = await new Promise((resolve) =>
        crypto.pbkdf2('p', 's', 10, 16, 'sha1', (_: unknown, key: unknown) => resolve(key)),
      );
      expect(later).toBe(node.pbkdf2Sync('p', 's', 10, 16, 'sha1').toString('hex'));
      const sha1 = node.createHash('sha1').update('00ff', 'hex').digest();
      expect(crypto.createHash('sha1').update('00ff').digest()).toBe(sha1.toString('hex'));
      expect(crypto.createHash('sha1').update('00ff').digest('base64')).toBe(sha1.toString('base64'));
      const cipher = crypto.createCipheriv('aes-128-ecb', Buffer.alloc(16), null);
      expect(cipher.update('00'.repeat(16)) + cipher.final()).toMatch(/^[0-9a-f]{64}$/);
      expect(crypto.randomBytes(4)).toHaveLength(4);
    } finally {
      crypto.DEFAULT_ENCODING = 'buffer';
    }
    expect(crypto.createHash('sha1').update('x').digest()).toHaveLength(20);
  });
});

describe('advice', () => {
  it('is given once for each old way', async () => {
    const fresh = await loadGuestCrypto();
    // biome-ignore lint/suspicious/noExplicitAny: types of Node 24 do not have them
    const old = fresh.crypto as any;
    for (let i = 0; i < 2; i++) {
      old.pbkdf2Sync('p', 's', 1, 1);
      await new Promise((resolve) => old.pbkdf2('p', 's', 1, 1, resolve));
      old.createDecipher('aes192', 'p');
      old.createCipher('aes192', 'p');
    }
    expect(fresh.takeConsole()).toEqual([
      expect.stringMatching(/^warn Warning: crypto\.pbkdf2 without a digest/),
      expect.stringMatching(/^warn Warning: crypto\.createDecipher .*createDecipheriv/),
      expect.stringMatching(/^warn Warning: crypto\.createCipher .*createCipheriv/),
    ]);
    fresh.crypto.pbkdf2Sync('p', 's', 1, 1, 'sha1');
    expect(fresh.takeConsole()).toEqual([]);
  });
});
