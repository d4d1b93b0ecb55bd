import type { TokenEndpointGrantContext } from 'oidc-provider';
import type { Organization } from '../../bridge/bridge-client.ts';
import type { Proven } from '../../login/logins.ts';
import { amrOf } from '../../login/next-step.ts';
import { claimsOf, claimsOfScopes } from '../../oidc/account.ts';
import { grantWithin, organizationClaims } from '../organizations/provider.ts';

const UNASKED = 'openid profile email';

export interface Granted {
  proven: Proven;
  organization: Organization | undefined;
  /** That the exchange of the passkey asked for. */
  scope: string | undefined;
}

/**
 * Tokens for a user who has just proven to be it: what is answered at the token endpoint. Scopes that nobody knows are
 * left out, and `offline_access` where the application may not refresh; `scope` of the answer tells which are granted.
 */
export async function issueTokens(
  context: TokenEndpointGrantContext,
  { proven, organization, scope: asked }: Granted,
): Promise<object> {
  const { provider, client, params } = context.oidc;
  const known = new Set(Object.keys(claimsOfScopes));
  if (client.grantTypeAllowed('refresh_token')) known.add('offline_access');
  const scopes = new Set((asked || UNASKED).split(' ').filter((scope) => known.has(scope)));
  const scope = [...scopes].join(' ');

  const { user } = proven;
  const accountId = user.user_id;
  const grant = new provider.Grant({ clientId: client.clientId, accountId });
  grant.addOIDCScope(scope);
  if (organization) grantWithin(grant, organization.id);
  const common = { accountId, client, grantId: await grant.save(), gty: params.grant_type, scope };
  const accessToken = new provider.AccessToken(common);
  const login = { amr: amrOf(proven), authTime: Math.floor(Date.now() / 1000) };
  const refreshToken = scopes.has('offline_access')
    ? await new provider.RefreshToken({ ...common, ...login, rotations: 0 }).save()
    : undefined;
  return {
    access_token: await accessToken.save(),
    ...(refreshToken ? { refresh_token: refreshToken } : {}),
    ...(scopes.has('openid') ? { id_token: await idToken() } : {}),
    token_type: accessToken.tokenType,
    expires_in: accessToken.expiration,
    scope,
  };

  function idToken(): Promise<string> {
    const { amr, authTime: auth_time } = login;
    const claims = { ...claimsOf(user), ...organizationClaims(organization), amr, auth_time };
    const token = new provider.IdToken(claims, { ctx: context });
    return Object.assign(token, { scope }).issue({ use: 'idtoken' });
  }
}
