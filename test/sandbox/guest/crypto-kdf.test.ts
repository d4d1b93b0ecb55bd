import * as node from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let guest: GuestCrypto;
let crypto: GuestCrypto['crypto'];
beforeAll(async () => {
  guest = await loadGuestCrypto();
  crypto = guest.crypto;
});

const hex = (bytes: ArrayBuffer | Uint8Array) => Buffer.from(bytes as Uint8Array).toString('hex');

function errorOf(run: () => unknown): { name?: string; code?: unknown; message?: string } {
  try {
    run();
  } catch (error) {
    const { name, code, message } = error as Error & { code?: unknown };
    return { name, code, message };
  }
  return {};
}

describe('pbkdf2', () => {
  it.each<[string, string | Buffer, number, number, string]>([
    ['password', 'salt', 1, 20, 'sha1'],
    ['pässword', Buffer.from('00ff', 'hex'), 1000, 64, 'sha512'],
    ['', '', 10, 100, 'md5'],
  ])('derives what Node derives of %s', async (...args) => {
    const expected = hex(node.pbkdf2Sync(...args));
    expect(hex(crypto.pbkdf2Sync(...args))).toBe(expected);
    expect(hex(await promisify(crypto.pbkdf2)(...args))).toBe(expected);
  });

  it('means SHA-1 where old scripts give no digest', async () => {
    const expected = hex(node.pbkdf2Sync('p', 's', 10, 32, 'sha1'));
    const legacy = crypto as unknown as {
      pbkdf2Sync(...args: unknown[]): Uint8Array;
      pbkdf2(...args: unknown[]): void;
    };
    expect(hex(legacy.pbkdf2Sync('p', 's', 10, 32))).toBe(expected);
    const derived = await new Promise<Uint8Array>((resolve, reject) =>
      legacy.pbkdf2('p', 's', 10, 32, (error: Error | null, key: Uint8Array) =>
        error ? reject(error) : resolve(key),
      ),
    );
    expect(hex(derived)).toBe(expected);
  });

  it('bounds the work, less for the variant that holds the host', async () => {
    const tooMuch = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    expect(errorOf(() => crypto.pbkdf2Sync('p', 's', 2_000_000, 64, 'sha512'))).toMatchObject(tooMuch);
    // Two blocks of output are twice the work.
    expect(errorOf(() => crypto.pbkdf2Sync('p', 's', 1_000_000, 40, 'sha1'))).toMatchObject(tooMuch);
    expect(errorOf(() => crypto.pbkdf2Sync('p', 's', 1, 2 ** 21, 'sha1'))).toMatchObject(tooMuch);
    await expect(promisify(crypto.pbkdf2)('p', 's', 20_000_000, 20, 'sha1')).rejects.toMatchObject(tooMuch);
  });

  it('answers mistakes as Node does', () => {
    const cases: ((from: typeof node) => unknown)[] = [
      (from) => from.pbkdf2Sync('p', 's', 0, 1, 'sha1'),
      (from) => from.pbkdf2Sync('p', 's', 1.5, 1, 'sha1'),
      (from) => from.pbkdf2Sync('p', 's', 1, -1, 'sha1'),
      (from) => from.pbkdf2Sync('p', 's', 1, 1, 'foo'),
      (from) => from.pbkdf2Sync(1 as unknown as string, 's', 1, 1, 'sha1'),
      (from) => from.pbkdf2('p', 's', 1, 1, 'sha1', undefined as never),
    ];
    for (const run of cases) expect(errorOf(() => run(crypto))).toEqual(errorOf(() => run(node)));
  });
});

describe('scrypt and hkdf', () => {
  it('derive what Node derives', async () => {
    expect(hex(crypto.scryptSync('p', 's', 64))).toBe(hex(node.scryptSync('p', 's', 64)));
    const options = { N: 1024, r: 4, p: 2 };
    expect(hex(crypto.scryptSync('p', 's', 32, options))).toBe(hex(node.scryptSync('p', 's', 32, options)));
    const derived = await new Promise<Uint8Array>((resolve, reject) =>
      crypto.scrypt('p', 's', 32, { cost: 2048 }, (error, key) => (error ? reject(error) : resolve(key))),
    );
    expect(hex(derived)).toBe(hex(node.scryptSync('p', 's', 32, { cost: 2048 })));
    const hkdf = crypto.hkdfSync('sha256', 'key', 'salt', 'info', 42);
    expect(hkdf).toBeInstanceOf(ArrayBuffer);
    expect(hex(hkdf)).toBe(hex(node.hkdfSync('sha256', 'key', 'salt', 'info', 42)));
    const later = await promisify(crypto.hkdf)('sha512', 'key', '', '', 10);
    expect(hex(later)).toBe(hex(node.hkdfSync('sha512', 'key', '', '', 10)));
  });

  it('bound time and memory', () => {
    for (const options of [
      { N: 2 ** 20, r: 8, p: 1, maxmem: 2 ** 31 },
      { N: 2 ** 14, r: 8, p: 64, maxmem: 2 ** 31 },
    ]) {
      const thrown = errorOf(() => crypto.scryptSync('p', 's', 64, options));
      expect(thrown).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    }
    expect(errorOf(() => crypto.scryptSync('p', 's', 64, { N: 3 }))).toMatchObject({
      code: 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS',
    });
  });
});

