import { hash, randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';

export const scopes = ['execute', 'read:connections', 'read:recordings', 'read:events'] as const;
export type Scope = (typeof scopes)[number];
/** Of a key that nothing is said of: recordings and events are for people who look after things, not for an auth server. */
export const defaultScopes: readonly Scope[] = ['execute', 'read:connections'];

const timestamp = z.iso.datetime();

/** A key as the file keeps it. The key itself is shown once, when it is made, and kept nowhere. */
export const StoredKey = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{12}$/),
  name: z.string().min(1).max(100),
  tenant: z.string().min(1),
  scopes: z.array(z.enum(scopes)).min(1),
  created_at: timestamp,
  revoked_at: timestamp.optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type StoredKey = z.infer<typeof StoredKey>;

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/**
 * SHA-256 of the whole key. A slow, salted hash is for passwords, which people choose and an attacker can
 * guess; the secret here is 256 random bits, so there is nothing to guess and no table to look up, and a fast
 * hash keeps the check cheap (NIST SP 800-63B §5.1.2.2 asks salt and stretching of secrets below 112 bits).
 * The id in the key makes equal secrets, were there any, hash differently.
 */
export function digestOfKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** `db_<id>_<secret>`: the id names the key in lists and logs, the secret is 256 bits as base64url. */
export function createApiKey(about: { name: string; tenant: string; scopes: readonly Scope[]; now: Date }): {
  key: string;
  stored: StoredKey;
} {
  const id = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('');
  const key = `db_${id}_${randomBytes(32).toString('base64url')}`;
  const stored = StoredKey.parse({
    id,
    name: about.name,
    tenant: about.tenant,
    scopes: [...about.scopes],
    created_at: about.now.toISOString(),
    sha256: digestOfKey(key).toString('hex'),
  });
  return { key, stored };
}

/** The id within a key of our format; undefined for anything else. */
export function idOfKey(key: string): string | undefined {
  return /^db_([a-z0-9]{12})_[A-Za-z0-9_-]{43}$/.exec(key)?.[1];
}
