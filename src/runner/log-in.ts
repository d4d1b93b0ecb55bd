import type { ActionInputs, UserProfile } from '../scripts/actions.ts';
import { checkScript } from './check-script.ts';
import type { Execution } from './execution.ts';
import { readProfile } from './read-profile.ts';
import { isNothing } from './returned.ts';
import { runScript } from './run-script.ts';
import type { RunnerParts } from './runner-parts.ts';

/** Login. No profile and no error is a refusal, as scripts in the wild have it; the user counts as not known. */
export async function logIn(
  parts: RunnerParts,
  execution: Execution,
  input: ActionInputs['login'],
): Promise<UserProfile> {
  checkScript(execution, 'login');
  return runScript(parts, execution, 'login', input, (returned) => {
    if (!isNothing(returned)) return readProfile(parts, execution, 'login', returned);
    throw execution.error('wrong_username_or_password', 'login', {
      detail: 'login returned no profile',
      logCode: 'fu',
    });
  });
}
