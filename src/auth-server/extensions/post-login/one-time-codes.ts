import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import type { User } from '../../bridge/bridge-client.ts';
import type { Login, Proven } from '../../login/logins.ts';
import { tell } from '../../login/tell.ts';
import type { EventContext, Parts } from '../../parts.ts';
import { createTotpFactors } from './totp-factors.ts';
import { createWrongCodes } from './wrong-codes.ts';

export type CodeOutcome =
  | 'passed'
  /** Nobody owes a code here. */
  | 'not_due'
  /** That is no six digits, or no app is being set up; nothing was tried. */
  | 'no_code'
  | 'code_wrong'
  | 'code_used'
  /** Five were wrong: this login takes no more. */
  | 'login_over'
  /** Ten were wrong in 15 minutes, in whichever logins. */
  | 'user_must_wait';

type Subject = EventContext['login'] & Pick<Login, 'identifier'>;

/** Codes of authenticator apps (RFC 6238): who owes one, and whether it is right. The pages and the native calls share it. */
export interface OneTimeCodes {
  demand(proven: Proven): void;
  isDue(proven: Proven): boolean;
  /** Whether the user has an app; whoever has none sets one up. */
  isSetUp(userId: string): boolean;
  /** Of the app to set up: a secret in base32, which no other login has, and the `otpauth:` URI for a QR code. */
  setUp(login: Subject): { secret: string; uri: string } | undefined;
  /** Tries a code of the login's user, and tells the log of it. */
  take(about: EventContext, code: unknown): CodeOutcome;
}

/** Six digits, with whatever spaces the app shows between them. */
export const OneTimeCode = z
  .string()
  .transform((text) => text.replaceAll(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/));

const MOST_WRONG_CODES = 5;

export function createOneTimeCodes({ database, now, settings }: Parts): OneTimeCodes {
  const factors = createTotpFactors(database);
  const wrongCodes = createWrongCodes(now);
  const wrongOfLogin = new WeakMap<EventContext['login'], number>();
  /** Of whom a code is due; of an app that is being set up, the secret. */
  const due = new WeakMap<Proven, { newSecret?: string }>();

  function refuse(about: EventContext, userId: string, code: 'code_wrong' | 'code_used'): CodeOutcome {
    // Whoever is setting up the app sees the secret: there is nothing to guess.
    if (factors.secretOf(userId) !== undefined) wrongCodes.add(userId);
    tell(about, 'gd_auth_failed', { details: { error: { code } } });
    const wrong = (wrongOfLogin.get(about.login) ?? 0) + 1;
    wrongOfLogin.set(about.login, wrong);
    return wrong < MOST_WRONG_CODES ? code : 'login_over';
  }

  return {
    demand: (proven) => void due.set(proven, {}),
    isDue: (proven) => due.has(proven),
    isSetUp: (userId) => factors.secretOf(userId) !== undefined,
    setUp({ proven, identifier }) {
      const demand = proven && due.get(proven);
      if (!demand) return undefined;
      demand.newSecret ??= new Secret({ size: 20 }).base32;
      const { newSecret: secret } = demand;
      // Half of a surrogate pair, which JSON of user stores may have, would stand in no URI.
      const label = (identifier ?? nameOf(proven.user)).toWellFormed();
      return { secret, uri: new TOTP({ issuer: settings.name, label, secret }).toString() };
    },
    take(about, given) {
      const { proven } = about.login;
      const demand = proven && due.get(proven);
      if (!demand) return 'not_due';
      // Of many that are sent at once, too, five are tried.
      if ((wrongOfLogin.get(about.login) ?? 0) >= MOST_WRONG_CODES) return 'login_over';
      const userId = proven.user.user_id;
      const known = factors.secretOf(userId);
      if (known !== undefined && wrongCodes.areTooMany(userId)) return 'user_must_wait';
      const secret = known ?? demand.newSecret;
      const code = OneTimeCode.safeParse(given);
      if (!code.success || secret === undefined) return 'no_code';

      const step = timeStep(code.data, secret, now());
      if (step === undefined) return refuse(about, userId, 'code_wrong');
      const isNew = known ? factors.use(userId, step) : factors.add(userId, secret, step);
      if (!isNew) return refuse(about, userId, 'code_used');

      const details = { authenticator: { type: 'otp' } };
      if (known === undefined) tell(about, 'gd_enrollment_complete', { details });
      tell(about, 'gd_auth_succeed', { details });
      due.delete(proven);
      proven.methods.push({ name: 'otp' });
      return 'passed';
    },
  };
}

const nameOf = (user: User) => String(user.email ?? user.username ?? user.phone_number ?? user.user_id);

/** Of a right code, one step early or late at most; the library compares in constant time. */
function timeStep(code: string, secret: string, timestamp: number): number | undefined {
  const totp = new TOTP({ secret });
  const delta = totp.validate({ token: code, timestamp, window: 1 });
  return delta === null ? undefined : totp.counter({ timestamp }) + delta;
}
