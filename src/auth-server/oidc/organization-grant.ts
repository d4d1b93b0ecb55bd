import type { KoaContextWithOIDC } from 'oidc-provider';

type Grant = NonNullable<KoaContextWithOIDC['oidc']['grant']>;

/** Never asked for as a resource: a grant is for the organization that was logged in to, and for no other. */
const resource = 'urn:drawbridge:organization';

/** The id of the organization that the grant's login was in. */
export const organizationOfGrant = (grant: Grant): string | undefined =>
  grant.getResourceScope(resource) || undefined;

/** Of a new grant. */
export const grantWithin = (grant: Grant, organization: string): void =>
  grant.addResourceScope(resource, organization);

/** Which organization the request asks for. */
export function organizationAskedFor({ oidc }: KoaContextWithOIDC): string | undefined {
  const { organization } = oidc.params ?? {};
  return typeof organization === 'string' ? organization : undefined;
}
