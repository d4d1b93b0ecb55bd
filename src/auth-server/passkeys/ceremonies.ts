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

export interface Ceremonies {
  begin(ceremony: Omit<Ceremony, 'challenge'>): Ceremony;
  /** Each challenge is good for one try, whatever comes of it. Throws CeremonyError `challenge_unknown`. */
  take(challenge: string, expected: Pick<Ceremony, 'purpose' | 'session'>): Ceremony;
}

const LASTS_MS = 5 * 60_000;
const MOST = 100_000;

/** In memory: who is in the middle of one when the server ends begins again. */
export function createCeremonies(now: () => number = Date.now): Ceremonies {
  const underWay = new Map<string, { ceremony: Ceremony; until: number }>();
  return {
    begin(given) {
      const ceremony = { ...given, challenge: randomBytes(32).toString('base64url') };
      underWay.set(ceremony.challenge, { ceremony, until: now() + LASTS_MS });
      for (const [challenge, { until }] of underWay) {
        if (until > now() && underWay.size <= MOST) break;
        underWay.delete(challenge);
      }
      return ceremony;
    },
    take(challenge, { purpose, session }) {
      const found = underWay.get(challenge);
      underWay.delete(challenge);
      if (!found || found.until <= now()) throw new CeremonyError('challenge_unknown');
      const { ceremony } = found;
      if (ceremony.purpose !== purpose || ceremony.session !== session)
        throw new CeremonyError('challenge_unknown');
      return ceremony;
    },
  };
}
