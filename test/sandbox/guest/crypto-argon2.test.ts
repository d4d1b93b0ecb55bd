import * as node from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let crypto: GuestCrypto['crypto'];
beforeAll(async () => {
  crypto = (await loadGuestCrypto()).crypto;
});

const usual = {
  message: 'pässword',
  nonce: 'a salt of some length',
  parallelism: 2,
  tagLength: 32,
  memory: 1024,
  passes: 2,
};

function errorOf(run: () => unknown): { name?: string; code?: unknown; message?: string } {
  try {
    run();
  } catch (error) {
    const { name, code, message } = error as Error & { code?: unknown };
    return { name, code, message };
  }
  return {};
}

describe('argon2', () => {
  it.each(['argon2d', 'argon2i', 'argon2id'] as const)('%s derives what Node derives', async (algorithm) => {
    for (const more of [{}, { secret: 'pepper', associatedData: Buffer.from('data') }]) {
      const expected = node.argon2Sync(algorithm, { ...usual, ...more });
      expect(Buffer.from(crypto.argon2Sync(algorithm, { ...usual, ...more }))).toEqual(expected);
      const later = await promisify(crypto.argon2)(algorithm, { ...usual, ...more });
      expect(Buffer.from(later)).toEqual(expected);
    }
  });

  it('answers mistakes as Node does', () => {
    const cases: ((from: typeof node) => unknown)[] = [
      (from) => from.argon2Sync('argon3' as never, usual),
      (from) => from.argon2Sync(1 as never, usual),
      (from) => from.argon2Sync('argon2id', undefined as never),
      (from) => from.argon2Sync('argon2id', { ...usual, message: 1 as never }),
      (from) => from.argon2Sync('argon2id', { ...usual, nonce: 'short' }),
      (from) => from.argon2Sync('argon2id', { ...usual, parallelism: 0 }),
      (from) => from.argon2Sync('argon2id', { ...usual, tagLength: 3 }),
      (from) => from.argon2Sync('argon2id', { ...usual, memory: 15 }),
      (from) => from.argon2Sync('argon2id', { ...usual, passes: 0 }),
      (from) => from.argon2Sync('argon2id', { ...usual, passes: undefined as never }),
      (from) => from.argon2Sync('argon2id', { ...usual, secret: 1 as never }),
      (from) => from.argon2('argon2id', usual, undefined as never),
    ];
    for (const run of cases) {
      expect(errorOf(() => run(node)).code).toBeTypeOf('string');
      expect(errorOf(() => run(crypto))).toEqual(errorOf(() => run(node)));
    }
  });

  it('takes what is recommended', async () => {
    const rfc9106 = { ...usual, memory: 64 * 1024, passes: 3, parallelism: 4 };
    expect(await promisify(crypto.argon2)('argon2id', rfc9106)).toHaveLength(32);
    expect(crypto.argon2Sync('argon2id', rfc9106)).toHaveLength(32);
  });

  it.each([
    ['memory', { memory: 64 * 1024 + 8 }],
    ['passes', { memory: 64 * 1024, passes: 33 }],
    ['passes', { passes: 1_000_000 }],
    ['parallelism', { parallelism: 17 }],
    ['tagLength', { tagLength: 2048 }],
  ])('bounds %s: %j', async (name, more) => {
    const refused = {
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringContaining(`parameters.${name}`),
    };
    await expect(promisify(crypto.argon2)('argon2id', { ...usual, ...more })).rejects.toMatchObject(refused);
    expect(errorOf(() => crypto.argon2Sync('argon2id', { ...usual, ...more }))).toMatchObject(refused);
  });

  it('takes fewer passes where it holds the host', () => {
    const long = { ...usual, memory: 64 * 1024, passes: 9 };
    expect(errorOf(() => crypto.argon2Sync('argon2id', long))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });
});
