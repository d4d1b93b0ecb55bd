import type { errors } from 'oidc-provider';
import type { Domain, Parts } from '../parts.ts';
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
    const inUse = (id: string) => domains.some((each) => each.rpId() === id);
    return { origin, host, provider: createProvider(parts, adapter, origin), rpId, ownRpId, inUse };
  });
  return domains;
}

/** oidc-provider looks at an application when it is first asked for. Throws Error. */
export async function checkClients({ settings }: Parts, domains: readonly Domain[]): Promise<void> {
  for (const { client_id } of settings.clients) {
    await domains[0]!.provider.Client.find(client_id).catch((error: errors.OIDCProviderError) => {
      throw new Error(`client "${client_id}": ${error.error_description ?? error.message}`);
    });
  }
}

/** oidc-provider would find out at the first login. */
function refuseUnknownGrants({ settings, extensions }: Parts): void {
  const ofExtensions = extensions.flatMap(({ grantTypes = [] }) => grantTypes);
  const known = ['authorization_code', 'refresh_token', ...ofExtensions];
  for (const { client_id, grant_types } of settings.clients) {
    const unknown = grant_types.find((grant) => !known.includes(grant));
    if (unknown === undefined) continue;
    const problem = `nothing here knows "${unknown}"; there is ${known.join(', ')}`;
    throw new Error(`grant_types of client "${client_id}": ${problem}`);
  }
}
