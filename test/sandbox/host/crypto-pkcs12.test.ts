import { createCipheriv, createPrivateKey, pbkdf2Sync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cryptoModule } from '../../../sandbox/host/modules/crypto.ts';
import { authority, clientCertificate, clientKey, pfx, rc2Pfx, tripleDesPfx } from './client-certificate.ts';

interface Unpacked {
  key: string;
  cert?: string;
  ca: string[];
}

function unpack(container: Buffer, passphrase?: string): Unpacked {
  const secret = Buffer.from(passphrase ?? '');
  const parts = [
    ['pfx', container.length],
    ...(passphrase === undefined ? [] : [['passphrase', secret.length]]),
  ];
  const { value } = cryptoModule.sync!['crypto.pkcs12']!({ parts }, Buffer.concat([container, secret]));
  return value as Unpacked;
}

/** DER of one element. */
function element(tag: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  if (bytes.length < 0x80) return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
  const long = Buffer.from(bytes.length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x82]), long, bytes]);
}
const sequence = (...content: Buffer[]) => element(0x30, ...content);
const octets = (bytes: Buffer) => element(0x04, bytes);
const oid = (hex: string) => element(0x06, Buffer.from(hex, 'hex'));
function integer(value: number): Buffer {
  const hex = value.toString(16);
  const padded = hex.padStart(hex.length + (hex.length % 2), '0');
  // The first bit is the sign.
  return element(0x02, Buffer.from(padded >= '8' ? `00${padded}` : padded, 'hex'));
}
const contentInfo = (content: Buffer) => sequence(oid('2a864886f70d010701'), element(0xa0, octets(content)));

/** PBES2 of PBKDF2 with SHA-1 and AES-128. */
function pbes2(iterations: number): Buffer {
  const derivation = sequence(octets(Buffer.from('salt')), integer(iterations));
  const scheme = sequence(oid('608648016503040102'), octets(Buffer.alloc(16)));
  return sequence(
    oid('2a864886f70d01050d'),
    sequence(sequence(oid('2a864886f70d01050c'), derivation), scheme),
  );
}

/** Without a MAC: `safes` encrypted parts, each with an encrypted key (that is none) in it. */
function containerOf(outer: number, inner: number, safes = 1): Buffer {
  const shrouded = sequence(pbes2(inner), octets(Buffer.alloc(32)));
  const bags = sequence(sequence(oid('2a864886f70d010c0a0102'), element(0xa0, shrouded)));
  const key = pbkdf2Sync('open', 'salt', Math.min(outer, 10_000), 16, 'sha1');
  const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16));
  const encrypted = element(0x80, cipher.update(safes > 1 ? sequence() : bags), cipher.final());
  const info = sequence(oid('2a864886f70d010701'), pbes2(outer), encrypted);
  const safe = sequence(oid('2a864886f70d010706'), element(0xa0, sequence(integer(0), info)));
  return sequence(integer(3), contentInfo(sequence(...Array.from({ length: safes }, () => safe))));
}

const bare = (pem: string) => new X509Certificate(pem).raw;

describe('a PKCS #12 container', () => {
  it.each([
    ['AES', pfx],
    ['Triple-DES', tripleDesPfx],
  ])('by %s gives key and certificate', (_name, container) => {
    const { key, cert } = unpack(container, 'open');
    expect(createPrivateKey(key).equals(createPrivateKey(clientKey))).toBe(true);
    expect(bare(cert ?? '')).toEqual(bare(clientCertificate));
  });

  it('gives the certificates beside them as authorities', () => {
    expect(unpack(pfx, 'open').ca.map(bare)).toEqual([bare(authority)]);
    expect(unpack(tripleDesPfx, 'open').ca).toEqual([]);
  });

  it.each(['wrong', '', undefined])('with the passphrase %j fails as in Node', (passphrase) => {
    expect(() => unpack(pfx, passphrase)).toThrow('mac verify failure');
  });

  it('of a cipher that Node does not read is refused as in Node', () => {
    expect(() => unpack(rc2Pfx, 'open')).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED_OPERATION' }),
    );
  });

  it.each([
    ['for what holds the key', 750_001, 1],
    ['for the key within what is encrypted', 1, 1_500_001],
    ['in numbers without end', 2 ** 40, 1],
  ])('that names more work than is allowed %s is refused before it is done', (_what, outer, inner) => {
    const began = performance.now();
    const refused = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
    expect(() => unpack(containerOf(outer, inner), 'open')).toThrow(refused);
    expect(performance.now() - began).toBeLessThan(1_000);
    // The same with little work goes as far as the key, which is none.
    expect(() => unpack(containerOf(1, 1), 'open')).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/BAD_DECRYPT|ASN1|UNSUPPORTED/) }),
    );
  });

  it('that names much work many times is refused, too', () => {
    const refused = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
    expect(() => unpack(containerOf(10_000, 1, 100), 'open')).toThrow(refused);
  });

  it('that names work for its MAC is refused before it is done', () => {
    const mac = sequence(
      sequence(sequence(oid('608648016503040201')), octets(Buffer.alloc(32))),
      octets(Buffer.alloc(8)),
      integer(2 ** 31 - 1),
    );
    const pfxWithMac = sequence(integer(3), contentInfo(sequence()), mac);
    expect(() => unpack(pfxWithMac, 'open')).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  });

  it('that is none, or is cut off, fails', () => {
    for (const bad of [
      Buffer.alloc(0),
      Buffer.from('junk'),
      Buffer.from('3000', 'hex'),
      pfx.subarray(0, 200),
    ]) {
      expect(() => unpack(bad, 'open')).toThrow(Error);
    }
  });
});
