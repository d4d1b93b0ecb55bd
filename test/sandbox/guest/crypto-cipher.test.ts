import * as node from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

type Ciphers = Pick<typeof node, 'createCipheriv' | 'createDecipheriv'>;

let guest: GuestCrypto;
let crypto: GuestCrypto['crypto'];
beforeAll(async () => {
  guest = await loadGuestCrypto();
  crypto = guest.crypto;
});

const key = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i * 7 + 1));
const modes: [name: string, keyBytes: number, ivBytes: number | null][] = [
  ['aes-256-cbc', 32, 16],
  ['aes-128-cbc', 16, 16],
  ['aes-192-ctr', 24, 16],
  ['aes-128-ecb', 16, null],
  ['aes-256-cfb', 32, 16],
  ['aes-256-ofb', 32, 16],
  ['des-ede3-cbc', 24, 8],
];
const authenticated: [name: string, keyBytes: number][] = [
  ['aes-256-gcm', 32],
  ['aes-128-gcm', 16],
  ['chacha20-poly1305', 32],
];
const pieces = ['', 'a', 'sixteen bytes ok', 'more than sixteen bytes in it', 'zażółć'];

describe('ciphers', () => {
  it.each(modes)('%s gives piece by piece what Node gives', (name, keyBytes, ivBytes) => {
    const iv = ivBytes === null ? null : key(ivBytes);
    const encrypt = ({ createCipheriv }: Ciphers) => {
      const cipher = createCipheriv(name, key(keyBytes), iv);
      return [...pieces.map((piece) => cipher.update(piece, 'utf8', 'hex')), cipher.final('hex')];
    };
    expect(encrypt(crypto)).toEqual(encrypt(node));
    const encrypted = Buffer.from(encrypt(node).join(''), 'hex');
    const decrypt = ({ createDecipheriv }: Ciphers) => {
      const decipher = createDecipheriv(name, key(keyBytes), iv);
      const parts: Uint8Array[] = [];
      for (let at = 0; at < encrypted.length; at += 11)
        parts.push(decipher.update(encrypted.subarray(at, at + 11)));
      return [...parts, decipher.final()].map((part) => Buffer.from(part).toString('hex'));
    };
    expect(decrypt(crypto)).toEqual(decrypt(node));
    expect(Buffer.from(decrypt(crypto).join(''), 'hex').toString()).toBe(pieces.join(''));
  });

  it.each(['utf8', 'base64', 'hex', 'latin1'] as const)(
    'give text in %s piece by piece as Node does',
    (encoding) => {
      const text = 'zażółć gęślą jaźń '.repeat(5);
      const run = ({ createCipheriv, createDecipheriv }: Ciphers) => {
        const cipher = createCipheriv('aes-128-ctr', key(16), key(16));
        const encrypted = [cipher.update(text, 'utf8', 'base64'), cipher.final('base64')];
        const decipher = createDecipheriv('aes-128-ctr', key(16), key(16));
        const bytes = Buffer.from(encrypted.join(''), 'base64');
        const decrypted: string[] = [];
        for (let at = 0; at < bytes.length; at += 7)
          decrypted.push(decipher.update(bytes.subarray(at, at + 7), undefined, encoding));
        decrypted.push(decipher.final(encoding));
        return [encrypted, decrypted];
      };
      expect(run(crypto)).toEqual(run(node));
    },
  );

  it.each(authenticated)('%s authenticates, both ways', (name, keyBytes) => {
    const encrypt = (from: Ciphers) => {
      const cipher = from.createCipheriv(name as 'aes-256-gcm', key(keyBytes), key(12), {
        authTagLength: 16,
      });
      cipher.setAAD(Buffer.from('header'));
      const text = cipher.update('secret text', 'utf8', 'hex') + cipher.final('hex');
      return { text, tag: cipher.getAuthTag().toString('hex') };
    };
    const decrypt = (from: Ciphers, { text, tag }: { text: string; tag: string }) => {
      const decipher = from.createDecipheriv(name as 'aes-256-gcm', key(keyBytes), key(12), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from('header'));
      decipher.setAuthTag(Buffer.from(tag, 'hex'));
      return decipher.update(text, 'hex', 'utf8') + decipher.final('utf8');
    };
    expect(encrypt(crypto)).toEqual(encrypt(node));
    expect(decrypt(crypto, encrypt(node))).toBe('secret text');
    expect(decrypt(node, encrypt(crypto))).toBe('secret text');
    const forged = { ...encrypt(node), tag: '00'.repeat(16) };
    expect(() => decrypt(crypto, forged)).toThrow('Unsupported state or unable to authenticate data');
  });

  it('takes the tag after the text, as many scripts set it', () => {
    const cipher = node.createCipheriv('aes-256-gcm', key(32), key(12));
    const text = Buffer.concat([cipher.update('text'), cipher.final()]);
    const decipher = crypto.createDecipheriv('aes-256-gcm', key(32), key(12));
    const start = decipher.update(text, undefined, 'utf8');
    decipher.setAuthTag(cipher.getAuthTag());
    expect(start + decipher.final('utf8')).toBe('text');
  });

  it('leaves padding off when told to', () => {
    const cipher = crypto.createCipheriv('aes-128-cbc', key(16), key(16)).setAutoPadding(false);
    const whole = Buffer.concat([cipher.update('sixteen bytes ok'), cipher.final()]);
    expect(whole).toHaveLength(16);
    const decipher = crypto.createDecipheriv('aes-128-cbc', key(16), key(16)).setAutoPadding(false);
    expect(decipher.update(whole, undefined, 'utf8') + decipher.final('utf8')).toBe('sixteen bytes ok');
  });

  it('takes a KeyObject', () => {
    const run = ({ createCipheriv }: Ciphers, secret: unknown) =>
      createCipheriv('aes-128-cbc', secret as string, key(16)).update('x'.repeat(32), 'utf8', 'hex');
    expect(run(crypto, crypto.createSecretKey(key(16)))).toBe(run(node, key(16)));
  });

  it('are streams', async () => {
    const cipher = crypto.createCipheriv('aes-128-cbc', key(16), key(16));
    const chunks: Uint8Array[] = [];
    cipher.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    cipher.write('one ');
    cipher.end('two');
    await new Promise((resolve) => cipher.on('end', resolve));
    const decipher = node.createDecipheriv('aes-128-cbc', key(16), key(16));
    expect(Buffer.concat([decipher.update(Buffer.concat(chunks)), decipher.final()]).toString()).toBe(
      'one two',
    );
  });

  it('cost two calls for one text: one to check, one to do', () => {
    const cipher = crypto.createCipheriv('aes-256-cbc', key(32), key(16));
    cipher.update('text');
    cipher.final();
    expect(guest.takeCalls().slice(-2)).toEqual(['crypto.checkCipher', 'crypto.cipher']);
  });
});

