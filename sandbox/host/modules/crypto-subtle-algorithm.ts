import { webcrypto } from 'node:crypto';
import * as z from 'zod';
import { limits } from './crypto-kdf.ts';
import { atMost, type Parts } from './crypto-operation.ts';

const { subtle } = webcrypto;

const algorithmNames = [
  'HMAC',
  'RSASSA-PKCS1-V1_5',
  'RSA-PSS',
  'RSA-OAEP',
  'ECDSA',
  'ECDH',
  'ED25519',
  'X25519',
  'AES-GCM',
  'AES-CBC',
  'AES-CTR',
  'AES-KW',
  'PBKDF2',
  'HKDF',
];

/** An algorithm's members that are JSON. Those that are bytes are parts: `algorithm.iv` and so on. */
export const Algorithm = z.object({
  name: z.string().transform((name, context) => {
    if (algorithmNames.includes(name.toUpperCase())) return name;
    context.addIssue('not supported');
    return z.NEVER;
  }),
  hash: z.string().optional(),
  length: z.int().min(0).optional(),
  namedCurve: z.string().optional(),
  modulusLength: z.int().min(0).optional(),
  publicExponent: z.array(z.int().min(0).max(255)).optional(),
  saltLength: z.int().min(0).optional(),
  tagLength: z.int().min(0).optional(),
  iterations: z.int().min(0).optional(),
});
export type Algorithm = z.infer<typeof Algorithm>;

export const usages = z.array(
  z.enum(['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey']),
);

/** A CryptoKey of the guest: its bytes are the part `key`. */
export const Key = z.object({ format: z.enum(['raw', 'pkcs8', 'spki']), algorithm: Algorithm, usages });
export type Key = z.infer<typeof Key>;

const byteMembers = ['iv', 'additionalData', 'label', 'salt', 'info', 'counter'];

export type NodeAlgorithm = { name: string } & Record<string, unknown>;

export function nodeAlgorithm({ publicExponent, ...members }: Algorithm, parts: Parts): NodeAlgorithm {
  atMost('algorithm.iterations', members.iterations ?? 0, limits.pbkdf2Rounds.async);
  const algorithm: NodeAlgorithm = Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as NodeAlgorithm;
  if (publicExponent) algorithm.publicExponent = new Uint8Array(publicExponent);
  for (const member of byteMembers) {
    const bytes = parts.get(`algorithm.${member}`);
    if (bytes) algorithm[member] = bytes;
  }
  return algorithm;
}

// The declarations tell algorithms apart that are known at run time only.
// biome-ignore lint/suspicious/noExplicitAny: see above; Node checks every member itself
export type Loose = any;

export function load(key: Key, parts: Parts): Promise<webcrypto.CryptoKey> {
  // The guest checks whether the script may export it. The host must, to hand a derived or generated one over.
  const extractable = !['PBKDF2', 'HKDF'].includes(key.algorithm.name.toUpperCase());
  const algorithm = nodeAlgorithm(key.algorithm, parts) as Loose;
  return subtle.importKey(key.format, parts.need('key') as Loose, algorithm, extractable, key.usages);
}

/** The algorithm of a derivation. The other side's public key of ECDH and X25519 is on the curve of the base key. */
export async function derivation(algorithm: Algorithm, key: Key, parts: Parts): Promise<NodeAlgorithm> {
  const made = nodeAlgorithm(algorithm, parts);
  const other = parts.get('algorithm.public');
  if (!other) return made;
  const { name, namedCurve } = key.algorithm;
  const curve = { name, ...(namedCurve === undefined ? {} : { namedCurve }) } as Loose;
  return { ...made, public: await subtle.importKey('spki', other as Loose, curve, true, []) };
}
