import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../../../errors.ts';
import type { Secret } from '../../../keys/secret.ts';

export const SESSION_MS = 8 * 3600_000;
const WRONG_TRIES = 5;
const WAIT_MS = 60_000;
const MOST = 10_000;

export interface Admins {
  /** Whether it is the operator's. Throws ServiceError too_many_attempts after wrong tries, without looking. */
  check(password: string, ip: string | undefined): boolean;
  /** A new session's token, for a cookie. */
  open(): string;
  isOpen(token: string | undefined): boolean;
  end(token: string | undefined): void;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Sessions of the panel live in memory: after a restart the operator logs in again. */
export function createAdmins(password: Secret, now: () => number): Admins {
  const wanted = digest(password.reveal());
  const sessions = new Map<string, number>();
  const tries = new Map<string, { wrong: number; until: number }>();
  const keyOf = (token: string) => digest(token).toString('base64url');

  return {
    check(given, ip = '') {
      const { wrong, until } = tries.get(ip) ?? { wrong: 0, until: 0 };
      if (until > now()) {
        const retryAfterS = Math.ceil((until - now()) / 1000);
        const detail = `The password was wrong too often. Try again in ${retryAfterS} seconds.`;
        throw new ServiceError('too_many_attempts', { detail, retryAfterS });
      }
      tries.delete(ip);
      // Digests have one length, so that the comparison tells nothing of how near a guess came.
      if (timingSafeEqual(digest(given), wanted)) return true;
      tries.set(ip, { wrong: wrong + 1, until: wrong + 1 >= WRONG_TRIES ? now() + WAIT_MS : 0 });
      dropOldest(tries);
      return false;
    },
    open() {
      const token = randomBytes(32).toString('base64url');
      sessions.set(keyOf(token), now() + SESSION_MS);
      dropOldest(sessions);
      return token;
    },
    isOpen: (token) => token !== undefined && (sessions.get(keyOf(token)) ?? 0) > now(),
    end: (token) => void (token !== undefined && sessions.delete(keyOf(token))),
  };
}

function dropOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
