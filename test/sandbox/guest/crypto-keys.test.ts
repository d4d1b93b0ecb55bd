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

const pairs = {
  rsa: node.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-pss': node.generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  'P-256': node.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-521': node.generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: node.generateKeyPairSync('ed25519'),
  x25519: node.generateKeyPairSync('x25519'),
} as const;
const names = Object.keys(pairs) as (keyof typeof pairs)[];

const pemOf = (name: keyof typeof pairs) => ({
  publicKey: pairs[name].publicKey.export({ format: 'pem', type: 'spki' }) as string,
  privateKey: pairs[name].privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
});

function errorOf(run: () => unknown): { name?: string; code?: unknown; message?: string } {
  try {
    run();
  } catch (error) {
    const { name, code, message } = error as Error & { code?: unknown };
    return { name, code, message };
  }
  return {};
}

describe('asymmetric keys', () => {
  it.each(names)('%s: are read and written as Node does it', (name) => {
    const pem = pemOf(name);
    const { publicKey, privateKey } = pairs[name];
    const ours = {
      public: crypto.createPublicKey(pem.publicKey),
      private: crypto.createPrivateKey(pem.privateKey),
    };
    expect(ours.public).toBeInstanceOf(crypto.KeyObject);
    expect([ours.public.type, ours.private.type]).toEqual(['public', 'private']);
    expect(ours.private.asymmetricKeyType).toBe(privateKey.asymmetricKeyType);
    expect(ours.private.asymmetricKeyDetails).toEqual({ ...privateKey.asymmetricKeyDetails });
    expect(ours.public.export({ format: 'pem', type: 'spki' })).toBe(pem.publicKey);
    expect(ours.private.export({ format: 'pem', type: 'pkcs8' })).toBe(pem.privateKey);
    expect(Buffer.from(ours.public.export({ format: 'der', type: 'spki' }))).toEqual(
      publicKey.export({ format: 'der', type: 'spki' }),
    );
    if (name === 'rsa-pss') return; // Node has no JWK for it either
    expect(ours.public.export({ format: 'jwk' })).toEqual(publicKey.export({ format: 'jwk' }));
    expect(ours.private.export({ format: 'jwk' })).toEqual(privateKey.export({ format: 'jwk' }));
  });

  it.each(names)('%s: the public key comes of the private one', (name) => {
    const pem = pemOf(name);
    const expected = crypto.createPublicKey(pem.publicKey);
    expect(crypto.createPublicKey(pem.privateKey).equals(expected)).toBe(true);
    expect(crypto.createPublicKey(crypto.createPrivateKey(pem.privateKey)).equals(expected)).toBe(true);
    expect(crypto.createPublicKey(pemOf('ed25519').publicKey).equals(expected)).toBe(name === 'ed25519');
  });

  it('are read from DER, JWK, bytes and encrypted PEM', () => {
    const { privateKey, publicKey } = pairs['P-256'];
    const expected = crypto.createPrivateKey(pemOf('P-256').privateKey);
    const der = privateKey.export({ format: 'der', type: 'sec1' });
    expect(crypto.createPrivateKey({ key: der, format: 'der', type: 'sec1' }).equals(expected)).toBe(true);
    const jwk = privateKey.export({ format: 'jwk' });
    expect(crypto.createPrivateKey({ key: jwk, format: 'jwk' }).equals(expected)).toBe(true);
    const publicJwk = publicKey.export({ format: 'jwk' });
    expect(
      crypto.createPublicKey({ key: publicJwk, format: 'jwk' }).equals(crypto.createPublicKey(expected)),
    ).toBe(true);
    expect(crypto.createPrivateKey(Buffer.from(pemOf('P-256').privateKey)).equals(expected)).toBe(true);
    const encrypted = expected.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'open',
    });
    expect(encrypted).toContain('ENCRYPTED');
    expect(node.createPrivateKey({ key: encrypted as string, passphrase: 'open' }).equals(privateKey)).toBe(
      true,
    );
    expect(crypto.createPrivateKey({ key: encrypted as string, passphrase: 'open' }).equals(expected)).toBe(
      true,
    );
    // ERR_MISSING_PASSPHRASE, or what OpenSSL had in its queue before.
    expect(errorOf(() => crypto.createPrivateKey(encrypted as string)).code).toMatch(/^ERR_(MISSING|OSSL)/);
  });

  it('answer mistakes as Node does', () => {
    const { publicKey } = pemOf('rsa');
    const cases: ((from: typeof node) => unknown)[] = [
      (from) => from.createPrivateKey(undefined as never),
      (from) => from.createPrivateKey('no key at all'),
      (from) => from.createPrivateKey(publicKey),
      (from) => from.createPublicKey('no key at all'),
      (from) => from.createPublicKey(from.createSecretKey(Buffer.from('a')) as never),
      (from) => from.createPublicKey(from.createPublicKey(publicKey) as never),
      (from) => from.createPublicKey({ key: {}, format: 'jwk' }),
      (from) => from.createSecretKey(1 as never),
      (from) => from.createPrivateKey({ key: Buffer.from('x'), format: 'der' } as never),
      (from) => from.createPublicKey(publicKey).export({ format: 'foo' } as never),
      (from) => from.createPublicKey(publicKey).export(undefined as never),
    ];
    for (const run of cases) {
      const [ours, nodes] = [errorOf(() => run(crypto)), errorOf(() => run(node))];
      // Node's message depends on what OpenSSL had in its queue before.
      if (String(nodes.code).startsWith('ERR_OSSL')) expect(ours.code).toMatch(/^ERR_OSSL/);
      else expect([ours.name, ours.code]).toEqual([nodes.name, nodes.code]);
    }
  });

  it('hold nothing that can be enumerated or logged', () => {
    const key = crypto.createPrivateKey(pemOf('rsa').privateKey);
    expect(Object.keys(key)).toEqual([]);
    expect(JSON.stringify(key)).toBe('{}');
  });
});

