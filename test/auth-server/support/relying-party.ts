import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as openid from 'openid-client';
import { localFetch } from './local-fetch.ts';

/** An application that logs its users in with the code flow and PKCE, as openid-client does it. */
export interface RelyingParty extends AsyncDisposable {
  origin: string;
  redirectUri: string;
  /** Where its log-in button leads. */
  startUrl(params?: Record<string, string>): string;
  /** What the last login brought. */
  last(): { claims?: openid.IDToken | undefined; error?: string; tokens?: openid.TokenEndpointResponse };
}

interface Options {
  clientId: string;
  /** Known once the auth server listens. */
  issuer: () => string;
}

/** Its pages are plain text: `/login` starts, `/callback` shows the ID token's claims as JSON. */
export async function startRelyingParty({ clientId, issuer }: Options): Promise<RelyingParty> {
  const underWay = new Map<string, { verifier: string; config: openid.Configuration }>();
  let last: ReturnType<RelyingParty['last']> = {};

  const known = new Map<string, openid.Configuration>();
  async function discover(server: string): Promise<openid.Configuration> {
    const config =
      known.get(server) ??
      (await openid.discovery(new URL(server), clientId, undefined, openid.None(), {
        execute: [openid.allowInsecureRequests],
        [openid.customFetch]: localFetch,
      }));
    known.set(server, config);
    return config;
  }

  async function start(params: URLSearchParams): Promise<string> {
    const server = params.get('issuer') ?? issuer();
    params.delete('issuer');
    const config = await discover(server);
    const verifier = openid.randomPKCECodeVerifier();
    const state = openid.randomState();
    underWay.set(state, { verifier, config });
    return openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email phone',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...Object.fromEntries(params),
    }).href;
  }

  async function finish(url: URL): Promise<void> {
    const state = url.searchParams.get('state') ?? '';
    const { verifier, config } = underWay.get(state) ?? {};
    if (!config || !verifier) throw new Error('no such login');
    const tokens = await openid.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: verifier,
      expectedState: state,
    });
    last = { claims: tokens.claims(), tokens };
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', origin);
    try {
      if (url.pathname === '/login') {
        response.writeHead(302, { location: await start(url.searchParams) }).end();
        return;
      }
      if (url.pathname === '/callback') await finish(url);
      response.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(last.claims ?? {}));
    } catch (error) {
      last = { error: error instanceof openid.AuthorizationResponseError ? error.error : String(error) };
      response.writeHead(500, { 'content-type': 'text/plain' }).end(last.error);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const redirectUri = `${origin}/callback`;
  return {
    origin,
    redirectUri,
    startUrl: (params = {}) => `${origin}/login?${new URLSearchParams(params)}`,
    last: () => last,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
