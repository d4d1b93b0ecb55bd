import * as node from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { authority, clientCertificate, serverCertificate, serverKey } from '../host/client-certificate.ts';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let guest: GuestCrypto;
beforeAll(async () => {
  guest = await loadGuestCrypto();
});

type Certificate = node.X509Certificate;
const both = (pem: string): [Certificate, Certificate] => [
  new guest.crypto.X509Certificate(pem),
  new node.X509Certificate(pem),
];

describe('X509Certificate', () => {
  it('tells what Node tells', () => {
    for (const pem of [authority, clientCertificate, serverCertificate]) {
      const [mine, theirs] = both(pem);
      const names = Object.entries(Object.getOwnPropertyDescriptors(node.X509Certificate.prototype))
        .filter(([name, { get }]) => get && !['publicKey', 'raw'].includes(name))
        .map(([name]) => name as keyof Certificate);
      expect(names).toContain('subject');
      expect(names).toContain('validToDate');
      for (const name of names) expect([name, mine[name]]).toEqual([name, theirs[name]]);
      expect(Buffer.from(mine.raw)).toEqual(theirs.raw);
      expect(mine.toString()).toBe(theirs.toString());
      expect(JSON.stringify({ mine })).toBe(JSON.stringify({ mine: theirs }));
      expect(mine.publicKey.export({ format: 'jwk' })).toEqual(theirs.publicKey.export({ format: 'jwk' }));
      const plain = (value: object) => JSON.parse(JSON.stringify(value));
      expect(plain(mine.toLegacyObject())).toEqual(plain(theirs.toLegacyObject()));
      expect(Object.keys(mine)).toEqual([]);
    }
  });

  it('reads DER as well', () => {
    const { raw, subject } = new node.X509Certificate(serverCertificate);
    expect(new guest.crypto.X509Certificate(raw).subject).toBe(subject);
  });

  it('checks names', () => {
    for (const certificate of both(serverCertificate)) {
      expect(certificate.checkHost('upstream.test')).toBe('upstream.test');
      expect(certificate.checkHost('elsewhere.test')).toBeUndefined();
      expect(certificate.checkHost('upstream.test', { subject: 'never' })).toBe('upstream.test');
      expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
      expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
      expect(certificate.checkEmail('jane@upstream.test')).toBeUndefined();
    }
  });

  it('checks issuers and keys', () => {
    const { crypto } = guest;
    const [server, ca] = [serverCertificate, authority].map((pem) => new crypto.X509Certificate(pem));
    expect(server!.checkIssued(ca!)).toBe(true);
    expect(ca!.checkIssued(server!)).toBe(false);
    expect(server!.verify(ca!.publicKey)).toBe(true);
    expect(server!.verify(server!.publicKey)).toBe(false);
    expect(server!.checkPrivateKey(crypto.createPrivateKey(serverKey))).toBe(true);
    expect(ca!.checkPrivateKey(crypto.createPrivateKey(serverKey))).toBe(false);
  });

  it('answers mistakes as Node does', () => {
    for (const input of ['no certificate', 1, undefined]) {
      const errors = [guest.crypto, node].map((from) => {
        try {
          return new from.X509Certificate(input as never);
        } catch (error) {
          const { name, code, message } = error as Error & { code?: unknown };
          return { name, code, message };
        }
      });
      expect(errors[0]).toEqual(errors[1]);
    }
    const certificate = new guest.crypto.X509Certificate(authority);
    expect(() => certificate.verify('a key' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
