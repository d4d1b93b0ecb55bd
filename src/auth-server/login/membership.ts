import type { Organization } from '../bridge/bridge-client.ts';
import type { Parts } from '../parts.ts';

export const notMember = 'This account is no member there. Ask the people who run it for an invitation.';

/** Whether somebody who was not invited may sign up or log in within the organization; without one everybody may. */
export function isOpen(
  { settings }: Pick<Parts, 'settings'>,
  organization: Organization | undefined,
): boolean {
  const of = settings.organizations.find(({ id }) => id === organization?.id);
  return !organization || of?.membership === 'everybody';
}

/** An `org_id` in a token is to say that somebody has let this user in there. */
export const mayEnter = (
  parts: Pick<Parts, 'settings' | 'members'>,
  organization: Organization | undefined,
  userId: string,
): boolean => isOpen(parts, organization) || (!!organization && parts.members.has(organization.id, userId));
