import { userHandleNotFound } from '../../user-handles/refusals.ts';
import type { UserHandles } from '../../user-handles/user-handles.ts';
import { jsonAnswer } from '../answer.ts';
import { findConnection } from '../find-connection.ts';
import { readJsonBody } from '../read-json-body.ts';
import { UserHandleAnswer, UserHandleRequest } from '../user-handle-schemas.ts';
import { userHandlesOn } from '../user-handles-on.ts';
import { validateBody } from '../validate-body.ts';
import type { Endpoint } from './endpoint.ts';

/** The map of user handles; runs no script. */
export const userHandle: Endpoint = {
  operationId: 'userHandle',
  method: 'post',
  path: '/v1/connections/:connection/user-handle',
  scope: 'execute',
  summary: 'Give, find or bind a WebAuthn user handle',
  body: { schema: UserHandleRequest, required: true },
  answer: UserHandleAnswer,
  created: 'A new user handle, bound to nobody',
  errors: ['user_handle_not_found', 'user_handle_taken', 'user_handles_off'],
  async respond(parts, req, call) {
    const raw = await readJsonBody(req);
    const connection = findConnection(parts.store, req, call);
    const asked = validateBody(UserHandleRequest, raw);
    const answer = answerTo(userHandlesOn(parts), connection.name, asked);
    const isNew = asked.user_handle === undefined && asked.user_id === undefined;
    return jsonAnswer(isNew ? 201 : 200, answer);
  },
};

function answerTo(handles: UserHandles, connection: string, asked: UserHandleRequest): UserHandleAnswer {
  const { user_handle: handle, user_id: userId } = asked;
  if (handle === undefined) {
    if (userId === undefined) return { user_handle: handles.mint(connection), user_id: null };
    return { user_handle: handles.handleOf(connection, userId), user_id: userId };
  }
  if (userId !== undefined) {
    handles.bind(connection, handle, userId);
    return { user_handle: handle, user_id: userId };
  }
  const bound = handles.userOf(connection, handle);
  if (bound === undefined) throw userHandleNotFound();
  return { user_handle: handle, user_id: bound };
}
