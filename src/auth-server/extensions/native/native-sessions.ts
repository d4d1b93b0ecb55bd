import { randomBytes } from 'node:crypto';
import type { Organization } from '../../bridge/bridge-client.ts';

/** What an `auth_session` stands for. A new user's profile is in it, so it lives in memory alone. */
export interface NativeSession {
  purpose: 'register' | 'login';
  clientId: string;
  /** The domain that it was begun at. */
  host: string;
  organization: Organization | undefined;
  /** Of a registration: the user to create. */
  user?: Readonly<Record<string, unknown>>;
}

const LASTS_MS = 5 * 60_000;
const MOST = 10_000;

/** Between a native passkey call and the exchange for tokens. */
export function createNativeSessions(now: () => number = Date.now) {
  const sessions = new Map<string, { session: NativeSession; until: number }>();
  return {
    begin(session: NativeSession): string {
      const authSession = randomBytes(32).toString('base64url');
      sessions.set(authSession, { session, until: now() + LASTS_MS });
      for (const [old, { until }] of sessions) {
        if (until > now() && sessions.size <= MOST) break;
        sessions.delete(old);
      }
      return authSession;
    },
    /** Each is good for one try, whatever comes of it. */
    take(authSession: string): NativeSession | undefined {
      const found = sessions.get(authSession);
      sessions.delete(authSession);
      return found && found.until > now() ? found.session : undefined;
    },
  };
}

export type NativeSessions = ReturnType<typeof createNativeSessions>;
