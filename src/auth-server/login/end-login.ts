import type { EventType } from '../../events/event-types.ts';
import { failurePage } from '../pages/failure.ts';
import type { Refusal, Visit } from '../parts.ts';
import { tell } from './tell.ts';

export interface LoginEnd extends Refusal {
  event?: EventType;
  /** Where the login is not the user's yet. */
  userId?: string | undefined;
}

/** Ends the login with a page that says why, and an event with the code. What was proven in it is forgotten. */
export function endLogin(visit: Visit, { code, message, status, event = 'f', userId }: LoginEnd): void {
  const { parts, login, res } = visit;
  tell(visit, event, { userId, details: { error: { code } } });
  parts.logins.end(login.uid);
  res
    .status(status)
    .type('html')
    .send(failurePage({ brand: parts.settings.name, code, message }));
}
