import type { Lookup } from '../profile/check-lookup.ts';
import type { ActionResults } from '../scripts/actions.ts';
import { checkLookupByUserId, checkScript } from './check-script.ts';
import type { Execution } from './execution.ts';
import { readLookedUp } from './read-profile.ts';
import { isNothing } from './returned.ts';
import { runScript } from './run-script.ts';
import type { RunnerParts } from './runner-parts.ts';

/** get_user. Only `callback(null)` (or a falsy result) says that there is no such user: an error never does. */
export async function lookUp(
  parts: RunnerParts,
  execution: Execution,
  lookup: Lookup,
): Promise<ActionResults['get_user']> {
  if ('user_id' in lookup) checkLookupByUserId(execution);
  else checkScript(execution, 'get_user');
  return runScript(parts, execution, 'get_user', lookup, (returned) =>
    isNothing(returned)
      ? { found: false, user: null }
      : { found: true, user: readLookedUp(parts, execution, lookup, returned) },
  );
}