describe('secret keys', () => {
  it('have their bytes', () => {
    const key = crypto.createSecretKey('ff00', 'hex');
    expect([key.type, key.symmetricKeySize, key.asymmetricKeyType]).toEqual(['secret', 2, undefined]);
    expect(key.export().toString('hex')).toBe('ff00');
    expect(key.export({ format: 'jwk' })).toEqual({ kty: 'oct', k: '_wA' });
    expect(key.equals(crypto.createSecretKey(Buffer.from([255, 0])))).toBe(true);
    expect(crypto.createHmac('sha256', key).update('x').digest('hex')).toBe(
      node
        .createHmac('sha256', Buffer.from([255, 0]))
        .update('x')
        .digest('hex'),
    );
  });

  it('are generated', async () => {
    expect(crypto.generateKeySync('aes', { length: 192 }).symmetricKeySize).toBe(24);
    const key = await promisify(crypto.generateKey)('hmac', { length: 64 });
    expect(key.symmetricKeySize).toBe(8);
    expect(errorOf(() => crypto.generateKeySync('aes', { length: 100 as 128 })).code).toBe(
      'ERR_INVALID_ARG_VALUE',
    );
  });
});

describe('key pairs', () => {
  it('are generated, and Node can use them', async () => {
    const ec = crypto.generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { format: 'pem', type: 'spki' },
      privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    });
    const signature = node.sign('sha256', Buffer.from('x'), ec.privateKey);
    expect(node.verify('sha256', Buffer.from('x'), ec.publicKey, signature)).toBe(true);
    const rsa = await new Promise<node.KeyObject>((resolve, reject) =>
      crypto.generateKeyPair('rsa', { modulusLength: 2048 }, (error, _, key) =>
        error ? reject(error) : resolve(key),
      ),
    );
    expect(rsa.asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65537n });
    expect(crypto.generateKeyPairSync('ed25519').publicKey.asymmetricKeyType).toBe('ed25519');
  });

  it('are bounded', () => {
    expect(errorOf(() => crypto.generateKeyPairSync('rsa', { modulusLength: 8192 })).code).toBe(
      'ERR_OUT_OF_RANGE',
    );
    const odd = { modulusLength: 2048, publicExponent: 0x7fffffff };
    expect(errorOf(() => crypto.generateKeyPairSync('rsa', odd)).code).toBe('ERR_OUT_OF_RANGE');
    expect(
      errorOf(() => crypto.generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })).code,
    ).toBe('ERR_INVALID_ARG_VALUE');
    expect(errorOf(() => crypto.generateKeyPairSync('rsa', undefined as never)).code).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    expect(errorOf(() => crypto.generateKeyPairSync('ec', { namedCurve: 'x' })).code).toBe(
      'ERR_CRYPTO_INVALID_CURVE',
    );
  });
});

