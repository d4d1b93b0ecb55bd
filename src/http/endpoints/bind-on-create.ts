import type { Connection } from '../../connections/connection.ts';
import { signupMethod } from '../../runner/check-create.ts';
import type { ActionAnswer, CallOptions } from '../../runner/runner.ts';
import type { ActionInputs, ActionResults } from '../../scripts/actions.ts';
import { userHandleNotFound, userHandleTaken } from '../../user-handles/refusals.ts';
import { userHandlesOn } from '../user-handles-on.ts';
import { invalidRequest } from '../validate-body.ts';
import type { EndpointParts } from './script-endpoint.ts';

interface Created {
  connection: Connection;
  input: ActionInputs['create'];
  /** The user handle that came with the request. */
  handle: string | undefined;
  options: CallOptions;
}

type CreateAnswer = ActionAnswer<ActionResults['create'] & { user_handle?: string }>;

/**
 * Runs a create or signup and binds the user handle to the new user as soon as there is one: when the proof fails the
 * user is there all the same. Throws, before anything is run, invalid_request, user_handles_off, user_handle_not_found
 * and user_handle_taken. A handle that cannot be bound in the end is left out of the answer: the user has been made.
 */
export async function bindOnCreate(
  parts: EndpointParts,
  { connection, input, handle, options }: Created,
  run: (options: CallOptions) => Promise<CreateAnswer>,
): Promise<CreateAnswer> {
  if (handle === undefined) return run(options);
  refusePasswords(input);
  const handles = userHandlesOn(parts);
  const boundTo = handles.userOf(connection.name, handle);
  if (boundTo === undefined) throw userHandleNotFound();
  if (boundTo !== null) throw userHandleTaken('The user handle is bound to a user already');

  let isBound = false;
  const answer = await run({
    ...options,
    onCreated({ user_id: userId }) {
      try {
        handles.bind(connection.name, handle, userId);
        isBound = true;
      } catch (err) {
        const fields = { err, reason: reasonOf(err), connection: connection.name };
        parts.logger.error(
          { ...fields, execution: options.executionId },
          'a user was created, and the user handle of the signup is not bound to it',
        );
      }
    },
  });
  return isBound ? { ...answer, result: { ...answer.result, user_handle: handle } } : answer;
}

/** SQLite's words for what went wrong, or the code of ours. */
function reasonOf(error: unknown): string | undefined {
  const { errstr, code } = error as { errstr?: string; code?: string };
  return errstr ?? code;
}

function refusePasswords(input: Created['input']): void {
  if (signupMethod(input) === 'passkey') return;
  const message = 'is for passkey signups: leave it out of a signup with a password';
  throw invalidRequest([{ path: 'user_handle', code: 'user_handle_not_allowed', message }]);
}
