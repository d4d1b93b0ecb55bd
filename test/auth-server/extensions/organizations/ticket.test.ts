import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openTicket, sealTicket } from '../../../../src/auth-server/extensions/organizations/ticket.ts';

const key = randomBytes(32);
const invitation = {
  id: 'i1',
  organization: 'org_1',
  client: 'app',
  email: 'ann@example.com',
  expiresAt: 1_900_000_000_000,
};

describe('an invitation ticket', () => {
  it('opens with the key it was sealed with, and shows nothing before', () => {
    const ticket = sealTicket(invitation, key);
    expect(ticket).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(ticket, 'base64url').toString('latin1')).not.toMatch(/ann|org_1|app/);
    expect(openTicket(ticket, key)).toEqual(invitation);
    expect(openTicket(ticket, randomBytes(32))).toBeUndefined();
  });

  it('is another one each time', () => {
    expect(sealTicket(invitation, key)).not.toBe(sealTicket(invitation, key));
  });

  it('does not open once any byte has changed, the version among them', () => {
    const bytes = Buffer.from(sealTicket(invitation, key), 'base64url');
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect(openTicket(changed.toString('base64url'), key), `byte ${at}`).toBeUndefined();
    }
  });

  it('does not open when it is cut, empty, or far too long', () => {
    const ticket = sealTicket(invitation, key);
    for (const text of ['', 'AQ', ticket.slice(0, 20), ticket.slice(0, -4), 'A'.repeat(1_000_000)])
      expect(openTicket(text, key)).toBeUndefined();
  });
});