describe('signatures', () => {
  const data = Buffer.from('what is signed');

  it.each(['rsa', 'P-256', 'P-521'] as const)('%s: by createSign and createVerify, both ways', (name) => {
    const { publicKey, privateKey } = pemOf(name);
    for (const algorithm of ['sha256', 'RSA-SHA512']) {
      const ours = crypto.createSign(algorithm).update(data).sign(privateKey, 'base64');
      expect(node.createVerify(algorithm).update(data).verify(publicKey, ours, 'base64')).toBe(true);
      const nodes = node.createSign(algorithm).update(data).sign(privateKey);
      const verify = crypto.createVerify(algorithm);
      verify.write(data.subarray(0, 5));
      verify.end(data.subarray(5));
      expect(verify.verify(publicKey, nodes)).toBe(true);
      expect(crypto.createVerify(algorithm).update('other').verify(publicKey, nodes)).toBe(false);
    }
  });

  it.each([
    ['rsa', 'sha256', {}],
    ['rsa', 'sha256', { padding: node.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }],
    ['rsa-pss', 'sha256', {}],
    ['P-256', 'sha256', { dsaEncoding: 'ieee-p1363' }],
    ['ed25519', null, {}],
  ] as const)('%s: one-shot with %s and %o, both ways', async (name, algorithm, options) => {
    const { publicKey, privateKey } = pemOf(name);
    const ours = crypto.sign(algorithm, data, { key: crypto.createPrivateKey(privateKey), ...options });
    expect(node.verify(algorithm, data, { key: publicKey, ...options }, ours)).toBe(true);
    const nodes = node.sign(algorithm, data, { key: privateKey, ...options });
    const key = { key: crypto.createPublicKey(publicKey), ...options };
    expect(crypto.verify(algorithm, data, key, nodes)).toBe(true);
    expect(await promisify(crypto.verify)(algorithm, data, key, nodes)).toBe(true);
    expect(await promisify(crypto.verify)(algorithm, Buffer.from('other'), key, nodes)).toBe(false);
    const later = await promisify(crypto.sign)(algorithm, data, { key: privateKey, ...options });
    expect(node.verify(algorithm, data, { key: publicKey, ...options }, later)).toBe(true);
  });

  it('answer mistakes as Node does', () => {
    const cases: ((from: typeof node) => unknown)[] = [
      (from) => from.createSign('foo'),
      (from) => from.createSign('sha256').sign(undefined as never),
      (from) => from.sign('sha256', data, from.createSecretKey(Buffer.from('x'))),
      (from) => from.sign('sha256', 1 as never, pemOf('rsa').privateKey),
      (from) =>
        from
          .createSign('sha256')
          .update('x')
          .sign(from.createPrivateKey(pemOf('ed25519').privateKey)),
    ];
    for (const run of cases) {
      const [ours, nodes] = [errorOf(() => run(crypto)), errorOf(() => run(node))];
      expect(nodes.code).toBeDefined();
      expect([ours.name, ours.code]).toEqual([nodes.name, nodes.code]);
    }
  });
});

describe('RSA encryption', () => {
  it('goes both ways with Node', () => {
    const { publicKey, privateKey } = pemOf('rsa');
    const text = Buffer.from('short');
    const oaep = { oaepHash: 'sha256', oaepLabel: Buffer.from('label') };
    for (const options of [{}, oaep]) {
      const ours = crypto.publicEncrypt({ key: publicKey, ...options }, text);
      expect(node.privateDecrypt({ key: privateKey, ...options }, ours).toString()).toBe('short');
      const nodes = node.publicEncrypt({ key: publicKey, ...options }, text);
      expect(crypto.privateDecrypt({ key: privateKey, ...options }, nodes).toString()).toBe('short');
    }
    const ours = crypto.privateEncrypt(privateKey, text);
    expect(crypto.publicDecrypt(publicKey, ours).toString()).toBe('short');
    expect(node.publicDecrypt(publicKey, ours).toString()).toBe('short');
  });
});
