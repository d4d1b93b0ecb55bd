import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Execution } from './execution.ts';

/** Throws script_not_found, or script_invalid with the line and column. Nothing has run then. */
export function checkScript(execution: Execution, action: ActionName): void {
  const script = execution.connection.scripts[action];
  if (!script) {
    throw execution.error('script_not_found', action, {
      detail: `The connection ${execution.connection.name} has no ${action} script`,
    });
  }
  const { problem } = script;
  if (!problem) return;
  const { file = script.file, line, column = 1 } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  throw execution.error('script_invalid', action, {
    detail: `${problem.message} (${place})`,
    issues: [{ path: place, code: 'script_invalid', message: problem.message }],
    ...(line === undefined ? {} : { scriptStack: [`at ${place}`] }),
  });
}

/**
 * Throws context_object_disabled as well: without the context object a script cannot tell a user_id from an
 * identifier, and a user_id that looks like another user's username would open that account.
 */
export function checkLookupByUserId(execution: Execution): void {
  checkScript(execution, 'get_user');
  if (execution.connection.scripts.get_user?.arguments === 'context') return;
  throw execution.error('context_object_disabled', 'get_user', {
    detail:
      'get_user takes no context object, so it could not tell a user_id from an identifier. Set ' +
      'options.enable_script_context to true and write the script as getUser(identifierValue, context, callback).',
  });
}
