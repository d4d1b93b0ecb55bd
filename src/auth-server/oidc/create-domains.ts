import type { Domain } from '../domain.ts';
import type { Parts } from '../parts.ts';
import { createProvider } from './create-provider.ts';
import { createOidcAdapters } from './oidc-adapter.ts';

/** Each is an OpenID Provider of its own over the same users. */
export function createDomains(parts: Parts): Domain[] {
  refuseUnknownGrants(parts);
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

/** oidc-provider would find out at the first login. */
function refuseUnknownGrants({ settings, extensions }: Parts): void {
  const known = [
    'authorization_code',
    'refresh_token',
    ...extensions.flatMap(({ grantTypes = [] }) => grantTypes),
  ];
  for (const { client_id, grant_types } of settings.clients)
    for (const grant of grant_types)
      if (!known.includes(grant))
        throw new Error(
          `grant_types of client "${client_id}": nothing here knows "${grant}"; there is ${known.join(', ')}`,
        );
}
