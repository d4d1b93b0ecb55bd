import type { Request } from 'express';
import Provider, { type Adapter, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { EventType } from '../../events/event-types.ts';
import { BridgeError } from '../bridge/bridge-client.ts';
import { broken, outage } from '../login/failures.ts';
import { describeFailure } from '../login/tell.ts';
import { failurePage, loggedOutPage, logoutPage } from '../pages/plain-pages.ts';
import type { Parts } from '../parts.ts';
import type { ClientSettings } from '../settings.ts';
import { claimsOfScopes, findAccount } from './account.ts';
import { loadGrant, loginPolicy } from './policy.ts';

const DAY_S = 86_400;

/** The OpenID Provider of one domain. */
export function createProvider(parts: Parts, adapter: (model: string) => Adapter, origin: string): Provider {
  const { bridge, settings, events, keys, onFault } = parts;
  const errorPage = (code: string, description: string | undefined) =>
    failurePage(settings.name, { code, message: description ?? code });
  const configuration: Configuration = {
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
    extraParams: ['screen_hint'],
    interactions: { policy: loginPolicy(), url: (_context, interaction) => `/login/${interaction.uid}` },
    ttl: {
      Interaction: 3600,
      Session: 14 * DAY_S,
      Grant: 14 * DAY_S,
      AccessToken: 3600,
      IdToken: 3600,
      RefreshToken: 14 * DAY_S,
    },
    findAccount: (_context, sub) => findAccount(bridge, sub),
    loadExistingGrant: loadGrant,
    clientBasedCORS: (_context, from, client) => (client.allowed_origins as string[]).includes(from),
    async renderError(context, { error, error_description }, cause) {
      context.type = 'html';
      if (cause instanceof BridgeError) context.body = errorPage(cause.code, outage);
      else context.body = errorPage(error, error === 'server_error' ? broken : error_description);
    },
  };
  const provider = new Provider(
    origin,
    parts.extensions.reduce((all, { configureProvider }) => configureProvider?.(all) ?? all, configuration),
  );
  const tell = ({ oidc, req }: KoaContextWithOIDC, type: EventType, details?: Record<string, unknown>) =>
    events.emit({
      type,
      connection: settings.bridge.connection,
      client_id: oidc?.client?.clientId,
      user_id: oidc?.session?.accountId,
      // Express's request: with `proxy` Koa would believe whatever address the visitor sends.
      ip: (req as Request).ip,
      hostname: new URL(origin).host,
      details,
    });
  provider.on('end_session.success', (context) => tell(context, 'slo'));
  provider.on('server_error', (context, error) => {
    if (!(error instanceof BridgeError)) return onFault(error);
    if (context.oidc?.route !== 'userinfo') tell(context, 'f', { error: describeFailure(error) });
    if (!error.isOutage) return;
    // As every other answer to an outage; the provider would say that something went wrong here.
    context.status = 503;
    if (context.type === 'application/json')
      context.body = { error: 'temporarily_unavailable', error_description: outage };
  });
  provider.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      // The session could not be saved, which comes last: what was to be answered is void, and a code in it.
      onFault(error);
      context.remove('location');
      context.type = 'html';
      context.body = errorPage('server_error', broken);
      context.status = 500;
    }
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
  const isApp = client.redirect_uris.some((uri) => !/^https?:/.test(uri));
  return {
    ...rest,
    // An app on a phone has a scheme of its own, which oidc-provider takes of these alone.
    application_type: isApp ? ('native' as const) : ('web' as const),
    ...(client_secret ? { client_secret } : {}),
    token_endpoint_auth_method: client_secret ? ('client_secret_post' as const) : ('none' as const),
    grant_types: [...grant_types],
    // Without a code it is never redirected to, and oidc-provider insists on redirect_uris otherwise.
    response_types: grant_types.includes('authorization_code') ? ['code' as const] : [],
  };
}
