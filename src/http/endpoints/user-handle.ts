import type { RequestHandler } from 'express';
import { userHandleNotFound } from '../../user-handles/refusals.ts';
import type { UserHandles } from '../../user-handles/user-handles.ts';
import { jsonAnswer, sendAnswer } from '../answer.ts';
import type { AppParts } from '../app-parts.ts';
import { callOf } from '../call.ts';
import { findConnection } from '../find-connection.ts';
import { readJsonBody } from '../read-json-body.ts';
import { type UserHandleAnswer, UserHandleRequest } from '../user-handle-schemas.ts';
import { userHandlesOn } from '../user-handles-on.ts';
import { validateBody } from '../validate-body.ts';

/** The map of user handles; runs no script. */
export function userHandle(parts: Pick<AppParts, 'store' | 'userHandles'>): RequestHandler {
  return async (req, res) => {
    const raw = await readJsonBody(req);
    const connection = findConnection(parts.store, String(req.params.connection));
    callOf(res).connection = connection.name;
    const asked = validateBody(UserHandleRequest, raw);
    const answer = answerTo(userHandlesOn(parts), connection.name, asked);
    const isNew = asked.user_handle === undefined && asked.user_id === undefined;
    sendAnswer(res, jsonAnswer(isNew ? 201 : 200, answer));
  };
}

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
