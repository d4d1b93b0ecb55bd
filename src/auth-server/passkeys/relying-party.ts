import type { Passkey } from '../database/passkeys.ts';
import type { ClientSettings } from '../settings.ts';

type Origins = Pick<ClientSettings, 'allowed_origins'>;

const isWeb = (origin: string) => /^https?:\/\//.test(origin);

function isWithin(rpId: string, origin: string): boolean {
  if (!isWeb(origin) || !URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return hostname === rpId || hostname.endsWith(`.${rpId}`);
}

/** Where passkeys of a relying party may be used for an application: at the domain itself and on pages of the application. */
export function ceremonyOrigins(domain: { origin: string; rpId(): string }, client: Origins): string[] {
  const pages = client.allowed_origins.filter((origin) => isWithin(domain.rpId(), origin));
  return [...new Set([domain.origin, ...pages])];
}

/** The pages of an application that no passkey of this relying party is for; a parent RP ID does nothing for them. */
export const originsOutside = (rpId: string, { allowed_origins }: Origins): string[] =>
  allowed_origins.filter((origin) => isWeb(origin) && !isWithin(rpId, origin));

/**
 * Whether a user logs in with passkeys at another domain, and so is not to make one here. Those of a relying party that
 * no domain has any more bind nobody: they cannot be used.
 */
export function boundElsewhere(
  existing: readonly Pick<Passkey, 'rpId'>[],
  rpId: string,
  inUse: readonly string[],
): boolean {
  const usable = existing.filter((passkey) => passkey.rpId === rpId || inUse.includes(passkey.rpId));
  return usable.length > 0 && !usable.some((passkey) => passkey.rpId === rpId);
}
