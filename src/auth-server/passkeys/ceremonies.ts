import { randomBytes } from 'node:crypto';
import { CeremonyError } from './ceremony-error.ts';

/** A ceremony under way: what the challenge was made for. */
export interface Ceremony {
  challenge: string;
  purpose: 'register' | 'login';
  /** The login, or the native session, that it belongs to; no other may use it. */
  session: string;
  rpId: string;
  /** Of the user whom a new passkey is for. */
  userHandle?: string;
}

export interface CeremonyStart extends Pick<Ceremony, 'session' | 'rpId'> {
  /** `required` when absent. */
  userVerification?: 'required' | 'preferred';
}

/** What the device answered, and where. */
export interface CeremonyAnswer extends Pick<CeremonyStart, 'session' | 'userVerification'> {
  /** Where pages and applications may use the passkey. */
  allowedOrigins: readonly string[];
  response: unknown;
}

const LASTS_MS = 5 * 60_000;
const MOST = 100_000;
/** The oldest goes first: who asks for challenges without end crowds out their own alone. */
const MOST_OF_SESSION = 10;

/** In memory: who is in the middle of one when the server ends begins again. */
export function createCeremonies(now: () => number = Date.now) {
  const underWay = new Map<string, { ceremony: Ceremony; until: number }>();
  const ofSessions = new Map<string, Set<string>>();

  function remove(challenge: string) {
    const found = underWay.get(challenge);
    if (!found) return undefined;
    underWay.delete(challenge);
    const own = ofSessions.get(found.ceremony.session);
    own?.delete(challenge);
    if (own?.size === 0) ofSessions.delete(found.ceremony.session);
    return found;
  }

  return {
    begin(given: Omit<Ceremony, 'challenge'>): Ceremony {
      const ceremony = { ...given, challenge: randomBytes(32).toString('base64url') };
      underWay.set(ceremony.challenge, { ceremony, until: now() + LASTS_MS });
      const own = ofSessions.get(given.session) ?? new Set();
      ofSessions.set(given.session, own.add(ceremony.challenge));
      const [oldest] = own;
      if (oldest !== undefined && own.size > MOST_OF_SESSION) remove(oldest);
      for (const [challenge, { until }] of underWay) {
        if (until > now() && underWay.size <= MOST) break;
        remove(challenge);
      }
      return ceremony;
    },
    /** Each challenge is good for one try, whatever comes of it. Throws CeremonyError `challenge_unknown`. */
    take(challenge: string, { purpose, session }: Pick<Ceremony, 'purpose' | 'session'>): Ceremony {
      const found = remove(challenge);
      const isOurs = found?.ceremony.purpose === purpose && found.ceremony.session === session;
      if (!found || !isOurs || found.until <= now()) throw new CeremonyError('challenge_unknown');
      return found.ceremony;
    },
  };
}

export type Ceremonies = ReturnType<typeof createCeremonies>;