describe('mistakes are answered as Node answers them', () => {
  const gcm = (from: Ciphers) => from.createCipheriv('aes-128-gcm', key(16), key(12));
  const ungcm = (from: Ciphers) => from.createDecipheriv('aes-128-gcm', key(16), key(12));
  const cases: [name: string, run: (from: Ciphers) => unknown][] = [
    ['an unknown cipher', (from) => from.createCipheriv('foo', 'k', 'i')],
    ['a key of the wrong length', (from) => from.createCipheriv('aes-128-cbc', 'k', key(16))],
    ['an IV of the wrong length', (from) => from.createCipheriv('aes-128-cbc', key(16), 'i')],
    ['no IV', (from) => from.createCipheriv('aes-128-cbc', key(16), null)],
    ['an undefined IV', (from) => from.createCipheriv('aes-128-cbc', key(16), undefined as never)],
    [
      'wrong padding',
      (from) => {
        const decipher = from.createDecipheriv('aes-128-cbc', key(16), key(16));
        decipher.update(Buffer.alloc(16));
        decipher.final();
      },
    ],
    [
      'half a block',
      (from) => {
        const decipher = from.createDecipheriv('aes-128-cbc', key(16), key(16));
        decipher.update(Buffer.alloc(10));
        decipher.final();
      },
    ],
    [
      'a second final',
      (from) => {
        const cipher = from.createCipheriv('aes-128-ecb', key(16), null);
        cipher.final();
        cipher.final();
      },
    ],
    [
      'update after final',
      (from) => {
        const cipher = from.createCipheriv('aes-128-ecb', key(16), null);
        cipher.final();
        cipher.update('x');
      },
    ],
    ['a tag before the end', (from) => gcm(from).getAuthTag()],
    ['no tag', (from) => ungcm(from).final()],
    ['a short tag', (from) => ungcm(from).setAuthTag(Buffer.alloc(3))],
    [
      'AAD after text',
      (from) => {
        const cipher = gcm(from);
        cipher.update('a');
        cipher.setAAD(Buffer.alloc(3));
      },
    ],
    [
      'a tag where there is none',
      (from) => {
        const cipher = from.createCipheriv('aes-128-cbc', key(16), key(16));
        cipher.final();
        (cipher as node.CipherGCM).getAuthTag();
      },
    ],
    ['a number as data', (from) => gcm(from).update(1 as unknown as string)],
  ];
  it.each(cases)('%s', (_, run) => {
    const of = (from: Ciphers) => {
      try {
        run(from);
      } catch (error) {
        const { name, code, message } = error as Error & { code?: string };
        return { name, code, message };
      }
      return undefined;
    };
    expect(of(node)).toBeDefined();
    expect(of(crypto)).toEqual(of(node));
  });
});

describe('information', () => {
  it('is that of Node', () => {
    expect(crypto.getCiphers()).toEqual(node.getCiphers());
    expect(crypto.getCurves()).toEqual(node.getCurves());
    expect(crypto.getCipherInfo('aes-256-gcm')).toEqual({ ...node.getCipherInfo('aes-256-gcm') });
    expect(crypto.getCipherInfo('foo')).toBeUndefined();
  });
});
