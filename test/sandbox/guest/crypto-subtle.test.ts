import { webcrypto as node } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let subtle: node.SubtleCrypto;
let webcrypto: node.Crypto;
beforeAll(async () => {
  const guest: GuestCrypto = await loadGuestCrypto();
  webcrypto = guest.webcrypto;
  subtle = webcrypto.subtle;
});

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (buffer: ArrayBuffer) => Buffer.from(buffer).toString('hex');
const data = bytes('what is signed');

describe('getRandomValues', () => {
  it('fills integer arrays up to 65,536 bytes', () => {
    const view = new Uint16Array(32_768);
    expect(webcrypto.getRandomValues(view)).toBe(view);
    expect(view.some((value) => value > 0)).toBe(true);
    expect(() => webcrypto.getRandomValues(new Uint8Array(65_537))).toThrow(
      expect.objectContaining({ name: 'QuotaExceededError' }),
    );
    for (const bad of [new Float32Array(1), [], new DataView(new ArrayBuffer(1))]) {
      expect(() => webcrypto.getRandomValues(bad as unknown as Uint8Array)).toThrow(
        expect.objectContaining({ name: 'TypeMismatchError' }),
      );
    }
  });

  it('stands beside randomUUID', () => {
    expect(webcrypto.randomUUID()).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('subtle', () => {
  it('digests', async () => {
    for (const algorithm of ['SHA-1', 'SHA-256', { name: 'SHA-512' }]) {
      expect(hex(await subtle.digest(algorithm, data))).toBe(hex(await node.subtle.digest(algorithm, data)));
    }
    await expect(subtle.digest('MD5', data)).rejects.toMatchObject({ name: 'NotSupportedError' });
  });

  it('makes HMACs', async () => {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const ours = await subtle.importKey('raw', bytes('secret'), algorithm, true, ['sign', 'verify']);
    const nodes = await node.subtle.importKey('raw', bytes('secret'), algorithm, true, ['sign', 'verify']);
    expect(ours.algorithm).toEqual(nodes.algorithm);
    const signature = await subtle.sign('HMAC', ours, data);
    expect(hex(signature)).toBe(hex(await node.subtle.sign('HMAC', nodes, data)));
    expect(await subtle.verify('HMAC', ours, signature, data)).toBe(true);
    expect(await subtle.verify('HMAC', ours, signature, bytes('other'))).toBe(false);
    expect(await subtle.exportKey('jwk', ours)).toEqual(await node.subtle.exportKey('jwk', nodes));
    expect(Buffer.from(await subtle.exportKey('raw', ours)).toString()).toBe('secret');
  });

  it.each([
    [
      { name: 'ECDSA', namedCurve: 'P-256' },
      { name: 'ECDSA', hash: 'SHA-256' },
    ],
    [{ name: 'Ed25519' }, { name: 'Ed25519' }],
    [
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
      },
      { name: 'RSASSA-PKCS1-v1_5' },
    ],
    [
      { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      { name: 'RSA-PSS', saltLength: 32 },
    ],
  ])('signs by %o, both ways', async (key, how) => {
    const pair = (await subtle.generateKey(key, true, ['sign', 'verify'])) as node.CryptoKeyPair;
    expect([pair.publicKey.type, pair.privateKey.type]).toEqual(['public', 'private']);
    expect([pair.publicKey.usages, pair.privateKey.usages]).toEqual([['verify'], ['sign']]);
    const { modulusLength: _, ...importAs } = key as { name: string; modulusLength?: number };
    const spki = await subtle.exportKey('spki', pair.publicKey);
    const nodeKey = await node.subtle.importKey('spki', spki, importAs, true, ['verify']);
    expect(nodeKey.algorithm).toEqual(pair.publicKey.algorithm);
    const signature = await subtle.sign(how, pair.privateKey, data);
    expect(await node.subtle.verify(how, nodeKey, signature, data)).toBe(true);
    const jwk = await subtle.exportKey('jwk', pair.publicKey);
    expect(jwk).toEqual(await node.subtle.exportKey('jwk', nodeKey));
    const again = await subtle.importKey('jwk', jwk, importAs, false, ['verify']);
    expect(await subtle.verify(how, again, signature, data)).toBe(true);
    const pkcs8 = await subtle.exportKey('pkcs8', pair.privateKey);
    const nodePrivate = await node.subtle.importKey('pkcs8', pkcs8, importAs, true, ['sign']);
    expect(await subtle.verify(how, again, await node.subtle.sign(how, nodePrivate, data), data)).toBe(true);
  });

  it.each([
    [
      { name: 'AES-GCM', length: 256 },
      { name: 'AES-GCM', iv: bytes('twelve bytes'), additionalData: bytes('header') },
    ],
    [
      { name: 'AES-CBC', length: 128 },
      { name: 'AES-CBC', iv: bytes('sixteen bytes ok') },
    ],
  ])('encrypts by %o, both ways', async (key, how) => {
    const ours = (await subtle.generateKey(key, true, ['encrypt', 'decrypt'])) as node.CryptoKey;
    const raw = await subtle.exportKey('raw', ours);
    const nodes = await node.subtle.importKey('raw', raw, key.name, true, ['encrypt', 'decrypt']);
    const encrypted = await subtle.encrypt(how, ours, data);
    expect(hex(encrypted)).toBe(hex(await node.subtle.encrypt(how, nodes, data)));
    expect(hex(await subtle.decrypt(how, ours, encrypted))).toBe(hex(data.buffer));
    await expect(subtle.decrypt(how, ours, encrypted.slice(1))).rejects.toMatchObject({
      name: 'OperationError',
    });
  });

  it('encrypts by RSA-OAEP', async () => {
    const algorithm = {
      name: 'RSA-OAEP',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    const pair = (await subtle.generateKey(algorithm, false, ['encrypt', 'decrypt'])) as node.CryptoKeyPair;
    const encrypted = await subtle.encrypt({ name: 'RSA-OAEP' }, pair.publicKey, data);
    expect(hex(await subtle.decrypt({ name: 'RSA-OAEP' }, pair.privateKey, encrypted))).toBe(
      hex(data.buffer),
    );
  });

  it('derives bits and keys', async () => {
    const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes('salt'), iterations: 1000 };
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: bytes('salt'), info: bytes('info') };
    for (const algorithm of [pbkdf2, hkdf]) {
      const load = (from: node.SubtleCrypto) =>
        from.importKey('raw', bytes('password'), algorithm.name, false, ['deriveBits', 'deriveKey']);
      const [ours, nodes] = [await load(subtle), await load(node.subtle)];
      const expected = await node.subtle.deriveBits(algorithm, nodes, 256);
      expect(hex(await subtle.deriveBits(algorithm, ours, 256))).toBe(hex(expected));
      const key = await subtle.deriveKey(algorithm, ours, { name: 'AES-GCM', length: 256 }, true, [
        'encrypt',
      ]);
      expect(hex(await subtle.exportKey('raw', key))).toBe(hex(expected));
    }
  });

  it('keeps to usages and extractability', async () => {
    const key = await subtle.importKey('raw', bytes('secret'), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    expect([key.extractable, key.usages]).toEqual([false, ['sign']]);
    await expect(subtle.exportKey('raw', key)).rejects.toMatchObject({ name: 'InvalidAccessError' });
    await expect(subtle.verify('HMAC', key, data, data)).rejects.toMatchObject({
      name: 'InvalidAccessError',
    });
    await expect(subtle.encrypt('AES-GCM', key, data)).rejects.toMatchObject({ name: 'InvalidAccessError' });
    await expect(subtle.sign('HMAC', {} as node.CryptoKey, data)).rejects.toThrow(TypeError);
    expect(JSON.stringify(key)).toBe('{}');
  });

  it('names what is not on board, and what is too much', async () => {
    await expect(subtle.generateKey('Ed448', true, ['sign'])).rejects.toMatchObject({
      name: 'NotSupportedError',
    });
    const key = await subtle.importKey('raw', bytes('p'), 'PBKDF2', false, ['deriveBits']);
    const much = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes('s'), iterations: 100_000_000 };
    await expect(subtle.deriveBits(much, key, 256)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });
});
