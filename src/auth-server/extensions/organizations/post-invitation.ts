import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { ServiceError } from '../../../errors.ts';
import type { Organization } from '../../bridge/bridge-client.ts';
import type { Parts } from '../../parts.ts';
import { sendProblem } from '../admin/require-admin.ts';
import { sayMissing } from '../say-missing.ts';
import { LONGEST_MS, sealTicket } from './ticket.ts';

const Body = z.strictObject({
  /** The organization's id. */
  organization: z.string().min(1),
  client_id: z.string().min(1),
  email: z.email().max(320),
  /** Seconds; a week when absent. */
  ttl_s: z
    .int()
    .min(60)
    .max(LONGEST_MS / 1000)
    .default(7 * 86_400),
});

export interface InvitationParts extends Pick<Parts, 'settings' | 'events' | 'now'> {
  organizations: readonly Organization[];
  /** 32 bytes. */
  key: Buffer;
}

/** `POST /v1/invitations`: answers the link for an operator to send. The email goes into the link alone, sealed. */
export function postInvitation({
  settings,
  organizations,
  key,
  events,
  now,
}: InvitationParts): RequestHandler {
  return (req, res) => {
    const refuse = (detail: string) => sendProblem(res, new ServiceError('invalid_request', { detail }));
    const body = Body.safeParse(req.body, { error: sayMissing });
    if (!body.success) return refuse(mistakesOf(body.error));
    const { client_id, email, ttl_s } = body.data;
    const organization = organizations.find(({ id }) => id === body.data.organization);
    if (!organization) return refuse('organization: the settings have none with this id');
    const client = settings.clients.find((each) => each.client_id === client_id);
    if (!client?.initiate_login_uri) {
      const lacking = client ? 'the client has no initiate_login_uri in the settings' : 'no such client';
      return refuse(`client_id: ${lacking}`);
    }
    const id = randomUUID();
    const expiresAt = now() + ttl_s * 1000;
    const invitation = { id, organization: organization.id, client: client_id, email, expiresAt };
    const link = new URL(client.initiate_login_uri);
    link.searchParams.set('invitation', sealTicket(invitation, key));
    link.searchParams.set('organization', organization.id);
    link.searchParams.set('organization_name', organization.name);
    const details = { action: 'invitation_created', invitation_id: id };
    events.emit({ type: 'sapi', client_id, organization_id: organization.id, ip: req.ip, details });
    res.status(201).json({ id, invitation_url: link.href, expires_at: new Date(expiresAt).toISOString() });
  };
}

/** `email: Invalid email address; ttl_s: …` */
const mistakesOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'The body'}: ${message}`).join('; ');
