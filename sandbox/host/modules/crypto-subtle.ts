import { createCipheriv, createDecipheriv, webcrypto } from 'node:crypto';
import * as z from 'zod';
import type { Answer, HostModule, OperationScope } from '../operations.ts';
import { limits } from './crypto-kdf.ts';
import { asyncOperation, atMost, codedError, type Parts } from './crypto-operation.ts';
import {
  Algorithm,
  derivation,
  Key,
  type Loose,
  load,
  nodeAlgorithm,
  usages,
} from './crypto-subtle-algorithm.ts';
import { inThreadPool } from './crypto-thread-pool.ts';

const { subtle } = webcrypto;

const MAX_MODULUS_BITS = { generated: 4096, imported: 8192 } as const;

async function describe(
  key: webcrypto.CryptoKey,
  known?: Uint8Array,
): Promise<Answer & { payload: Uint8Array }> {
  const { publicExponent, hash, ...algorithm } = key.algorithm as Loose;
  atMost('modulusLength', algorithm.modulusLength ?? 0, MAX_MODULUS_BITS.imported);
  const format = key.type === 'secret' ? 'raw' : key.type === 'public' ? 'spki' : 'pkcs8';
  return {
    value: {
      type: key.type,
      usages: key.usages,
      format,
      algorithm: {
        ...algorithm,
        ...(hash ? { hash: hash.name } : {}),
        ...(publicExponent ? { publicExponent: [...publicExponent] } : {}),
      },
    },
    payload: known ?? new Uint8Array(await subtle.exportKey(format, key)),
  };
}

/** A DOMException's `code` is an old number; its name crosses in the place of it. */
async function asNamedErrors(job: () => Promise<Answer>): Promise<Answer> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof DOMException) throw codedError(Error, error.name, error.message);
    throw error;
  }
}

function operation<Schema extends z.ZodType>(
  schema: Schema,
  run: (params: z.output<Schema>, parts: Parts, scope: OperationScope) => Promise<Answer>,
) {
  return asyncOperation(schema, (params, parts, scope) =>
    inThreadPool(scope, () => asNamedErrors(() => run(params, parts, scope))),
  );
}

const WithKey = z.object({ algorithm: Algorithm, key: Key });
const NewKey = z.object({ algorithm: Algorithm, extractable: z.boolean(), usages });

async function transform(
  how: 'sign' | 'encrypt' | 'decrypt',
  params: z.infer<typeof WithKey>,
  parts: Parts,
): Promise<Answer> {
  const key = await load(params.key, parts);
  const algorithm = nodeAlgorithm(params.algorithm, parts) as Loose;
  return { payload: new Uint8Array(await subtle[how](algorithm, key, parts.need('data') as Loose)) };
}

/** RFC 3394 section 2.2.3.1. */
const KEY_WRAP_IV = Buffer.alloc(8, 0xa6);

function keyWrap(direction: 'wrap' | 'unwrap', parts: Parts): Answer {
  const [key, data] = [parts.need('key'), parts.need('data')];
  const create = direction === 'wrap' ? createCipheriv : createDecipheriv;
  try {
    const cipher = create(`id-aes${8 * key.length}-wrap`, key, KEY_WRAP_IV);
    return { payload: Buffer.concat([cipher.update(data), cipher.final()]) };
  } catch {
    throw codedError(Error, 'OperationError', 'The operation failed for an operation-specific reason');
  }
}

