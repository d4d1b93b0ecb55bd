import { createCipheriv, createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
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

function pem(bytes: Buffer, label = 'ENCRYPTED PRIVATE KEY', headers = ''): Buffer {
  const lines = bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return Buffer.from(`-----BEGIN ${label}-----\n${headers}${lines}\n-----END ${label}-----\n`);
}

/** As openssl's traditional format: a header names cipher and salt (RFC 1421 section 4.6.1). */
function encryptedOnceMore(bytes: Buffer, label: string): Buffer {
  const iv = randomBytes(16);
  const key = createHash('md5').update(passphrase).update(iv.subarray(0, 8)).digest();
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  const header = `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${iv.toString('hex').toUpperCase()}\n\n`;
  return pem(Buffer.concat([cipher.update(bytes), cipher.final()]), label, header);
}

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

  it('is refused under the label of one that is not encrypted, which OpenSSL reads as well', () => {
    expect(load(pem(der, 'PRIVATE KEY'), 'pem')).toMatchObject({ type: 'private' });
    const costly = pem(withIterations('7fffffff'), 'PRIVATE KEY');
    expect(() => load(costly, 'pem')).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  });

  it('is refused when it is encrypted a second time, so that its cost cannot be read', () => {
    for (const label of ['ENCRYPTED PRIVATE KEY', 'PRIVATE KEY']) {
      const hidden = encryptedOnceMore(withIterations('7fffffff'), label);
      expect(() => load(hidden, 'pem')).toThrow(expect.objectContaining({ code: 'ERR_OSSL_UNSUPPORTED' }));
    }
  });

  it('in the traditional format is read', () => {
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const traditional = { type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'open' } as const;
    expect(load(Buffer.from(rsa.export(traditional)), 'pem')).toMatchObject({ asymmetricKeyType: 'rsa' });
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
