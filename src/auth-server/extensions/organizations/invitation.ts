import type { User } from '../../bridge/bridge-client.ts';
import { StepError } from '../../login/failures.ts';
import { type Invitation, openTicket } from './ticket.ts';

export interface Within {
  key: Buffer;
  now(): number;
  /** The id of the organization that is logged in to. */
  organization: string | undefined;
  client: string;
}

/** The invitation that came with a request. Throws StepError where it is not good here and now. */
export function openInvitation(ticket: unknown, { key, now, organization, client }: Within): Invitation {
  const refuse = (code: string, message: string) => new StepError(message, 400, code);
  const invitation = openTicket(String(ticket), key);
  const again = 'Open the link that you were sent once more.';
  if (!invitation) throw refuse('invitation_invalid', `This is no invitation of ours. ${again}`);
  if (invitation.organization !== organization || invitation.client !== client)
    throw refuse('invitation_elsewhere', `This invitation leads elsewhere. ${again}`);
  if (invitation.expiresAt <= now())
    throw refuse('invitation_expired', 'This invitation is too old. Ask for another one.');
  return invitation;
}

export const isInvited = (user: User, email: string): boolean =>
  typeof user.email === 'string' && foldCase(user.email) === foldCase(email);

/** A to Z only: toLowerCase would make a k of the Kelvin sign, and let another in (CWE-178). */
const foldCase = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
