import { nextStep, refuseLogin } from '../../login/next-step.ts';
import type { Step, Visit } from '../../parts.ts';
import type { OneTimeCodes } from './one-time-codes.ts';
import { askForCode, askToSetUp } from './second-factor-pages.ts';

/** Below a login's. */
export const path = '/second-factor';

const messages = {
  no_code: 'Type the six digits that the app shows.',
  code_wrong: 'That code is wrong. Type the one that the app shows now.',
  code_used: 'That code was used already. Wait until the app shows the next one.',
};

/** The page that asks for a code; whoever has no app yet sets one up. */
export function createSecondFactor(codes: OneTimeCodes): { get: Step; post: Step } {
  async function show(visit: Visit, message?: string): Promise<void> {
    const { proven } = visit.login;
    // The page was left behind, or nobody has been here before it.
    if (!proven || !codes.isDue(proven)) return nextStep(visit);
    const app = codes.isSetUp(proven.user.user_id) ? undefined : codes.setUp(visit.login);
    return app ? askToSetUp(visit, { ...app, message }) : askForCode(visit, message);
  }

  async function take(visit: Visit): Promise<void> {
    const outcome = codes.take(visit, visit.req.body?.code);
    switch (outcome) {
      case 'passed':
      case 'not_due':
        return nextStep(visit);
      case 'login_over':
        return end(visit, 'Please');
      case 'user_must_wait':
        return end(visit, 'Wait 15 minutes, then');
      case 'no_code':
      case 'code_wrong':
      case 'code_used':
        return show(visit, messages[outcome]);
      default:
        return outcome satisfies never;
    }
  }

  return { get: (visit) => show(visit), post: take };
}

function end(visit: Visit, when: string): Promise<void> {
  const message = `Too many wrong codes. ${when} go back to the application and log in again.`;
  return refuseLogin(visit, { code: 'too_many_codes', message, status: 429 }, { event: 'gd_auth_failed' });
}
