import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';

const Invitation = z.strictObject({
  id: z.string(),
  /** The organization's id. */
  organization: z.string(),
  client: z.string(),
  email: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
});
/** Who is invited where. It travels in the link, sealed; nothing of it is stored. */
export type Invitation = z.infer<typeof Invitation>;

/** As long as Auth0's last at most: 30 days. */
export const LONGEST_MS = 30 * 86_400_000;

/** The first byte, which is authenticated too. */
const version = Buffer.from([1]);
const IV_BYTES = 12;
const TAG_BYTES = 16;
const LONGEST_TICKET = 4096;

/** base64url of version, nonce, sealed JSON and tag (AES-256-GCM). `key` has 32 bytes. */
export function sealTicket(invitation: Invitation, key: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(version);
  const sealed = [cipher.update(JSON.stringify(invitation), 'utf8'), cipher.final()];
  return Buffer.concat([version, iv, ...sealed, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined for whatever was not sealed with this key, or was changed since. Expiry is not judged here. */
export function openTicket(ticket: string, key: Buffer): Invitation | undefined {
  if (ticket.length > LONGEST_TICKET) return undefined;
  const bytes = Buffer.from(ticket, 'base64url');
  const ends = bytes.length - TAG_BYTES;
  if (ends < 1 + IV_BYTES || bytes[0] !== version[0]) return undefined;
  const iv = bytes.subarray(1, 1 + IV_BYTES);
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', key, iv, options).setAAD(version);
  decipher.setAuthTag(bytes.subarray(ends));
  try {
    const text =
      decipher.update(bytes.subarray(1 + IV_BYTES, ends), undefined, 'utf8') + decipher.final('utf8');
    return Invitation.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
