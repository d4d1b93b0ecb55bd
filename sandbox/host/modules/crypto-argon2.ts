import * as crypto from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { HostModule } from '../operations.ts';
import { asyncOperation, atMost, type Parts, syncOperation } from './crypto-operation.ts';
import { inThreadPool } from './crypto-thread-pool.ts';

/**
 * Bounds on cost. Memory is the host's, of which three jobs may run at once; passes over it are time: about 50 ms each
 * for 64 MiB. OWASP recommends up to 46 MiB with one pass, RFC 9106 section 4 64 MiB with three.
 */
export const argon2Limits = {
  memoryKib: 64 * 1024,
  /** Kibibytes times passes. */
  cost: { sync: 8 * 64 * 1024, async: 32 * 64 * 1024 },
  parallelism: 16,
  tagBytes: 1024,
} as const;

const Argon2 = z.object({
  algorithm: z.enum(['argon2d', 'argon2i', 'argon2id']),
  parallelism: z.int().min(1),
  tagLength: z.int().min(4),
  memory: z.int().min(8),
  passes: z.int().min(1),
});
type Argon2 = z.infer<typeof Argon2>;

const argon2 = promisify(crypto.argon2);

function parametersOf(params: Argon2, parts: Parts, how: 'sync' | 'async'): crypto.Argon2Parameters {
  const { algorithm: _, ...numbers } = params;
  const { parallelism, tagLength, memory, passes } = numbers;
  atMost('parameters.parallelism', parallelism, argon2Limits.parallelism);
  atMost('parameters.tagLength', tagLength, argon2Limits.tagBytes);
  atMost('parameters.memory', memory, argon2Limits.memoryKib);
  atMost('parameters.passes', passes, Math.floor(argon2Limits.cost[how] / memory));
  const [secret, associatedData] = [parts.get('secret'), parts.get('associatedData')];
  return {
    ...numbers,
    message: parts.need('message'),
    nonce: parts.need('nonce'),
    ...(secret ? { secret } : {}),
    ...(associatedData ? { associatedData } : {}),
  };
}

export const argon2Operations: HostModule = {
  sync: {
    'crypto.argon2': syncOperation(Argon2, (params, parts) => ({
      payload: crypto.argon2Sync(params.algorithm, parametersOf(params, parts, 'sync')),
    })),
  },
  async: {
    'crypto.argon2': asyncOperation(Argon2, async (params, parts, scope) => {
      const parameters = parametersOf(params, parts, 'async');
      // OpenSSL fills the lanes with a thread each.
      const threads = Math.min(params.parallelism, availableParallelism());
      return { payload: await inThreadPool(scope, () => argon2(params.algorithm, parameters), threads) };
    }),
  },
};
