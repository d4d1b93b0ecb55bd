import * as nodeCrypto from 'node:crypto';
import { webcrypto as node } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let guest: GuestCrypto;
let subtle: node.SubtleCrypto;
beforeAll(async () => {
  guest = await loadGuestCrypto();
  subtle = guest.webcrypto.subtle;
});

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (buffer: ArrayBuffer) => Buffer.from(buffer).toString('hex');
const pairOf = async (made: Promise<unknown>) => (await made) as node.CryptoKeyPair;

describe('key agreement', () => {
  it.each([{ name: 'ECDH', namedCurve: 'P-256' }, { name: 'ECDH', namedCurve: 'P-384' }, { name: 'X25519' }])(
    'by %o is what Node agrees on',
    async (algorithm) => {
      const usages = ['deriveBits', 'deriveKey'] as const;
      const mine = await pairOf(subtle.generateKey(algorithm, true, usages));
      const theirs = await pairOf(node.subtle.generateKey(algorithm, true, usages));
      const theirPublic = await subtle.importKey(
        'raw',
        await node.subtle.exportKey('raw', theirs.publicKey),
        algorithm,
        true,
        [],
      );
      const jwk = await subtle.exportKey('jwk', mine.publicKey);
      const minePublic = await node.subtle.importKey('jwk', jwk, algorithm, true, []);
      for (const length of [null, 128, 256]) {
        const bits = await subtle.deriveBits(
          { name: algorithm.name, public: theirPublic } as never,
          mine.privateKey,
          length as number,
        );
        const expected = await node.subtle.deriveBits(
          { name: algorithm.name, public: minePublic } as never,
          theirs.privateKey,
          length as number,
        );
        expect(hex(bits)).toBe(hex(expected));
      }
      const key = await subtle.deriveKey(
        { name: algorithm.name, public: theirPublic } as never,
        mine.privateKey,
        { name: 'AES-GCM', length: 256 },
        false,
        ['encrypt'],
      );
      expect(key.algorithm).toEqual({ name: 'AES-GCM', length: 256 });
    },
  );

  it('with the key of another curve or kind is refused as in Node', async () => {
    const make = async (curve: string, from: node.SubtleCrypto) =>
      pairOf(from.generateKey({ name: 'ECDH', namedCurve: curve }, true, ['deriveBits']));
    for (const from of [subtle, node.subtle]) {
      const [a, b] = [await make('P-256', from), await make('P-384', from)];
      for (const key of [b.publicKey, a.privateKey]) {
        const derived = from.deriveBits({ name: 'ECDH', public: key } as never, a.privateKey, 128);
        await expect(derived).rejects.toMatchObject({ name: 'InvalidAccessError' });
      }
    }
  });
});

