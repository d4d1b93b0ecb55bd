import { randomBytes } from 'node:crypto';
import type { Proven } from '../../../login/logins.ts';
import type { EventContext } from '../../../parts.ts';

/** What an `mfa_token` stands for: a passkey was proven, a code is due. A profile is in it, so it lives in memory alone. */
export interface MfaSession {
  clientId: string;
  /** The domain that the passkey was used at. */
  host: string;
  /** That the exchange of the passkey asked for. */
  scope: string | undefined;
  /** The user and the organization. */
  login: EventContext['login'] & { proven: Proven };
}

/** Auth0's, too. */
const LASTS_MS = 10 * 60_000;
const MOST = 10_000;

/** Between the exchange of a passkey and that of a code. */
export function createMfaSessions(now: () => number = Date.now) {
  const sessions = new Map<string, { session: MfaSession; until: number }>();
  return {
    /** The token: 256 random bits. */
    begin(session: MfaSession): string {
      const token = randomBytes(32).toString('base64url');
      sessions.set(token, { session, until: now() + LASTS_MS });
      for (const [old, { until }] of sessions) {
        // Known as expired for as long again.
        if (until + LASTS_MS > now() && sessions.size <= MOST) break;
        sessions.delete(old);
      }
      return token;
    },
    find(token: string): { session: MfaSession; isExpired: boolean } | undefined {
      const found = sessions.get(token);
      return found && { session: found.session, isExpired: found.until <= now() };
    },
    end: (token: string) => void sessions.delete(token),
  };
}

export type MfaSessions = ReturnType<typeof createMfaSessions>;