export const subtleOperations: HostModule = {
  async: {
    'crypto.subtle.digest': operation(z.object({ name: z.string() }), async ({ name }, parts) => ({
      payload: new Uint8Array(await subtle.digest(name, parts.need('data') as Loose)),
    })),

    'crypto.subtle.importKey': operation(
      NewKey.extend({
        format: z.enum(['raw', 'jwk', 'pkcs8', 'spki']),
        jwk: z.record(z.string(), z.unknown()).optional(),
      }),
      async ({ format, jwk, algorithm, usages, extractable }, parts) => {
        const material = (format === 'jwk' ? jwk : parts.need('key')) as Loose;
        const how = nodeAlgorithm(algorithm, parts) as Loose;
        // Key derivation keys are never extractable; theirs are the bytes that came.
        const derivation = ['PBKDF2', 'HKDF'].includes(algorithm.name.toUpperCase());
        if (derivation) {
          const key = await subtle.importKey(format as 'raw', material, how, extractable, usages);
          return describe(key, Uint8Array.from(parts.need('key')));
        }
        return describe(await subtle.importKey(format as 'raw', material, how, true, usages));
      },
    ),

    'crypto.subtle.exportKey': operation(
      z.object({ format: z.enum(['raw', 'jwk', 'pkcs8', 'spki']), key: Key }),
      async ({ format, key }, parts) => {
        const exported: unknown = await subtle.exportKey(format as 'raw', await load(key, parts));
        return exported instanceof ArrayBuffer ? { payload: new Uint8Array(exported) } : { value: exported };
      },
    ),

    'crypto.subtle.generateKey': operation(NewKey, async ({ algorithm, usages }, parts) => {
      atMost('algorithm.modulusLength', algorithm.modulusLength ?? 0, MAX_MODULUS_BITS.generated);
      const exponent = algorithm.publicExponent?.join() ?? '1,0,1';
      if (!['1,0,1', '3'].includes(exponent))
        throw codedError(Error, 'OperationError', 'publicExponent must be 3 or 65537');
      const made: unknown = await subtle.generateKey(nodeAlgorithm(algorithm, parts) as Loose, true, usages);
      const pair = made as webcrypto.CryptoKeyPair;
      if (!pair.privateKey) return describe(made as webcrypto.CryptoKey);
      const [publicKey, privateKey] = [await describe(pair.publicKey), await describe(pair.privateKey)];
      return {
        value: {
          public: publicKey.value,
          private: privateKey.value,
          publicLength: publicKey.payload.length,
        },
        payload: Buffer.concat([publicKey.payload, privateKey.payload]),
      };
    }),

    'crypto.subtle.sign': operation(WithKey, (params, parts) => transform('sign', params, parts)),
    'crypto.subtle.encrypt': operation(WithKey, (params, parts) => transform('encrypt', params, parts)),
    'crypto.subtle.decrypt': operation(WithKey, (params, parts) => transform('decrypt', params, parts)),

    'crypto.subtle.wrap': operation(
      z.object({ direction: z.enum(['wrap', 'unwrap']) }),
      async ({ direction }, parts) => keyWrap(direction, parts),
    ),

    'crypto.subtle.verify': operation(WithKey, async (params, parts) => {
      const key = await load(params.key, parts);
      const algorithm = nodeAlgorithm(params.algorithm, parts) as Loose;
      const [signature, data] = [parts.need('signature') as Loose, parts.need('data') as Loose];
      return { value: await subtle.verify(algorithm, key, signature, data) };
    }),

    'crypto.subtle.deriveBits': operation(
      WithKey.extend({
        length: z
          .int()
          .min(0)
          .max(8 * limits.derivedBytes)
          .nullable(),
      }),
      async (params, parts) => {
        const key = await load(params.key, parts);
        const algorithm = (await derivation(params.algorithm, params.key, parts)) as Loose;
        return { payload: new Uint8Array(await subtle.deriveBits(algorithm, key, params.length)) };
      },
    ),

    'crypto.subtle.deriveKey': operation(
      WithKey.extend({ derived: Algorithm, usages }),
      async (params, parts) => {
        const key = await load(params.key, parts);
        const algorithm = (await derivation(params.algorithm, params.key, parts)) as Loose;
        const { derived, usages: keyUsages } = params;
        const made = await subtle.deriveKey(algorithm, key, derived as Loose, true, keyUsages);
        return describe(made);
      },
    ),
  },
};
