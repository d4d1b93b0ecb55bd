import * as crypto from 'node:crypto';
import type * as tls from 'node:tls';
import * as z from 'zod';
import type { Answer, HostModule } from '../operations.ts';
import { describeKey, loadPrivateKey, loadPublicKey } from './crypto-key-spec.ts';
import { atMost, type Parts, syncOperation } from './crypto-operation.ts';

/** A certificate with its chain's worth of extensions is a few kilobytes. */
const MAX_CERTIFICATE_BYTES = 256 * 1024;

function load(parts: Parts): crypto.X509Certificate {
  const bytes = parts.need('certificate');
  atMost('buffer.byteLength', bytes.length, MAX_CERTIFICATE_BYTES);
  return new crypto.X509Certificate(bytes);
}

/** All that Node tells of a certificate, so that the guest's object answers without asking again. */
function describe(parts: Parts): Answer {
  const certificate = load(parts);
  const { raw, publicKey } = certificate;
  const key = describeKey(publicKey);
  const described = certificate.toLegacyObject() as tls.PeerCertificate & { pubkey?: Buffer };
  const { raw: _, pubkey = Buffer.alloc(0), ...legacy } = described;
  const { subject, issuer, subjectAltName, infoAccess, validFrom, validTo, keyUsage } = certificate;
  const { fingerprint, fingerprint256, fingerprint512, serialNumber, ca } = certificate;
  const { signatureAlgorithm, signatureAlgorithmOid } = certificate as {
    signatureAlgorithm?: string;
    signatureAlgorithmOid?: string;
  };
  return {
    value: {
      shown: {
        subject,
        subjectAltName,
        issuer,
        infoAccess,
        validFrom,
        validTo,
        fingerprint,
        fingerprint256,
        fingerprint512,
        keyUsage,
        serialNumber,
        signatureAlgorithm,
        signatureAlgorithmOid,
      },
      ca,
      pem: certificate.toString(),
      legacy,
      publicKey: key.value,
      lengths: [raw.length, (key.payload as Buffer).length],
    },
    payload: Buffer.concat([raw, key.payload as Buffer, pubkey]),
  };
}

const CheckName = z.object({
  what: z.enum(['host', 'email', 'ip']),
  name: z.string(),
  options: z.object({
    subject: z.enum(['default', 'always', 'never']).optional(),
    wildcards: z.boolean().optional(),
    partialWildcards: z.boolean().optional(),
    multiLabelWildcards: z.boolean().optional(),
    singleLabelSubdomains: z.boolean().optional(),
  }),
});

function checkName({ what, name, options }: z.infer<typeof CheckName>, parts: Parts): Answer {
  const certificate = load(parts);
  switch (what) {
    case 'host':
      return { value: certificate.checkHost(name, options as crypto.X509CheckOptions) };
    case 'email':
      return { value: certificate.checkEmail(name, options as crypto.X509CheckOptions) };
    case 'ip':
      return { value: certificate.checkIP(name) };
    default:
      return what satisfies never;
  }
}

const Relation = z.object({ to: z.enum(['issuer', 'privateKey', 'publicKey']) });

/** `other` is a certificate, PKCS#8 or SPKI. */
function isRelated({ to }: z.infer<typeof Relation>, parts: Parts): Answer {
  const certificate = load(parts);
  const other = parts.need('other');
  const key: Parts = { get: (name) => (name === 'key' ? other : undefined), need: () => other };
  switch (to) {
    case 'issuer':
      return { value: certificate.checkIssued(new crypto.X509Certificate(other)) };
    case 'privateKey':
      return { value: certificate.checkPrivateKey(loadPrivateKey({ kind: 'object', type: 'private' }, key)) };
    case 'publicKey':
      return { value: certificate.verify(loadPublicKey({ kind: 'object', type: 'public' }, key)) };
    default:
      return to satisfies never;
  }
}

export const x509Operations: HostModule = {
  sync: {
    'crypto.x509': syncOperation(z.object({}), (_, parts) => describe(parts)),
    'crypto.x509CheckName': syncOperation(CheckName, checkName),
    'crypto.x509IsRelated': syncOperation(Relation, isRelated),
  },
};
