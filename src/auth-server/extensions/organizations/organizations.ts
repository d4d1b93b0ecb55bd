import { json } from 'express';
import { z } from 'zod';
import type { Organization } from '../../bridge/bridge-client.ts';
import { StepError } from '../../login/failures.ts';
import type { Login } from '../../login/logins.ts';
import type { Extension, Parts, Visit } from '../../parts.ts';
import { fields } from '../../settings.ts';
import type { Admins } from '../admin/admins.ts';
import { requireAdmin } from '../admin/require-admin.ts';
import { isInvited, openInvitation } from './invitation.ts';
import { createMembers } from './members.ts';
import { postInvitation } from './post-invitation.ts';
import { withinOrganizations } from './provider.ts';
import { createUsedInvitations } from './used-invitations.ts';

export const OrganizationSettings = fields({
  id: z.string().min(1),
  name: z.string().min(1),
  display_name: z.string().optional(),
  /** Who may log in within it: those who came by an invitation, or everybody whom the scripts and the hook let in. */
  membership: z.enum(['invited', 'everybody']).default('invited'),
});
export type OrganizationSettings = z.infer<typeof OrganizationSettings>;

export interface OrganizationOptions {
  organizations: readonly OrganizationSettings[];
  /** Who may invite. */
  admins: Admins | undefined;
}

/** Logins within an organization, for its members and those whom it invites. */
export function createOrganizations(parts: Parts, { organizations, admins }: OrganizationOptions): Extension {
  const { database, now, bridge } = parts;
  const key = parts.keys.secret('invitations');
  const members = createMembers(database, now);
  const usedInvitations = createUsedInvitations(database, now);
  /** The invitations that brought users to their logins. */
  const invitations = new WeakMap<
    Pick<Login, 'organization'>,
    { id: string; email: string; isSpent?: boolean }
  >();

  function readOrganization({ params, login }: Visit): void {
    if (params.organization === undefined) return;
    const organization = organizations.find(({ id }) => id === params.organization);
    if (!organization)
      throw new StepError('There is no such organization here.', 400, 'organization_unknown');
    login.organization = organization;
  }

  function readInvitation({ params, login, client }: Visit): void {
    if (params.invitation === undefined || invitations.get(login)?.isSpent) return;
    const organization = login.organization?.id;
    const { id, email } = openInvitation(params.invitation, {
      key,
      now,
      organization,
      client: client.client_id,
    });
    if (usedInvitations.has(id))
      throw new StepError('This invitation was used before. Log in without it.', 400, 'invitation_used');
    invitations.set(login, { id, email });
  }

  /** Whether somebody who was not invited may sign up or log in within the organization; without one everybody may. */
  const isOpen = (organization: Organization | undefined) =>
    !organization || organizations.find(({ id }) => id === organization.id)?.membership === 'everybody';

  /** The user is a member from then on; false when somebody else has used the invitation. */
  function spend(login: Pick<Login, 'organization'>, userId: string): boolean {
    const invitation = invitations.get(login);
    if (!invitation || invitation.isSpent) return true;
    if (usedInvitations.has(invitation.id)) return false;
    // In this order: where a write fails the invitation is as good as before.
    if (login.organization) members.add(login.organization.id, userId);
    usedInvitations.add(invitation.id);
    invitation.isSpent = true;
    return true;
  }

  return {
    configureProvider: withinOrganizations(bridge, organizations),
    addRoutes({ app }) {
      const make = postInvitation({ ...parts, organizations, key });
      app.post('/v1/invitations', requireAdmin({ ...parts, admins }), json({ limit: '10kb' }), make);
    },
    /** Whoever was invited is known by the email: with an account they log in, without one they sign up. */
    async beforeStep(visit) {
      readOrganization(visit);
      readInvitation(visit);
      const { login, req, path } = visit;
      const invitation = invitations.get(login);
      const isFirst = req.method === 'GET' && req.path === path && login.identifier === undefined;
      if (!invitation || !isFirst) return undefined;
      const existing = await bridge.findByIdentifier(invitation.email, login.organization);
      login.identifier = invitation.email;
      return existing ? undefined : '/signup';
    },
    /** As with Auth0, an invited account starts with a password; a passkey may be offered at a later login. */
    signUpTerms(login) {
      const { organization } = login;
      const invitation = invitations.get(login);
      if (invitation && organization)
        return {
          invited: { email: invitation.email, to: organization.display_name ?? organization.name },
          noPasskey: new StepError(
            'An invited account starts with a password. Choose one.',
            403,
            'passkey_not_for_invited',
          ),
        };
      if (isOpen(organization)) return {};
      return {
        refusal: new StepError('Signing up here takes an invitation.', 403, 'organization_not_member'),
      };
    },
    afterSignUp: ({ login }, { user_id }) => void spend(login, user_id),
    async admit({ login }, { user }) {
      const invitation = invitations.get(login);
      const { organization } = login;
      if (invitation && !isInvited(user, invitation.email))
        return {
          code: 'invitation_for_another_user',
          message:
            'This invitation is for another account. Log in with the email address that it was sent to.',
          status: 403,
        };
      // An `org_id` in a token is to say that somebody has let this user in there.
      if (invitation || !organization || isOpen(organization) || members.has(organization.id, user.user_id))
        return undefined;
      return {
        code: 'organization_not_member',
        message: 'This account is no member there. Ask the people who run it for an invitation.',
        status: 403,
      };
    },
    beforeEnd({ login }, { user }) {
      if (spend(login, user.user_id)) return undefined;
      return {
        code: 'invitation_used',
        message: 'This invitation was used before. Log in without it.',
        status: 400,
      };
    },
  };
}
