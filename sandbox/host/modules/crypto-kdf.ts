import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { HostModule } from '../operations.ts';
import { asyncOperation, atMost, type Parts, syncOperation } from './crypto-operation.ts';
import { atOnce, inThreadPool } from './crypto-thread-pool.ts';

/**
 * Bounds on cost. The Sync variants hold the host's thread, and with it every script of the process, so they end
 * within about a second; the asynchronous ones hold a thread of the pool for a few seconds at most.
 * PBKDF2: iterations times output blocks; OWASP's highest recommendation is 1,400,000 (HMAC-SHA1).
 * scrypt: N * r * p, which is time, and 128 * N * r bytes of memory.
 */
export const limits = {
  pbkdf2Rounds: { sync: 1_500_000, async: 10_000_000 },
  scryptCost: { sync: 2 ** 21, async: 2 ** 23 },
  scryptMemoryBytes: 128 * 1024 * 1024,
  derivedBytes: 1024 * 1024,
} as const;

const Pbkdf2 = z.object({
  iterations: z.int().min(1),
  keylen: z.int().min(0),
  digest: z.string(),
});

const Scrypt = z.object({
  keylen: z.int().min(0),
  N: z.int().min(0),
  r: z.int().min(0),
  p: z.int().min(0),
  maxmem: z.int().min(0),
});

const Hkdf = z.object({ digest: z.string(), keylen: z.int().min(0) });

const pbkdf2Async = promisify(crypto.pbkdf2);
const scryptAsync = promisify<
  crypto.BinaryLike,
  crypto.BinaryLike,
  number,
  crypto.ScryptOptions,
  NonSharedBuffer
>(crypto.scrypt);

function checkPbkdf2({ iterations, keylen, digest }: z.infer<typeof Pbkdf2>, how: 'sync' | 'async'): void {
  atMost('keylen', keylen, limits.derivedBytes);
  const blockBytes = crypto.getHashes().includes(digest) ? crypto.createHash(digest).digest().length : 1;
  const blocks = Math.max(1, Math.ceil(keylen / blockBytes));
  atMost('iterations', iterations, Math.floor(limits.pbkdf2Rounds[how] / blocks));
}

function scryptOptions({ keylen, N, r, p, maxmem }: z.infer<typeof Scrypt>, how: 'sync' | 'async') {
  atMost('keylen', keylen, limits.derivedBytes);
  atMost('N * r * p', N * r * p, limits.scryptCost[how]);
  atMost('128 * N * r', 128 * N * r, limits.scryptMemoryBytes);
  // OpenSSL counts some bytes beside the big array.
  return { N, r, p, maxmem: Math.min(maxmem, 2 * limits.scryptMemoryBytes) };
}

function hkdf({ digest, keylen }: z.infer<typeof Hkdf>, parts: Parts) {
  atMost('keylen', keylen, limits.derivedBytes);
  const derived = crypto.hkdfSync(digest, parts.need('key'), parts.need('salt'), parts.need('info'), keylen);
  return { payload: new Uint8Array(derived) };
}

export const kdfOperations: HostModule = {
  sync: {
    'crypto.pbkdf2': syncOperation(Pbkdf2, (params, parts) => {
      checkPbkdf2(params, 'sync');
      const { iterations, keylen, digest } = params;
      return {
        payload: crypto.pbkdf2Sync(parts.need('password'), parts.need('salt'), iterations, keylen, digest),
      };
    }),
    'crypto.scrypt': syncOperation(Scrypt, (params, parts) => {
      const options = scryptOptions(params, 'sync');
      return {
        payload: crypto.scryptSync(parts.need('password'), parts.need('salt'), params.keylen, options),
      };
    }),
    'crypto.hkdf': syncOperation(Hkdf, hkdf),
  },
  async: {
    'crypto.pbkdf2': asyncOperation(Pbkdf2, async (params, parts, scope) => {
      checkPbkdf2(params, 'async');
      const { iterations, keylen, digest } = params;
      const [password, salt] = [parts.need('password'), parts.need('salt')];
      return {
        payload: await inThreadPool(scope, () => pbkdf2Async(password, salt, iterations, keylen, digest)),
      };
    }),
    'crypto.scrypt': asyncOperation(Scrypt, async (params, parts, scope) => {
      const options = scryptOptions(params, 'async');
      const [password, salt] = [parts.need('password'), parts.need('salt')];
      return {
        payload: await inThreadPool(scope, () => scryptAsync(password, salt, params.keylen, options)),
      };
    }),
    'crypto.hkdf': asyncOperation(Hkdf, (params, parts, scope) => atOnce(scope, () => hkdf(params, parts))),
  },
};
