import type { IdentifierType, Organization, User } from '../bridge/bridge-client.ts';

export interface SignUp {
  identifier: string;
  type: IdentifierType;
  /**
   * Minted by the bridge when the user chose a passkey, and the same for each try: the device replaces the passkey of
   * the last one, and the bridge can tell whether that one made the user after all.
   */
  userHandle?: string | undefined;
  /** The same until there is an answer, so that a try that was cut off makes no double. */
  idempotencyKey: string;
  /** A try with a passkey failed, and may have made a user whom nobody can tell from somebody else's. */
  mayHaveMadeUser?: boolean;
}

export interface Method {
  /** As the ID token's `amr` has them (RFC 8176); `phr` is a passkey. */
  name: 'pwd' | 'phr' | 'otp';
  /** A passkey on another device answered: a phone beside a desktop. */
  isCrossDevice?: boolean;
}

/** Who it is, as the user store said within this login, and how that was proven. Made anew with each first factor. */
export interface Proven {
  readonly user: User;
  readonly methods: Method[];
  /** The offer of a passkey was answered. */
  isEnrollmentOver?: boolean;
}

/** What one login has come to so far. People's names are in it, so it lives in memory alone. */
export interface Login {
  readonly uid: string;
  /** What was typed. */
  identifier?: string;
  signUp?: SignUp;
  proven?: Proven;
  /** Handed on to scripts; an extension says which it is. */
  organization?: Organization;
}

const LASTS_MS = 3600_000;
const MOST = 10_000;

/** Logins under way, by the uid of their interaction. */
export function createLogins(now: () => number = Date.now) {
  const logins = new Map<string, { login: Login; until: number }>();
  return {
    of(uid: string): Login {
      const found = logins.get(uid);
      if (found && found.until > now()) return found.login;
      const login: Login = { uid };
      logins.set(uid, { login, until: now() + LASTS_MS });
      for (const [old, { until }] of logins) {
        if (until > now() && logins.size <= MOST) break;
        logins.delete(old);
      }
      return login;
    },
    end: (uid: string) => void logins.delete(uid),
  };
}

export type Logins = ReturnType<typeof createLogins>;
