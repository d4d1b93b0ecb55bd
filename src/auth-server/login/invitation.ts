import { openTicket } from '../invitations/ticket.ts';
import { showLogin } from './log-in.ts';
import { type Step, StepError, type Visit } from './visit.ts';

/** A step of a login whose request may name an organization and bring an invitation; both are judged each time. */
export const inOrganization =
  (take: Step): Step =>
  async (visit) => {
    readOrganization(visit);
    readInvitation(visit);
    await take(visit);
  };

function readOrganization({ params, parts, login }: Visit): void {
  if (params.organization === undefined) return;
  const organization = parts.settings.organizations.find(({ id }) => id === params.organization);
  if (!organization) throw new StepError('There is no such organization here.', 400, 'organization_unknown');
  login.organization = organization;
}

function readInvitation({ params, parts, login, client }: Visit): void {
  if (params.invitation === undefined || login.invitation?.isSpent) return;
  const invitation = openTicket(String(params.invitation), parts.invitationKey);
  if (!invitation)
    throw new StepError(
      'This is no invitation of ours. Open the link that you were sent once more.',
      400,
      'invitation_invalid',
    );
  if (invitation.organization !== login.organization?.id || invitation.client !== client.client_id)
    throw new StepError(
      'This invitation leads elsewhere. Open the link that you were sent once more.',
      400,
      'invitation_elsewhere',
    );
  if (invitation.expiresAt <= parts.now())
    throw new StepError('This invitation is too old. Ask for another one.', 400, 'invitation_expired');
  if (parts.usedInvitations.has(invitation.id))
    throw new StepError('This invitation was used before. Log in without it.', 400, 'invitation_used');
  login.invitation = { id: invitation.id, email: invitation.email };
}

/** The first page. Whoever was invited is known by the email: with an account they log in, without one they sign up. */
export async function begin(visit: Visit): Promise<void> {
  const { login, parts, path, res } = visit;
  if (login.invitation && login.identifier === undefined) {
    const { email } = login.invitation;
    const existing = await parts.bridge.findByIdentifier(email, login.organization);
    login.identifier = email;
    if (!existing) return res.redirect(303, `${path}/signup`);
  }
  showLogin(visit);
}
