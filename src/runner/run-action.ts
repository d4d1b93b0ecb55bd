import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ActionInputs, ActionResults } from '../scripts/actions.ts';
import { checkScript } from './check-script.ts';
import { createUser } from './create-user.ts';
import type { Execution } from './execution.ts';
import { logIn } from './log-in.ts';
import { lookUp } from './look-up.ts';
import { readChanged, readPasswordChanged, readVerified } from './read-change.ts';
import type { Returned } from './returned.ts';
import { runScript } from './run-script.ts';
import type { RunnerParts } from './runner-parts.ts';

type ActionRun<A extends ActionName> = (
  parts: RunnerParts,
  execution: Execution,
  input: ActionInputs[A],
) => Promise<ActionResults[A]>;

/** What each action is, checks and reading of the result included. Throws ServiceError. */
const actions: { [A in ActionName]: ActionRun<A> } = {
  login: async (parts, execution, input) => ({ user: await logIn(parts, execution, input) }),
  get_user: lookUp,
  create: async (parts, execution, input) => ({ user: await createUser(parts, execution, input) }),
  verify: checked('verify', readVerified),
  delete: checked('delete', () => ({})),
  change_password: checked('change_password', readPasswordChanged),
  change_email: checked('change_email', (_, returned) => readChanged(returned)),
  change_username: checked('change_username', (_, returned) => readChanged(returned)),
  change_phone_number: checked('change_phone_number', (_, returned) => readChanged(returned)),
};

export function runAction<A extends ActionName>(
  parts: RunnerParts,
  execution: Execution,
  action: A,
  input: ActionInputs[A],
): Promise<ActionResults[A]> {
  const run: ActionRun<A> = actions[action];
  return run(parts, execution, input);
}

function checked<A extends ActionName>(
  action: A,
  read: (execution: Execution, returned: Returned) => ActionResults[A],
): ActionRun<A> {
  return async (parts, execution, input) => {
    checkScript(execution, action);
    return runScript(parts, execution, action, input, (returned) => read(execution, returned));
  };
}
