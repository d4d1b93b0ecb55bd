import * as crypto from 'node:crypto';
import * as z from 'zod';
import type { Answer } from '../operations.ts';
import { checkDecryptionCost } from './crypto-key-cost.ts';
import { atMost, codedError, type Parts } from './crypto-operation.ts';

/** A private operation with a longer RSA key would hold a thread for seconds. */
const MAX_MODULUS_BITS = 8192;

/**
 * A key as the guest sends it, whole each time. `object` is a KeyObject that the host made before: its part `key`
 * is SPKI or PKCS#8 DER. The others are what a script gave; a passphrase is the part `passphrase`.
 */
export const KeySpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('object'), type: z.enum(['public', 'private']) }),
  z.object({ kind: z.literal('pem') }),
  z.object({ kind: z.literal('der'), type: z.enum(['pkcs1', 'pkcs8', 'spki', 'sec1']) }),
  z.object({ kind: z.literal('jwk'), jwk: z.record(z.string(), z.unknown()) }),
]);
export type KeySpec = z.infer<typeof KeySpec>;

/** Throws what Node's createPrivateKey throws. */
export function loadPrivateKey(spec: KeySpec, parts: Parts): crypto.KeyObject {
  const secret = passphraseFor(spec, parts);
  switch (spec.kind) {
    case 'object':
      if (spec.type !== 'private') throw wrongType(spec.type, 'private');
      return bounded(crypto.createPrivateKey({ key: parts.need('key'), format: 'der', type: 'pkcs8' }));
    case 'pem':
      return bounded(crypto.createPrivateKey({ key: parts.need('key'), format: 'pem', ...secret }));
    case 'der': {
      if (spec.type === 'spki') throw badKeyType(spec.type);
      const { type } = spec;
      return bounded(crypto.createPrivateKey({ key: parts.need('key'), format: 'der', type, ...secret }));
    }
    case 'jwk':
      return bounded(crypto.createPrivateKey({ key: spec.jwk as crypto.JsonWebKey, format: 'jwk' }));
    default:
      return spec satisfies never;
  }
}

/** Throws what Node's createPublicKey throws. Like it, takes a private key and derives the public one. */
export function loadPublicKey(spec: KeySpec, parts: Parts): crypto.KeyObject {
  const secret = passphraseFor(spec, parts);
  switch (spec.kind) {
    case 'object':
      if (spec.type === 'private') return crypto.createPublicKey(loadPrivateKey(spec, parts));
      return bounded(crypto.createPublicKey({ key: parts.need('key'), format: 'der', type: 'spki' }));
    case 'pem':
      return bounded(crypto.createPublicKey({ key: parts.need('key'), format: 'pem', ...secret }));
    case 'der': {
      if (spec.type === 'pkcs8' || spec.type === 'sec1')
        return crypto.createPublicKey(loadPrivateKey(spec, parts));
      const { type } = spec;
      return bounded(crypto.createPublicKey({ key: parts.need('key'), format: 'der', type, ...secret }));
    }
    case 'jwk':
      return bounded(crypto.createPublicKey({ key: spec.jwk as crypto.JsonWebKey, format: 'jwk' }));
    default:
      return spec satisfies never;
  }
}

/** What the guest keeps of an asymmetric key: everything, so that the host keeps nothing. */
export function describeKey(key: crypto.KeyObject): Answer {
  const { publicExponent, ...details } = key.asymmetricKeyDetails ?? {};
  return {
    value: {
      type: key.type,
      asymmetricKeyType: key.asymmetricKeyType,
      details,
      // JSON has no bigint.
      ...(publicExponent === undefined ? {} : { publicExponent: String(publicExponent) }),
    },
    payload: keyBytes(key),
  };
}

export function keyBytes(key: crypto.KeyObject): Buffer {
  if (key.type === 'secret') return key.export();
  return key.type === 'public'
    ? key.export({ format: 'der', type: 'spki' })
    : key.export({ format: 'der', type: 'pkcs8' });
}

function passphraseFor(spec: KeySpec, parts: Parts): { passphrase?: Buffer } {
  const passphrase = parts.get('passphrase');
  if (!passphrase) return {};
  if (spec.kind === 'pem' || spec.kind === 'der') checkDecryptionCost(parts.need('key'), spec.kind);
  return { passphrase };
}

function bounded(key: crypto.KeyObject): crypto.KeyObject {
  atMost('modulusLength', key.asymmetricKeyDetails?.modulusLength ?? 0, MAX_MODULUS_BITS);
  return key;
}

function wrongType(actual: string, expected: string): Error {
  const message = `Invalid key object type ${actual}, expected ${expected}.`;
  return codedError(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', message);
}

function badKeyType(type: string): Error {
  const message = `The property 'key.type' is invalid. Received '${type}'`;
  return codedError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}
