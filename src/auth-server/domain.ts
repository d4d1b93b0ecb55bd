import type Provider from 'oidc-provider';
import type { Passkey } from './database/passkeys.ts';

/** One of the domains that people log in at. */
export interface Domain {
  /** `https://login.example.com` */
  origin: string;
  host: string;
  provider: Provider;
  /** The relying party of its passkeys: the host, or a registrable domain above it. */
  rpId(): string;
  /** The same without what was saved in the panel. */
  ownRpId: string;
  /** Whether a user with these passkeys uses them at another domain: then none is made here. */
  boundElsewhere(existing: readonly Passkey[]): boolean;
}
