import * as crypto from 'node:crypto';
import * as z from 'zod';
import type { Answer, HostModule } from '../operations.ts';
import { checkDecryptionCost } from './crypto-key-cost.ts';
import { atMost, codedError, syncOperation } from './crypto-operation.ts';
import { bmpString, pkcs12Kdf, purposes } from './crypto-pkcs12-kdf.ts';
import { childrenOf, type DerElement, elementAt, integerOf, tags } from './der.ts';

/**
 * A PKCS #12 container (RFC 7292) taken apart: key, certificate, further certificates, each as PEM. OpenSSL would do
 * it in one call, and do whatever work the container names, even in what lies encrypted within it; here each step of
 * work is bounded before it is done. Ciphers are those that Node reads: AES, and the Triple-DES of older tools.
 */

const MAX_BYTES = 256 * 1024;
const MAX_CERTIFICATES = 64;
/** Rounds of PBKDF2 for all parts but the key together: less than a second of the host's thread. */
const MAX_ROUNDS = 750_000;
/** A round of PKCS #12's own derivation, which is called from here, in rounds of PBKDF2. */
const ROUNDS_OF_PKCS12 = 6;

const oids = {
  data: '2a864886f70d010701',
  encryptedData: '2a864886f70d010706',
  keyBag: '2a864886f70d010c0a0101',
  shroudedKeyBag: '2a864886f70d010c0a0102',
  certBag: '2a864886f70d010c0a0103',
  x509Certificate: '2a864886f70d01091601',
  pbes2: '2a864886f70d01050d',
  pbkdf2: '2a864886f70d01050c',
  tripleDes: '2a864886f70d010c0103',
};

/** Of PBKDF2's pseudo-random functions and of MACs. */
const digests: Record<string, string> = {
  '2a864886f70d0207': 'sha1',
  '2a864886f70d0209': 'sha256',
  '2a864886f70d020a': 'sha384',
  '2a864886f70d020b': 'sha512',
  '2b0e03021a': 'sha1',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};

const ciphers: Record<string, string> = {
  '60864801650304012a': 'aes-256-cbc',
  '608648016503040116': 'aes-192-cbc',
  '608648016503040102': 'aes-128-cbc',
  '2a864886f70d0307': 'des-ede3-cbc',
};

interface Container {
  passphrase: Buffer;
  key?: crypto.KeyObject;
  certificates: crypto.X509Certificate[];
  rounds: number;
}

function spend(container: Container, rounds: number): void {
  container.rounds += rounds;
  atMost('iterations', container.rounds, MAX_ROUNDS);
}

function unpack(pfx: Buffer, passphrase: Buffer): Answer {
  atMost('pfx.byteLength', pfx.length, MAX_BYTES);
  const found: Container = { passphrase, certificates: [], rounds: 0 };
  const [, authSafe, mac] = childrenOf(pfx, elementAt(pfx, 0));
  if (!authSafe) throw notEnough();
  const safes = contentOf(pfx, authSafe);
  if (mac) checkMac(pfx, mac, safes, found);
  for (const safe of childrenOf(safes, elementAt(safes, 0))) {
    const [type] = childrenOf(safes, safe);
    const isEncrypted = type !== undefined && oidOf(safes, type) === oids.encryptedData;
    const bags = isEncrypted ? decryptedSafe(safes, safe, found) : contentOf(safes, safe);
    for (const bag of childrenOf(bags, elementAt(bags, 0))) openBag(bags, bag, found);
  }
  const { key } = found;
  if (!key) throw codedError(Error, 'ERR_CRYPTO_OPERATION_FAILED', 'The PFX holds no private key');
  const own = found.certificates.find((certificate) => certificate.checkPrivateKey(key));
  return {
    value: {
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: own?.toString(),
      ca: found.certificates.filter((certificate) => certificate !== own).map(String),
    },
  };
}

/** ContentInfo of the type data: its octets. */
function contentOf(der: Buffer, contentInfo: DerElement): Buffer {
  const [type, content] = childrenOf(der, contentInfo);
  if (!type || !content || oidOf(der, type) !== oids.data) throw unsupported();
  const octets = elementAt(der, content.start);
  return der.subarray(octets.start, octets.end);
}

/** ContentInfo of the type encryptedData (RFC 5652 section 8). */
function decryptedSafe(der: Buffer, contentInfo: DerElement, container: Container): Buffer {
  const content = childrenOf(der, contentInfo)[1];
  const info = content && childrenOf(der, elementAt(der, content.start))[1];
  const [, algorithm, encrypted] = info ? childrenOf(der, info) : [];
  if (!algorithm || encrypted?.tag !== tags.implicit0) throw unsupported();
  const decipher = decipherOf(der, algorithm, container);
  return Buffer.concat([decipher.update(der.subarray(encrypted.start, encrypted.end)), decipher.final()]);
}

