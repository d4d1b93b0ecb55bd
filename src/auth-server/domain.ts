import type Provider from 'oidc-provider';
import { createProvider } from './oidc/create-provider.ts';
import { createOidcAdapters } from './oidc/oidc-adapter.ts';
import type { Parts } from './parts.ts';

/** One of the domains that people log in at. */
export interface Domain {
  /** `https://login.example.com` */
  origin: string;
  host: string;
  provider: Provider;
  /** The relying party of its passkeys: the host, or a registrable domain above it. */
  rpId(): string;
  /** The same as the settings have it. */
  ownRpId: string;
  /** Whether any domain has this RP ID: passkeys of others cannot be used. */
  inUse(rpId: string): boolean;
}

/** Each is an OpenID Provider of its own over the same users. */
export function createDomains(parts: Parts): Domain[] {
  const adapter = createOidcAdapters(parts.database);
  const domains = parts.settings.domains.map(({ origin, relying_party_identifier }): Domain => {
    const { host, hostname } = new URL(origin);
    const ownRpId = relying_party_identifier ?? hostname;
    const rpId = () => {
      const others = parts.extensions.map((extension) => extension.rpIdOf?.(origin));
      return others.find((other) => other !== undefined) ?? ownRpId;
    };
    const provider = createProvider({ parts, adapter, origin });
    return {
      origin,
      host,
      provider,
      rpId,
      ownRpId,
      inUse: (id) => domains.some((each) => each.rpId() === id),
    };
  });
  return domains;
}
