import bcrypt from 'bcrypt';
import * as z from 'zod';
import type { HostModule } from '../operations.ts';
import { asyncOperation, codedError, syncOperation } from './crypto-operation.ts';
import { inThreadPool } from './crypto-thread-pool.ts';

/**
 * Each round more doubles the time; 15 is about 2.5 seconds. The Sync variants hold the host's thread, and with
 * it every script of the process: at 13 for half a second.
 */
export const maxRounds = { sync: 13, async: 15 } as const;

function checkRounds(saltOrHash: string, how: 'sync' | 'async'): void {
  const rounds = Number(/^\$2[abxy]?\$(\d+)\$/.exec(saltOrHash)?.[1] ?? 0);
  if (rounds <= maxRounds[how]) return;
  const hint = how === 'sync' && rounds <= maxRounds.async ? '; the asynchronous variant takes up to 15' : '';
  const message = `The value of "rounds" is out of range. It must be <= ${maxRounds[how]} in an action script${hint}. Received ${rounds}`;
  throw codedError(RangeError, 'ERR_OUT_OF_RANGE', message);
}

/** PHP's and crypt_blowfish's name for what OpenBSD calls 2b; npm bcrypt knows the latter only. */
function asKnownVersion(hash: string): string {
  return hash.startsWith('$2y$') ? `$2b$${hash.slice(4)}` : hash;
}

const Hash = z.object({ salt: z.string() });
const Compare = z.object({ hash: z.string() });

export const bcryptModule: HostModule = {
  sync: {
    'bcrypt.genSalt': syncOperation(
      z.object({ rounds: z.number(), minor: z.enum(['a', 'b']) }),
      ({ rounds, minor }) => {
        // npm bcrypt's own declaration leaves the second argument out.
        const genSaltSync = bcrypt.genSaltSync as (rounds: number, minor: string) => string;
        return { value: genSaltSync(rounds, minor) };
      },
    ),
    'bcrypt.hash': syncOperation(Hash, ({ salt }, parts) => {
      checkRounds(salt, 'sync');
      return { value: bcrypt.hashSync(parts.need('data'), salt) };
    }),
    'bcrypt.compare': syncOperation(Compare, ({ hash }, parts) => {
      checkRounds(hash, 'sync');
      return { value: bcrypt.compareSync(parts.need('data'), asKnownVersion(hash)) };
    }),
  },
  async: {
    'bcrypt.hash': asyncOperation(Hash, async ({ salt }, parts, scope) => {
      checkRounds(salt, 'async');
      const data = parts.need('data');
      return { value: await inThreadPool(scope, () => bcrypt.hash(data, salt)) };
    }),
    'bcrypt.compare': asyncOperation(Compare, async ({ hash }, parts, scope) => {
      checkRounds(hash, 'async');
      const data = parts.need('data');
      return { value: await inThreadPool(scope, () => bcrypt.compare(data, asKnownVersion(hash))) };
    }),
  },
};
