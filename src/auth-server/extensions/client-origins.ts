import type { Domain } from '../parts.ts';
import type { ClientSettings } from '../settings.ts';

type Origins = Pick<ClientSettings, 'allowed_origins'>;

const isWeb = (origin: string) => /^https?:\/\//.test(origin);

function isWithin(rpId: string, origin: string): boolean {
  if (!isWeb(origin) || !URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return hostname === rpId || hostname.endsWith(`.${rpId}`);
}

/**
 * Where an application may use the passkeys of a domain: at the domain itself, on its own pages within the relying party,
 * and in apps of a phone (`android:apk-key-hash:…`), which the phone ties to the domain.
 */
export function ceremonyOrigins(domain: Pick<Domain, 'origin' | 'rpId'>, client: Origins): string[] {
  const rpId = domain.rpId();
  const allowed = client.allowed_origins.filter((origin) => !isWeb(origin) || isWithin(rpId, origin));
  return [domain.origin, ...allowed];
}

/** The pages of an application that no passkey of this relying party is for; a parent RP ID does nothing for them. */
export const originsOutside = (rpId: string, { allowed_origins }: Origins): string[] =>
  allowed_origins.filter((origin) => isWeb(origin) && !isWithin(rpId, origin));
