import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, context, integer, octets, oid, sequence, set, utcTime, utf8, wrap } from './der.ts';

/** A certificate and its private key, both as PEM. */
export interface Identity {
  cert: string;
  key: string;
}

export interface TestCertificates {
  /** The private authority's certificate, PEM: what a client is given as `ca`. */
  ca: string;
  /** For `localhost`, `127.0.0.1` and `::1`, signed by the authority. */
  server: Identity;
  /** A client certificate with this common name, signed by the authority. */
  client(commonName: string): Identity;
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
const yearMs = 365 * 24 * 3600 * 1000;

interface Subject {
  name: string;
  publicKey: KeyObject;
}

interface Issuer {
  name: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));
}

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
const keyId = (key: KeyObject) => createHash('sha1').update(spki(key)).digest();

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [wrap(0x01, Buffer.of(0xff))] : []), octets(value));
}

/** X.509 v3 (RFC 5280 §4.1), valid from yesterday for a year. */
function certificate(subject: Subject, issuer: Issuer, extensions: Buffer[]): string {
  const now = Date.now();
  const body = sequence(
    context(0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
    ecdsaWithSha256,
    nameOf(issuer.name),
    sequence(utcTime(new Date(now - 24 * 3600 * 1000)), utcTime(new Date(now + yearMs))),
    nameOf(subject.name),
    spki(subject.publicKey),
    context(
      3,
      sequence(
        extension('2.5.29.14', octets(keyId(subject.publicKey))),
        extension('2.5.29.35', sequence(wrap(0x80, keyId(issuer.publicKey)))),
        ...extensions,
      ),
    ),
  );
  const der = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, issuer.privateKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const basicConstraints = (isAuthority: boolean) =>
  extension('2.5.29.19', sequence(...(isAuthority ? [wrap(0x01, Buffer.of(0xff))] : [])), true);
const dns = (name: string) => wrap(0x82, Buffer.from(name, 'ascii'));
const ip = (...address: number[]) => wrap(0x87, Buffer.from(address));
const usage = (id: string) => extension('2.5.29.37', sequence(oid(id)));

/** A private authority and what it signs, made anew each time; nothing else trusts it. */
export function createCertificates(): TestCertificates {
  const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority: Issuer = { name: 'Drawbridge test authority', ...newKeys() };
  const ca = certificate(authority, authority, [
    basicConstraints(true),
    extension('2.5.29.15', wrap(0x03, Buffer.of(0x01, 0x06)), true),
  ]);

  function issue(name: string, extensions: Buffer[]): Identity {
    const keys = newKeys();
    const cert = certificate({ name, publicKey: keys.publicKey }, authority, [
      basicConstraints(false),
      ...extensions,
    ]);
    return { cert, key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
  }

  const loopback6 = [...Array<number>(15).fill(0), 1];
  const names = extension('2.5.29.17', sequence(dns('localhost'), ip(127, 0, 0, 1), ip(...loopback6)));
  return {
    ca,
    server: issue('localhost', [usage('1.3.6.1.5.5.7.3.1'), names]),
    client: (commonName) => issue(commonName, [usage('1.3.6.1.5.5.7.3.2')]),
  };
}
