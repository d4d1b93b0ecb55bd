import type { Request } from 'express';
import Provider, { type Configuration } from 'oidc-provider';
import type { ServerKeys } from '../database/server-keys.ts';
import { loggedOutPage, logoutPage } from '../pages/logout.ts';
import type { Parts } from '../parts.ts';
import type { ClientSettings } from '../settings.ts';
import { claimsOf, claimsOfScopes } from './claims.ts';
import { loginPolicy } from './login-policy.ts';
import { grantWithin, organizationAskedFor, organizationOfGrant } from './organization-grant.ts';

export interface ProviderParts extends Pick<Parts, 'bridge' | 'settings' | 'events'> {
  adapter: Configuration['adapter'];
  keys: Pick<ServerKeys, 'jwks' | 'cookieKeys'>;
  origin: string;
  /** The page for an error that cannot be sent to an application. */
  errorPage(code: string, description: string | undefined): string;
}

/** The OpenID Provider of one domain. */
export function createProvider({
  bridge,
  settings,
  events,
  adapter,
  keys,
  origin,
  errorPage,
}: ProviderParts): Provider {
  const provider = new Provider(origin, {
    adapter,
    jwks: keys.jwks,
    clients: settings.clients.map(clientMetadata),
    extraClientMetadata: { properties: ['allowed_origins', 'is_first_party'] },
    cookies: { keys: keys.cookieKeys },
    claims: { ...claimsOfScopes, acr: null, sid: null, iss: null },
    /** The whole profile is in the ID token, where applications written for Auth0 look for it. */
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: false },
      // Requests would wait in memory with parameters of any length, sent by anybody.
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: {
        logoutSource: async (context, form) => {
          context.body = logoutPage(settings.name, form);
        },
        postLogoutSuccessSource: async (context) => {
          context.body = loggedOutPage(settings.name);
        },
      },
    },
    /** The paths that applications written for Auth0 know. */
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      userinfo: '/userinfo',
      end_session: '/oidc/logout',
      jwks: '/.well-known/jwks.json',
    },
    pkce: { required: () => true },
    extraParams: ['screen_hint', 'invitation', 'organization'],
    interactions: { policy: loginPolicy(), url: (_context, interaction) => `/login/${interaction.uid}` },
    ttl: {
      Interaction: 3600,
      Session: 14 * 86_400,
      Grant: 14 * 86_400,
      AccessToken: 3600,
      IdToken: 3600,
      RefreshToken: 14 * 86_400,
    },
    /** Asked anew each time: a user who is gone from the store, or blocked there, gets nothing more. */
    async findAccount(context, sub, token) {
      const grant =
        token && 'grantId' in token && token.grantId
          ? await context.oidc.provider.Grant.find(token.grantId)
          : undefined;
      const id = grant ? organizationOfGrant(grant) : organizationAskedFor(context);
      const organization = settings.organizations.find((each) => each.id === id);
      const user = await bridge.findByUserId(sub, organization);
      if (!user || user.blocked) return undefined;
      return { accountId: sub, claims: () => claimsOf(user, organization) };
    },
    /** The applications are the operator's own: nobody is asked whether they may have what they ask for. */
    async loadExistingGrant(context) {
      const { client, session, provider, result } = context.oidc;
      const organization = organizationAskedFor(context);
      if (!client || !session?.accountId) return undefined;
      const grantId = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
      const existing = grantId ? await provider.Grant.find(grantId) : undefined;
      const isThere = existing && organizationOfGrant(existing) === organization;
      // A login elsewhere does not do: the policy demands one there.
      if (!isThere && organization !== undefined && !result?.login) return undefined;
      const grant = isThere
        ? existing
        : new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      if (!isThere && organization !== undefined) grantWithin(grant, organization);
      grant.addOIDCScope('openid profile email phone offline_access');
      await grant.save();
      return grant;
    },
    clientBasedCORS: (_context, from, client) => (client.allowed_origins as string[]).includes(from),
    async renderError(context, { error, error_description }) {
      context.type = 'html';
      context.body = errorPage(error, error_description);
    },
  });
  provider.on('end_session.success', ({ oidc, req }) => {
    events.emit({
      type: 'slo',
      connection: settings.bridge.connection,
      client_id: oidc.client?.clientId,
      user_id: oidc.session?.accountId,
      // Express's request: with `proxy` Koa would believe whatever address the visitor sends.
      ip: (req as Request).ip,
      hostname: new URL(origin).host,
    });
  });
  provider.use(async (context, next) => {
    await next();
    if (context.status !== 404 || context.body != null || context.accepts('json', 'html') !== 'html') return;
    context.body = errorPage('not_found', 'There is no page at this address.');
    context.status = 404;
  });
  // Behind a proxy that ends TLS: cookies are to be sent over https all the same.
  provider.proxy = origin.startsWith('https:');
  return provider;
}

function clientMetadata(client: ClientSettings) {
  const { client_secret, grant_types, initiate_login_uri: _known, ...rest } = client;
  return {
    ...rest,
    ...(client_secret ? { client_secret } : {}),
    token_endpoint_auth_method: client_secret ? ('client_secret_post' as const) : ('none' as const),
    grant_types: [...grant_types],
    // Without a code it is never redirected to, and oidc-provider insists on redirect_uris otherwise.
    response_types: grant_types.includes('authorization_code') ? ['code' as const] : [],
  };
}
