import type { Buffer } from 'buffer';
import { inspect } from 'node-inspect-extracted';
import { asBuffer, askHost, copyOf, toBytes } from './crypto-bytes.ts';
import { checkString, invalidArgType, nodeError } from './crypto-errors.ts';
import { KeyObject, keyObjectFromHost, keyObjectOnTheWire } from './crypto-key-object.ts';

const shownNames = [
  'subject',
  'subjectAltName',
  'issuer',
  'infoAccess',
  'validFrom',
  'validTo',
  'fingerprint',
  'fingerprint256',
  'fingerprint512',
  'keyUsage',
  'serialNumber',
  'signatureAlgorithm',
  'signatureAlgorithmOid',
];

/** Node's X509Certificate; the host reads it once. `issuerCertificate` is of connections, and there is none here. */
export class X509Certificate {
  readonly #shown: Record<string, unknown>;
  readonly #raw: Uint8Array;
  readonly #pem: string;
  /** JSON. */
  readonly #legacy: string;
  readonly #legacyKey: Uint8Array;

  constructor(input: unknown) {
    if (typeof input !== 'string' && !ArrayBuffer.isView(input)) {
      const expected = 'of type string or an instance of Buffer, TypedArray, or DataView';
      throw invalidArgType('buffer', expected, input);
    }
    const { value, bytes } = askHost('crypto.x509', {}, { certificate: toBytes(input, 'buffer') });
    const [rawLength, keyLength] = value.lengths as [number, number];
    this.#raw = copyOf(bytes.subarray(0, rawLength));
    this.#legacyKey = copyOf(bytes.subarray(rawLength + keyLength));
    this.#pem = value.pem;
    this.#legacy = JSON.stringify(value.legacy);
    this.#shown = {
      ...value.shown,
      validFromDate: new Date(value.shown.validFrom),
      validToDate: new Date(value.shown.validTo),
      ca: value.ca,
      publicKey: keyObjectFromHost(value.publicKey, bytes.subarray(rawLength, rawLength + keyLength)),
    };
  }

  static {
    for (const name of [
      ...shownNames,
      'validFromDate',
      'validToDate',
      'ca',
      'publicKey',
      'issuerCertificate',
    ]) {
      const get = function (this: X509Certificate) {
        return this.#shown[name];
      };
      Object.defineProperty(X509Certificate.prototype, name, { get, configurable: true });
    }
  }

  get raw(): Buffer {
    return asBuffer(copyOf(this.#raw));
  }

  checkHost(name: unknown, options?: object): string | undefined {
    return this.#checkName('host', name, options);
  }

  checkEmail(email: unknown, options?: object): string | undefined {
    return this.#checkName('email', email, options);
  }

  checkIP(ip: unknown): string | undefined {
    return this.#checkName('ip', ip);
  }

  checkIssued(otherCert: unknown): boolean {
    if (!(otherCert instanceof X509Certificate)) {
      throw invalidArgType('otherCert', 'an instance of X509Certificate', otherCert);
    }
    return this.#isRelated('issuer', otherCert.#raw);
  }

  checkPrivateKey(privateKey: unknown): boolean {
    return this.#isRelated('privateKey', keyBytes(privateKey, 'private'));
  }

  verify(publicKey: unknown): boolean {
    return this.#isRelated('publicKey', keyBytes(publicKey, 'public'));
  }

  toString(): string {
    return this.#pem;
  }

  toJSON(): string {
    return this.#pem;
  }

  /** As `getPeerCertificate` describes a certificate. */
  toLegacyObject(): Record<string, unknown> {
    return { ...JSON.parse(this.#legacy), raw: this.raw, pubkey: asBuffer(copyOf(this.#legacyKey)) };
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth: number, options: object): unknown {
    if (depth < 0) return this;
    const shown = Object.fromEntries(shownNames.map((name) => [name, this.#shown[name]]));
    return `X509Certificate ${inspect(shown, options)}`;
  }

  #checkName(what: string, name: unknown, options: object = {}): string | undefined {
    checkString(name, what === 'host' ? 'name' : what);
    return askHost('crypto.x509CheckName', { what, name, options }, { certificate: this.#raw }).value;
  }

  #isRelated(to: string, other: Uint8Array): boolean {
    return askHost('crypto.x509IsRelated', { to }, { certificate: this.#raw, other }).value;
  }
}

function keyBytes(key: unknown, type: 'private' | 'public'): Uint8Array {
  if (!(key instanceof KeyObject)) throw invalidArgType('pkey', 'an instance of KeyObject', key);
  if (key.type === type) return keyObjectOnTheWire(key).parts.key!;
  throw nodeError(
    TypeError,
    'ERR_INVALID_ARG_VALUE',
    `The argument 'pkey' is invalid. Received a ${key.type} key`,
  );
}
