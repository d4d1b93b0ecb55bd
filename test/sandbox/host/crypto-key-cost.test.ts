import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cryptoModule } from '../../../sandbox/host/modules/crypto.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const protection = { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open' } as const;
const der = privateKey.export({ format: 'der', ...protection });
const passphrase = Buffer.from('open');

/** OpenSSL writes 2048 iterations: INTEGER, two bytes, 0x0800. */
function withIterations(hex: string): Buffer {
  const at = der.indexOf(Buffer.from('02020800', 'hex'));
  expect(at).toBeGreaterThan(0);
  const grown = hex.length / 2 - 2;
  const changed = Buffer.concat([
    der.subarray(0, at),
    Buffer.from(`02${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`, 'hex'),
    der.subarray(at + 4),
  ]);
  // The sequences around it: the whole, the algorithm, its parameters, the key derivation and its parameters.
  let offset = 0;
  while (offset < at) {
    const isSequence = changed[offset] === 0x30;
    const long = changed[offset + 1] === 0x81;
    const header = long ? 3 : 2;
    const lengthAt = offset + header - 1;
    if (isSequence && offset + header + changed[lengthAt]! >= at) changed[lengthAt]! += grown;
    offset += isSequence ? header : header + changed[lengthAt]!;
  }
  return changed;
}

function load(key: Buffer, kind: 'pem' | 'der'): unknown {
  const spec = kind === 'pem' ? { kind } : { kind, type: 'pkcs8' };
  const parts = [
    ['key', key.length],
    ['passphrase', passphrase.length],
  ];
  const params = { type: 'private', key: spec, parts };
  return cryptoModule.sync!['crypto.createKey']!(params, Buffer.concat([key, passphrase])).value;
}

const pem = (bytes: Buffer) =>
  Buffer.from(
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----\n`,
  );

describe('an encrypted key', () => {
  it('is read, as DER and as PEM', () => {
    for (const loaded of [load(der, 'der'), load(pem(der), 'pem')]) {
      expect(loaded).toMatchObject({ type: 'private', asymmetricKeyType: 'ec' });
    }
  });

  it('is refused when its decryption would hold the host', () => {
    const costly = withIterations('7fffffff');
    for (const run of [() => load(costly, 'der'), () => load(pem(costly), 'pem')]) {
      expect(run).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    }
  });

  it('is refused when it cannot be read', () => {
    for (const key of [
      Buffer.alloc(0),
      Buffer.from('3080', 'hex'),
      Buffer.from('308400', 'hex'),
      der.subarray(0, 40),
    ]) {
      expect(() => load(key, 'der')).toThrow(expect.objectContaining({ code: 'ERR_OSSL_UNSUPPORTED' }));
    }
  });

  it('that is not encrypted is read whatever passphrase is given', () => {
    const plain = privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(load(plain, 'der')).toMatchObject({ type: 'private' });
  });
});
