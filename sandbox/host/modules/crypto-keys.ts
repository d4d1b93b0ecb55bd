import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { Answer, HostModule } from '../operations.ts';
import { describeKey, KeySpec, keyBytes, loadPrivateKey, loadPublicKey } from './crypto-key-spec.ts';
import { asyncOperation, atMost, codedError, type Parts, syncOperation } from './crypto-operation.ts';
import { inThreadPool } from './crypto-thread-pool.ts';

/** RSA key generation takes about half a second at 3072 bits and some seconds at 4096. */
const MAX_GENERATED_MODULUS = { sync: 3072, async: 4096 } as const;

const Generate = z.object({
  type: z.string(),
  options: z.object({
    modulusLength: z.int().min(0).optional(),
    publicExponent: z.int().min(0).optional(),
    hashAlgorithm: z.string().optional(),
    mgf1HashAlgorithm: z.string().optional(),
    saltLength: z.int().min(0).optional(),
    namedCurve: z.string().optional(),
  }),
});
type Generate = z.infer<typeof Generate>;

const generatedTypes = ['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448', 'x25519', 'x448'];

// Node's declaration has one overload per key type; the type is known at run time only.
const generateKeyPairSync = crypto.generateKeyPairSync as unknown as (
  type: string,
  options: object,
) => crypto.KeyPairKeyObjectResult;
const generateKeyPair = promisify(crypto.generateKeyPair) as unknown as (
  type: string,
  options: object,
) => Promise<crypto.KeyPairKeyObjectResult>;

function checkGenerate({ type, options }: Generate, how: 'sync' | 'async'): void {
  if (!generatedTypes.includes(type)) {
    const message = `The argument 'type' must be a supported key type. Received '${type}'`;
    throw codedError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
  }
  atMost('options.modulusLength', options.modulusLength ?? 0, MAX_GENERATED_MODULUS[how]);
  // With an unlucky exponent OpenSSL searches for primes without end.
  if (![undefined, 3, 65_537].includes(options.publicExponent))
    throw codedError(
      RangeError,
      'ERR_OUT_OF_RANGE',
      'The value of "options.publicExponent" must be 3 or 65537',
    );
}

function pairAnswer({ publicKey, privateKey }: crypto.KeyPairKeyObjectResult): Answer {
  const publicBytes = keyBytes(publicKey);
  return {
    value: {
      public: describeKey(publicKey).value,
      private: describeKey(privateKey).value,
      publicLength: publicBytes.length,
    },
    payload: Buffer.concat([publicBytes, keyBytes(privateKey)]),
  };
}

const Export = z.object({
  key: KeySpec,
  format: z.enum(['pem', 'der', 'jwk']),
  type: z.enum(['pkcs1', 'pkcs8', 'spki', 'sec1']).optional(),
  cipher: z.string().optional(),
});

function exportKey({ key: spec, format, type, cipher }: z.infer<typeof Export>, parts: Parts): Answer {
  const isPrivate = spec.kind === 'object' && spec.type === 'private';
  const key = isPrivate ? loadPrivateKey(spec, parts) : loadPublicKey(spec, parts);
  if (format === 'jwk') return { value: key.export({ format: 'jwk' }) };
  const passphrase = parts.get('exportPassphrase');
  // Node checks type and cipher itself, with its own messages.
  const exported = key.export({
    format,
    type,
    ...(cipher === undefined ? {} : { cipher }),
    ...(passphrase ? { passphrase } : {}),
  } as crypto.KeyExportOptions<'pem'>);
  return { payload: exported };
}

export const keyOperations: HostModule = {
  sync: {
    'crypto.createKey': syncOperation(
      z.object({ key: KeySpec, type: z.enum(['public', 'private']) }),
      ({ key, type }, parts) =>
        describeKey(type === 'private' ? loadPrivateKey(key, parts) : loadPublicKey(key, parts)),
    ),
    'crypto.exportKey': syncOperation(Export, exportKey),
    'crypto.generateKeyPair': syncOperation(Generate, (params) => {
      checkGenerate(params, 'sync');
      return pairAnswer(generateKeyPairSync(params.type, params.options));
    }),
  },
  async: {
    'crypto.generateKeyPair': asyncOperation(Generate, async (params, _, scope) => {
      checkGenerate(params, 'async');
      return pairAnswer(await inThreadPool(scope, () => generateKeyPair(params.type, params.options)));
    }),
  },
};
