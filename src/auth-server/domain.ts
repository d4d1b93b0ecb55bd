import type Provider from 'oidc-provider';

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