describe('random numbers', () => {
  it('come in the size asked for', async () => {
    for (const size of [0, 1, 16, 512, 513, 5000]) expect(crypto.randomBytes(size)).toHaveLength(size);
    expect(guest.Buffer.isBuffer(crypto.randomBytes(4))).toBe(true);
    expect(await promisify(crypto.randomBytes)(33)).toHaveLength(33);
    expect(crypto.pseudoRandomBytes(5)).toHaveLength(5);
  });

  it('do not repeat', () => {
    const seen = new Set(Array.from({ length: 2000 }, () => crypto.randomBytes(16).toString('hex')));
    expect(seen.size).toBe(2000);
  });

  it('cross to the host some at a time', () => {
    crypto.randomBytes(16);
    guest.takeCalls();
    for (let i = 0; i < 256; i++) crypto.randomUUID();
    expect(guest.takeCalls().length).toBeLessThanOrEqual(2);
  });

  it('fill what they are given, and no more', async () => {
    const words = crypto.randomFillSync(new Uint32Array(1000), 10, 900);
    expect(words.subarray(0, 10)).toEqual(new Uint32Array(10));
    expect(words.subarray(910)).toEqual(new Uint32Array(90));
    expect(words.subarray(10, 910).some((word) => word > 0)).toBe(true);
    const filled = await new Promise<Uint8Array>((resolve, reject) =>
      crypto.randomFill(new Uint8Array(64), 32, (error, view) => (error ? reject(error) : resolve(view))),
    );
    expect(filled.subarray(0, 32)).toEqual(new Uint8Array(32));
    expect(filled.subarray(32).some((byte) => byte > 0)).toBe(true);
  });

  it('make version 4 UUIDs', () => {
    for (let i = 0; i < 100; i++) {
      expect(crypto.randomUUID()).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  it('make integers of the whole range', async () => {
    const seen = new Set(Array.from({ length: 500 }, () => crypto.randomInt(-2, 3)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    expect(crypto.randomInt(1)).toBe(0);
    expect(await new Promise((resolve) => crypto.randomInt(7, 8, (_, number) => resolve(number)))).toBe(7);
  });

  it('answer mistakes as Node does', () => {
    const cases: ((from: typeof node) => unknown)[] = [
      (from) => from.randomBytes(-1),
      (from) => from.randomBytes('a' as unknown as number),
      (from) => from.randomBytes(2 ** 31),
      (from) => from.randomInt(5, 5),
      (from) => from.randomInt(0, 2 ** 49),
      (from) => from.randomInt(1.5),
    ];
    for (const run of cases) expect(errorOf(() => run(crypto))).toEqual(errorOf(() => run(node)));
    expect(errorOf(() => crypto.randomBytes(2 ** 30))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });
});

describe('what is not on board', () => {
  it('throws by name', () => {
    for (const name of ['checkPrime', 'generatePrimeSync', 'encapsulate', 'Certificate'] as const) {
      const unavailable = {
        code: 'ERR_METHOD_NOT_IMPLEMENTED',
        message: `crypto.${name} is not available to action scripts`,
      };
      expect(errorOf(() => (crypto[name] as () => void)())).toMatchObject(unavailable);
    }
    expect(errorOf(() => new crypto.Certificate())).toMatchObject({
      code: 'ERR_METHOD_NOT_IMPLEMENTED',
    });
  });

  it('leaves no member of Node out but those of its own workings', () => {
    const missing = Object.keys(node).filter((name) => !(name in crypto));
    expect(missing).toEqual(['default', 'randomUUIDv7', 'secureHeapUsed']);
  });

  it('has the constants of Node', () => {
    const { defaultCipherList, defaultCoreCipherList, ...constants } = node.constants;
    expect([typeof defaultCipherList, typeof defaultCoreCipherList]).toEqual(['string', 'string']);
    expect(crypto.constants).toEqual(constants);
  });
});
