import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { BridgeClient, Organization } from '../../bridge/bridge-client.ts';
import { claimsOfScopes, findAccount } from '../../oidc/account.ts';
import { demandLogin, existingGrant, newGrant } from '../../oidc/policy.ts';

type Grant = NonNullable<KoaContextWithOIDC['oidc']['grant']>;

/** Never asked for as a resource: a grant is for the organization that was logged in to, and for no other. */
const resource = 'urn:drawbridge:organization';

const organizationOfGrant = (grant: Grant): string | undefined =>
  grant.getResourceScope(resource) || undefined;

/** Of a new grant. */
export const grantWithin = (grant: Grant, organization: string): void =>
  grant.addResourceScope(resource, organization);

function organizationAskedFor(params: KoaContextWithOIDC['oidc']['params']): string | undefined {
  const { organization } = params ?? {};
  return typeof organization === 'string' ? organization : undefined;
}

export const organizationClaims = (organization: Organization | undefined): object =>
  organization ? { org_id: organization.id, org_name: organization.name } : {};

/** Tokens say which organization the login was in, and a session in one opens no other. */
export const withinOrganizations =
  (bridge: BridgeClient, organizations: readonly Organization[]) =>
  (core: Configuration): Configuration => {
    const policy = core.interactions?.policy;
    demandLogin(policy as Parameters<typeof demandLogin>[0], ({ params, grant }) => {
      const entered = grant && organizationOfGrant(grant);
      return params?.invitation !== undefined || organizationAskedFor(params) !== entered;
    });
    return {
      ...core,
      extraParams: [...(core.extraParams as string[]), 'invitation', 'organization'],
      claims: { ...core.claims, openid: [...claimsOfScopes.openid, 'org_id', 'org_name'] },
      async findAccount(context, sub, token) {
        const { params, provider } = context.oidc;
        const grant =
          token && 'grantId' in token && token.grantId ? await provider.Grant.find(token.grantId) : undefined;
        const id = grant ? organizationOfGrant(grant) : organizationAskedFor(params);
        const organization = organizations.find((each) => each.id === id);
        const account = await findAccount(bridge, sub, organization);
        if (!account) return undefined;
        const claims: typeof account.claims = async (...asked) => ({
          ...(await account.claims(...asked)),
          ...organizationClaims(organization),
        });
        return { ...account, claims };
      },
      async loadExistingGrant(context) {
        const { params, result } = context.oidc;
        const organization = organizationAskedFor(params);
        const existing = await existingGrant(context);
        const isThere = existing && organizationOfGrant(existing) === organization;
        // A login elsewhere does not do: the policy demands one there.
        if (!isThere && organization !== undefined && !result?.login) return undefined;
        const grant = isThere ? existing : newGrant(context);
        if (grant && !isThere && organization !== undefined) grantWithin(grant, organization);
        await grant?.save();
        return grant;
      },
    };
  };