function openBag(der: Buffer, bag: DerElement, found: Container): void {
  const [id, value] = childrenOf(der, bag);
  if (!id || value?.tag !== tags.explicit0) throw unsupported();
  const content = der.subarray(value.start, value.end);
  switch (oidOf(der, id)) {
    case oids.keyBag:
    case oids.shroudedKeyBag:
      if (found.key) return;
      checkDecryptionCost(content, 'der');
      found.key = crypto.createPrivateKey({
        key: content,
        format: 'der',
        type: 'pkcs8',
        passphrase: found.passphrase,
      });
      return;
    case oids.certBag: {
      if (found.certificates.length >= MAX_CERTIFICATES) throw unsupported();
      const [type, octets] = childrenOf(content, elementAt(content, 0));
      if (!type || !octets || oidOf(content, type) !== oids.x509Certificate) return;
      const { start, end } = elementAt(content, octets.start);
      found.certificates.push(new crypto.X509Certificate(content.subarray(start, end)));
    }
  }
}

function decipherOf(der: Buffer, algorithm: DerElement, container: Container): crypto.Decipheriv {
  const [id, parameters] = childrenOf(der, algorithm);
  if (!id || !parameters) throw unsupported();
  const name = oidOf(der, id);
  const [first, second] = childrenOf(der, parameters);
  if (!first || !second) throw unsupported();
  if (name === oids.pbes2) return pbes2(der, first, second, container);
  if (name !== oids.tripleDes) throw unsupported();
  const [salt, iterations] = [der.subarray(first.start, first.end), integerOf(der, second)];
  spend(container, 3 * ROUNDS_OF_PKCS12 * iterations);
  const derivation = { digest: 'sha1', password: bmpString(container.passphrase), salt, iterations };
  const key = pkcs12Kdf({ ...derivation, purpose: purposes.key, length: 24 });
  const iv = pkcs12Kdf({ ...derivation, purpose: purposes.iv, length: 8 });
  return crypto.createDecipheriv('des-ede3-cbc', key, iv);
}

/** RFC 8018 section 6.2. */
function pbes2(
  der: Buffer,
  derivation: DerElement,
  scheme: DerElement,
  container: Container,
): crypto.Decipheriv {
  const [kdf, kdfParameters] = childrenOf(der, derivation);
  const [cipherId, ivOctets] = childrenOf(der, scheme);
  const cipher = cipherId && ciphers[oidOf(der, cipherId)];
  if (!kdf || oidOf(der, kdf) !== oids.pbkdf2 || !kdfParameters || !cipher || !ivOctets) throw unsupported();
  const [salt, count, ...more] = childrenOf(der, kdfParameters);
  if (salt?.tag !== tags.octetString || !count) throw unsupported();
  const prf = more.find(({ tag }) => tag === tags.sequence);
  const digest = prf ? digests[oidOf(der, elementAt(der, prf.start))] : 'sha1';
  if (!digest) throw unsupported();
  const iterations = integerOf(der, count);
  spend(container, iterations);
  const { keyLength } = crypto.getCipherInfo(cipher) as { keyLength: number };
  const saltBytes = der.subarray(salt.start, salt.end);
  const key = crypto.pbkdf2Sync(container.passphrase, saltBytes, iterations, keyLength, digest);
  return crypto.createDecipheriv(cipher, key, der.subarray(ivOctets.start, ivOctets.end));
}

/** RFC 7292 section 4: without it a wrong passphrase would show as garbage. */
function checkMac(der: Buffer, mac: DerElement, safes: Buffer, container: Container): void {
  const { passphrase } = container;
  const [info, salt, count] = childrenOf(der, mac);
  const [algorithm, expected] = info ? childrenOf(der, info) : [];
  if (!algorithm || !expected || !salt) throw unsupported();
  const digest = digests[oidOf(der, elementAt(der, algorithm.start))];
  if (!digest) throw unsupported();
  const length = crypto.hash(digest, '', 'buffer').length;
  const iterations = count ? integerOf(der, count) : 1;
  spend(container, 2 * ROUNDS_OF_PKCS12 * iterations);
  const saltBytes = der.subarray(salt.start, salt.end);
  const derivation = { digest, salt: saltBytes, iterations, purpose: purposes.mac, length };
  // No passphrase may mean an empty one or none at all (RFC 7292 appendix B.1).
  const passwords =
    passphrase.length > 0 ? [bmpString(passphrase)] : [bmpString(passphrase), Buffer.alloc(0)];
  const fits = passwords.some((password) => {
    const key = pkcs12Kdf({ ...derivation, password });
    const computed = crypto.createHmac(digest, key).update(safes).digest();
    return computed.equals(der.subarray(expected.start, expected.end));
  });
  if (!fits) throw new Error('mac verify failure');
}

function oidOf(der: Buffer, { tag, start, end }: DerElement): string {
  return tag === tags.oid ? der.toString('hex', start, end) : '';
}

function notEnough(): Error {
  return new Error('not enough data');
}

function unsupported(): Error {
  return codedError(Error, 'ERR_CRYPTO_UNSUPPORTED_OPERATION', 'Unsupported PKCS12 PFX data');
}

export const pkcs12Operations: HostModule = {
  sync: {
    'crypto.pkcs12': syncOperation(z.object({}), (_, parts) =>
      unpack(parts.need('pfx'), parts.get('passphrase') ?? Buffer.alloc(0)),
    ),
  },
};
