import * as node from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let crypto: GuestCrypto['crypto'];
beforeAll(async () => {
  crypto = (await loadGuestCrypto()).crypto;
});

type Crypto = typeof node;

function errorOf(run: () => unknown): { name?: string; code?: unknown; message?: string } {
  try {
    run();
  } catch (error) {
    const { name, code, message } = error as Error & { code?: unknown };
    return { name, code, message };
  }
  return {};
}

/** Each mistake is answered as Node answers it. */
function expectSameErrors(cases: ((from: Crypto) => unknown)[]): void {
  for (const run of cases) {
    const expected = errorOf(() => run(node));
    expect(expected.message).toBeTypeOf('string');
    expect(errorOf(() => run(crypto))).toEqual(expected);
  }
}

describe('ECDH', () => {
  it.each(['prime256v1', 'secp256k1', 'secp521r1'])('agrees with Node on %s', (curve) => {
    const [mine, theirs] = [crypto.createECDH(curve), node.createECDH(curve)];
    const publicKey = mine.generateKeys('hex');
    theirs.generateKeys();
    const secret = theirs.computeSecret(publicKey, 'hex', 'base64');
    expect(mine.computeSecret(theirs.getPublicKey('hex'), 'hex', 'base64')).toBe(secret);
  });

  it('takes a private key and gives the public one in every form', () => {
    const theirs = node.createECDH('prime256v1');
    theirs.generateKeys();
    const mine = crypto.createECDH('prime256v1');
    expect(mine.setPrivateKey(theirs.getPrivateKey())).toBe(mine);
    expect(mine.getPrivateKey('hex')).toBe(theirs.getPrivateKey('hex'));
    for (const format of [undefined, 'compressed', 'uncompressed', 'hybrid'] as const) {
      expect(mine.getPublicKey('hex', format as 'hybrid')).toBe(
        theirs.getPublicKey('hex', format as 'hybrid'),
      );
    }
    const compressed = theirs.getPublicKey('hex', 'compressed');
    expect(crypto.ECDH.convertKey(compressed, 'prime256v1', 'hex', 'hex')).toBe(theirs.getPublicKey('hex'));
  });

  it('answers mistakes as Node does', () => {
    const generated = (from: Crypto) => {
      const ecdh = from.createECDH('prime256v1');
      ecdh.generateKeys();
      return ecdh;
    };
    expectSameErrors([
      (from) => from.createECDH('nope'),
      (from) => from.createECDH(1 as never),
      (from) => from.createECDH('prime256v1').getPublicKey(),
      (from) => from.createECDH('prime256v1').getPrivateKey(),
      (from) => from.createECDH('prime256v1').computeSecret(Buffer.alloc(3)),
      (from) => generated(from).computeSecret(Buffer.alloc(3)),
      (from) => generated(from).getPublicKey('hex', 'nope' as never),
      (from) => from.createECDH('prime256v1').setPrivateKey(Buffer.alloc(32)),
      (from) => from.ECDH.convertKey(Buffer.alloc(3), 'prime256v1'),
    ]);
  });
});

