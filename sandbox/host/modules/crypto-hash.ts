import * as crypto from 'node:crypto';
import * as z from 'zod';
import type { HostModule } from '../operations.ts';
import { asyncOperation, atMost, codedError, syncOperation } from './crypto-operation.ts';
import { atOnce } from './crypto-thread-pool.ts';

/** One call's worth of random bytes; more than a script needs, less than would hold the host. */
export const MAX_RANDOM_BYTES = 16 * 1024 * 1024;

const Random = z.object({ size: z.int().nonnegative() });

function random(size: number): { payload: Uint8Array } {
  atMost('size', size, MAX_RANDOM_BYTES);
  return { payload: crypto.randomBytes(size) };
}

export const hashOperations: HostModule = {
  sync: {
    'crypto.hash': syncOperation(
      z.object({ algorithm: z.string(), outputLength: z.int().min(0).max(65_536).optional() }),
      ({ algorithm, outputLength }, parts) => ({
        payload: crypto
          .createHash(algorithm, outputLength === undefined ? {} : { outputLength })
          .update(parts.need('data'))
          .digest(),
      }),
    ),

    'crypto.hmac': syncOperation(z.object({ algorithm: z.string() }), ({ algorithm }, parts) => ({
      payload: crypto.createHmac(algorithm, parts.need('key')).update(parts.need('data')).digest(),
    })),

    /** Throws what Node throws where an object of this kind is made with an unknown digest. */
    'crypto.checkDigest': syncOperation(
      z.object({ algorithm: z.string(), use: z.enum(['hash', 'hmac', 'sign']) }),
      ({ algorithm, use }) => {
        if (use === 'hash') crypto.createHash(algorithm);
        else if (use === 'hmac') crypto.createHmac(algorithm, '');
        else crypto.createSign(algorithm);
        return {};
      },
    ),

    'crypto.list': syncOperation(z.object({ what: z.enum(['hashes', 'ciphers', 'curves']) }), ({ what }) => {
      const lists = { hashes: crypto.getHashes, ciphers: crypto.getCiphers, curves: crypto.getCurves };
      return { value: lists[what]() };
    }),

    'crypto.random': syncOperation(Random, ({ size }) => random(size)),

    'crypto.timingSafeEqual': syncOperation(z.object({}), (_, parts) => {
      const [a, b] = [parts.need('a'), parts.need('b')];
      if (a.length !== b.length) {
        const message = 'Input buffers must have the same byte length';
        throw codedError(
          RangeError as unknown as ErrorConstructor,
          'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
          message,
        );
      }
      return { value: crypto.timingSafeEqual(a, b) };
    }),
  },
  async: {
    'crypto.random': asyncOperation(Random, ({ size }, _, scope) => atOnce(scope, () => random(size))),
  },
};
