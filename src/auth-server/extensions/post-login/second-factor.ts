import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import type { Login, Proven } from '../../login/logins.ts';
import { nextStep, refuseLogin } from '../../login/next-step.ts';
import { tell } from '../../login/tell.ts';
import type { Parts, Step, Visit } from '../../parts.ts';
import { askForCode, askToSetUp } from './second-factor-pages.ts';
import { createTotpFactors } from './totp-factors.ts';
import { createWrongCodes } from './wrong-codes.ts';

/** Below a login's. */
export const path = '/second-factor';

export interface SecondFactor {
  demand(proven: Proven): void;
  isDue(proven: Proven): boolean;
  get: Step;
  post: Step;
}

const CodeForm = z.object({
  code: z
    .string()
    .transform((text) => text.replaceAll(/\s/g, ''))
    .pipe(z.string().regex(/^\d{6}$/)),
});

const MOST_WRONG_CODES = 5;

const messages = {
  code_wrong: 'That code is wrong. Type the one that the app shows now.',
  code_used: 'That code was used already. Wait until the app shows the next one.',
};

/** An authenticator app's code (RFC 6238); whoever has no app yet sets one up. */
export function createSecondFactor({ database, now }: Parts): SecondFactor {
  const factors = createTotpFactors(database);
  const wrongCodes = createWrongCodes(now);
  const wrongOfLogin = new WeakMap<Login, number>();
  /** Of whom a code is due; of an app that is being set up, the secret, which no other login has. */
  const due = new WeakMap<Proven, { newSecret?: string }>();

  async function show(visit: Visit, message?: string): Promise<void> {
    const { proven } = visit.login;
    const demand = proven && due.get(proven);
    // The page was left behind, or nobody has been here before it.
    if (!proven || !demand) return nextStep(visit);
    if (factors.secretOf(proven.user.user_id) !== undefined) return askForCode(visit, message);
    demand.newSecret ??= new Secret({ size: 20 }).base32;
    askToSetUp(visit, { user: proven.user, secret: demand.newSecret, message });
  }

  async function take(visit: Visit): Promise<void> {
    const { proven } = visit.login;
    const demand = proven && due.get(proven);
    if (!proven || !demand) return nextStep(visit);
    const userId = proven.user.user_id;
    const known = factors.secretOf(userId);
    if (known !== undefined && wrongCodes.areTooMany(userId)) return end(visit, 'Wait 15 minutes, then');
    const secret = known ?? demand.newSecret;
    const form = CodeForm.safeParse(visit.req.body);
    if (!form.success || secret === undefined) return show(visit, 'Type the six digits that the app shows.');

    const step = timeStep(form.data.code, secret, now());
    if (step === undefined) return refuse(visit, userId, 'code_wrong');
    const isNew = known ? factors.use(userId, step) : factors.add(userId, secret, step);
    if (!isNew) return refuse(visit, userId, 'code_used');

    const details = { authenticator: { type: 'otp' } };
    if (known === undefined) tell(visit, 'gd_enrollment_complete', { details });
    tell(visit, 'gd_auth_succeed', { details });
    due.delete(proven);
    proven.methods.push({ name: 'otp' });
    await nextStep(visit);
  }

  async function refuse(visit: Visit, userId: string, code: keyof typeof messages): Promise<void> {
    const { login } = visit;
    // Whoever is setting up the app sees the secret: there is nothing to guess.
    if (factors.secretOf(userId) !== undefined) wrongCodes.add(userId);
    tell(visit, 'gd_auth_failed', { details: { error: { code } } });
    const wrong = (wrongOfLogin.get(login) ?? 0) + 1;
    wrongOfLogin.set(login, wrong);
    if (wrong >= MOST_WRONG_CODES) return end(visit, 'Please');
    await show(visit, messages[code]);
  }

  return {
    demand: (proven) => void due.set(proven, {}),
    isDue: (proven) => due.has(proven),
    get: (visit) => show(visit),
    post: take,
  };
}

function end(visit: Visit, when: string): Promise<void> {
  const message = `Too many wrong codes. ${when} go back to the application and log in again.`;
  return refuseLogin(visit, { code: 'too_many_codes', message, status: 429 }, { event: 'gd_auth_failed' });
}

/** Of a right code, one step early or late at most; the library compares in constant time. */
function timeStep(code: string, secret: string, timestamp: number): number | undefined {
  const totp = new TOTP({ secret });
  const delta = totp.validate({ token: code, timestamp, window: 1 });
  return delta === null ? undefined : totp.counter({ timestamp }) + delta;
}