describe('Diffie-Hellman', () => {
  it.each(['modp5', 'modp14', 'modp18'])('agrees with Node on %s', (group) => {
    const [mine, theirs] = [crypto.getDiffieHellman(group), node.getDiffieHellman(group)];
    expect(mine.getPrime('hex')).toBe(theirs.getPrime('hex'));
    expect(mine.getGenerator('hex')).toBe(theirs.getGenerator('hex'));
    theirs.generateKeys();
    const secret = theirs.computeSecret(mine.generateKeys());
    expect(Buffer.from(mine.computeSecret(theirs.getPublicKey()))).toEqual(secret);
    expect(mine.verifyError).toBe(theirs.verifyError);
  });

  it.each([
    [undefined, '02'],
    [5, '05'],
    [Buffer.from([7]), '07'],
  ])('agrees with Node on a prime with the generator %s', (generator, hex) => {
    const prime = node.getDiffieHellman('modp5').getPrime();
    const [mine, theirs] = [crypto, node].map((from) => from.createDiffieHellman(prime, generator as number));
    expect(mine!.getGenerator('hex')).toBe(hex);
    expect(mine!.getPrime('hex')).toBe(prime.toString('hex'));
    expect(mine!.generateKeys('hex')).toMatch(/^[0-9a-f]+$/);
    theirs!.setPrivateKey(mine!.getPrivateKey());
    expect(theirs!.generateKeys('hex')).toBe(mine!.getPublicKey('hex'));
    expect(theirs!.computeSecret(prime.subarray(0, 20), undefined as never, 'hex')).toBe(
      mine!.computeSecret(prime.subarray(0, 20), undefined as never, 'hex'),
    );
  });

  it('keeps the leading zeros of a secret', () => {
    const prime = node.getDiffieHellman('modp5').getPrime('hex');
    const [mine, theirs] = [crypto, node].map((from) => from.createDiffieHellman(prime, 'hex'));
    for (const exchange of [mine!, theirs!]) exchange.setPrivateKey(Buffer.from([5]));
    const secret = mine!.computeSecret('02', 'hex', 'hex');
    expect(secret).toMatch(/^0{382}20$/);
    expect(secret).toBe(theirs!.computeSecret('02', 'hex', 'hex'));
  });

  it('answers mistakes as Node does', () => {
    const prime = node.getDiffieHellman('modp5').getPrime();
    const compute = (from: Crypto, key: Buffer) => {
      const exchange = from.createDiffieHellman(prime);
      exchange.setPrivateKey(Buffer.from([5]));
      return exchange.computeSecret(key);
    };
    expectSameErrors([
      (from) => from.getDiffieHellman('nope'),
      (from) => from.getDiffieHellman('modp5').getPublicKey(),
      (from) => from.getDiffieHellman('modp5').getPrivateKey(),
      (from) => from.getDiffieHellman('modp5').computeSecret(Buffer.from([2])),
      (from) => compute(from, Buffer.from([1])),
      (from) => compute(from, prime),
      (from) => from.createDiffieHellman(prime, 1),
      (from) => from.createDiffieHellman({} as never),
    ]);
  });

  it('makes no primes of its own, and says so', () => {
    expect(errorOf(() => crypto.createDiffieHellman(512))).toMatchObject({
      code: 'ERR_METHOD_NOT_IMPLEMENTED',
      message: expect.stringContaining('crypto.getDiffieHellman'),
    });
  });
});

describe('diffieHellman', () => {
  it.each([
    ['x25519', {}],
    ['x448', {}],
    ['ec', { namedCurve: 'P-256' }],
  ] as const)('agrees with Node on keys of the type %s', async (type, options) => {
    const make = node.generateKeyPairSync as unknown as (
      type: string,
      options: object,
    ) => node.KeyPairKeyObjectResult;
    const [mine, theirs] = [make(type, options), make(type, options)];
    const secret = node.diffieHellman({ privateKey: theirs.privateKey, publicKey: mine.publicKey });
    const pem = { format: 'pem' } as const;
    const keys = {
      privateKey: crypto.createPrivateKey(mine.privateKey.export({ ...pem, type: 'pkcs8' })),
      publicKey: crypto.createPublicKey(theirs.publicKey.export({ ...pem, type: 'spki' })),
    };
    expect(Buffer.from(crypto.diffieHellman(keys))).toEqual(secret);
    const later = promisify(crypto.diffieHellman as never) as unknown as (
      given: object,
    ) => Promise<Uint8Array>;
    expect(Buffer.from(await later(keys))).toEqual(secret);
  });

  it('answers mistakes as Node does', () => {
    const pair = (from: Crypto, type: 'x25519' | 'ed25519') => from.generateKeyPairSync(type as 'ed25519');
    expectSameErrors([
      (from) => from.diffieHellman(undefined as never),
      (from) => from.diffieHellman({ publicKey: pair(from, 'x25519').publicKey } as never),
      (from) => from.diffieHellman(pair(from, 'ed25519')),
      (from) =>
        from.diffieHellman({
          privateKey: pair(from, 'x25519').privateKey,
          publicKey: pair(from, 'ed25519').publicKey,
        }),
    ]);
  });
});