describe('wrapping', () => {
  const key = bytes('sixteen bytes ok');
  const toWrap = bytes('a key of thirty-two bytes is it!');

  it('by AES-KW is what Node does, both ways', async () => {
    const load = async (from: node.SubtleCrypto) => [
      await from.importKey('raw', key, 'AES-KW', false, ['wrapKey', 'unwrapKey']),
      await from.importKey('raw', toWrap, 'AES-GCM', true, ['encrypt']),
    ];
    const [[mine, payload], [theirs, theirPayload]] = [await load(subtle), await load(node.subtle)];
    const wrapped = await subtle.wrapKey('raw', payload!, mine!, 'AES-KW');
    expect(hex(wrapped)).toBe(hex(await node.subtle.wrapKey('raw', theirPayload!, theirs!, 'AES-KW')));
    const again = await subtle.unwrapKey('raw', wrapped, mine!, 'AES-KW', 'AES-GCM', true, ['decrypt']);
    expect(hex(await subtle.exportKey('raw', again))).toBe(hex(toWrap.buffer));
    const broken = new Uint8Array(wrapped.slice(0));
    broken[0]! ^= 1;
    for (const [from, wrapping] of [
      [subtle, mine],
      [node.subtle, theirs],
    ] as const) {
      const unwrapped = from.unwrapKey('raw', broken, wrapping!, 'AES-KW', 'AES-GCM', true, ['decrypt']);
      await expect(unwrapped).rejects.toMatchObject({ name: 'OperationError' });
    }
  });

  it('by AES-GCM and RSA-OAEP, as bytes and as JWK, comes back', async () => {
    const rsa = {
      name: 'RSA-OAEP',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    const pair = await pairOf(subtle.generateKey(rsa, false, ['wrapKey', 'unwrapKey']));
    const gcm = await subtle.importKey('raw', key, 'AES-GCM', false, ['wrapKey', 'unwrapKey']);
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const secret = await subtle.importKey('raw', bytes('secret'), hmac, true, ['sign']);
    for (const format of ['raw', 'jwk'] as const) {
      for (const [wrapping, unwrapping, how] of [
        [pair.publicKey, pair.privateKey, { name: 'RSA-OAEP' }],
        [gcm, gcm, { name: 'AES-GCM', iv: bytes('twelve bytes') }],
      ] as const) {
        const wrapped = await subtle.wrapKey(format, secret, wrapping, how);
        const again = await subtle.unwrapKey(format, wrapped, unwrapping, how, hmac, true, ['sign']);
        expect(Buffer.from(await subtle.exportKey('raw', again)).toString()).toBe('secret');
      }
    }
    const data = bytes('data');
    await expect(subtle.encrypt({ name: 'RSA-OAEP' }, pair.publicKey, data)).rejects.toMatchObject({
      name: 'InvalidAccessError',
    });
    const sealed = await subtle.importKey('raw', bytes('secret'), hmac, false, ['sign']);
    await expect(
      subtle.wrapKey('raw', sealed, gcm, { name: 'AES-GCM', iv: bytes('twelve bytes') }),
    ).rejects.toMatchObject({ name: 'InvalidAccessError' });
  });
});

describe('KeyObject and CryptoKey', () => {
  it('change into one another', async () => {
    const { crypto } = guest;
    const cases = [
      [
        'ec',
        { namedCurve: 'P-256' },
        { name: 'ECDSA', namedCurve: 'P-256' },
        { name: 'ECDSA', hash: 'SHA-256' },
      ],
      [
        'rsa',
        { modulusLength: 2048 },
        { name: 'RSA-PSS', hash: 'SHA-256' },
        { name: 'RSA-PSS', saltLength: 32 },
      ],
      ['ed25519', {}, { name: 'Ed25519' }, { name: 'Ed25519' }],
    ] as const;
    for (const [type, options, algorithm, how] of cases) {
      const pair = crypto.generateKeyPairSync(type as 'ec', options as { namedCurve: string });
      const privateKey = pair.privateKey.toCryptoKey(algorithm, false, ['sign']);
      const publicKey = pair.publicKey.toCryptoKey(algorithm, true, ['verify']);
      const signature = await subtle.sign(how, privateKey, bytes('data'));
      expect(await subtle.verify(how, publicKey, signature, bytes('data'))).toBe(true);
      const nodeKey = nodeCrypto.createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' }));
      expect(publicKey.algorithm).toEqual(nodeKey.toCryptoKey(algorithm, true, ['verify']).algorithm);
      expect(guest.crypto.KeyObject.from(publicKey as never).equals(pair.publicKey)).toBe(true);
      expect(crypto.KeyObject.from(privateKey as never).equals(pair.privateKey)).toBe(true);
    }
    const secret = crypto.createSecretKey(Buffer.from('secret'));
    const hmac = secret.toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    expect(hmac.algorithm).toEqual({ name: 'HMAC', length: 48, hash: { name: 'SHA-256' } });
    expect(
      crypto.KeyObject.from(hmac as never)
        .export()
        .toString(),
    ).toBe('secret');
  });

  it('refuse what does not go together, as in Node', () => {
    const errors = [guest.crypto, nodeCrypto].map((from) => {
      const ed25519 = from.generateKeyPairSync('ed25519');
      const p384 = from.generateKeyPairSync('ec', { namedCurve: 'P-384' });
      return [
        () => ed25519.publicKey.toCryptoKey({ name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']),
        () => p384.publicKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
        () => ed25519.privateKey.toCryptoKey('Ed25519', true, []),
        () => from.KeyObject.from('a key' as never),
      ].map((run) => {
        try {
          return run();
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    expect(errors[0]).toEqual(errors[1]);
  });

  it('are taken alike where a key is wanted', async () => {
    const { crypto } = guest;
    const pair = await pairOf(
      subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']),
    );
    const signature = crypto.sign('sha256', Buffer.from('data'), pair.privateKey as never);
    expect(crypto.verify('sha256', Buffer.from('data'), pair.publicKey as never, signature)).toBe(true);
  });
});
