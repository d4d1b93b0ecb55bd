import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import * as openid from 'openid-client';

export interface DemoAppOptions {
  /** The auth server's origin. */
  issuer: string;
  clientId: string;
  /** 0 for any free one. */
  port: number;
}

export interface DemoApp {
  /** `http://localhost:4001` */
  origin: string;
  close(): Promise<void>;
}

interface Session {
  /** Of a login under way. */
  verifier?: string;
  state?: string;
  claims?: openid.IDToken;
  idToken?: string;
}

const cookie = 'demo_app';

/** An application that lets an auth server log its users in, with the code flow and PKCE, and shows who they are. */
export async function startDemoApp({ issuer, clientId, port }: DemoAppOptions): Promise<DemoApp> {
  const app = express().disable('x-powered-by');
  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const redirectUri = `${origin}/callback`;
  const sessions = new Map<string, Session>();
  let found: Promise<openid.Configuration> | undefined;
  // Plain http, since everything here is on this machine.
  const discover = () =>
    openid.discovery(new URL(issuer), clientId, undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    });
  const configuration = () => {
    found ??= discover();
    return found;
  };

  app.get('/login', async (req, res) => {
    const id = randomBytes(24).toString('base64url');
    const session = { verifier: openid.randomPKCECodeVerifier(), state: openid.randomState() };
    sessions.set(id, session);
    const hint = req.query.screen_hint === 'signup' ? { screen_hint: 'signup' } : {};
    const url = openid.buildAuthorizationUrl(await configuration(), {
      redirect_uri: redirectUri,
      scope: 'openid profile email phone',
      code_challenge: await openid.calculatePKCECodeChallenge(session.verifier),
      code_challenge_method: 'S256',
      state: session.state,
      prompt: 'login',
      ...hint,
    });
    res.cookie(cookie, id, { httpOnly: true, sameSite: 'lax' }).redirect(url.href);
  });

  app.get('/callback', async (req, res) => {
    const session = sessionOf(req);
    if (!session?.verifier || !session.state) return res.redirect('/');
    const tokens = await openid.authorizationCodeGrant(
      await configuration(),
      new URL(req.originalUrl, origin),
      {
        pkceCodeVerifier: session.verifier,
        expectedState: session.state,
      },
    );
    delete session.verifier;
    Object.assign(session, { claims: tokens.claims(), idToken: tokens.id_token });
    res.redirect('/');
  });

  app.get('/logout', async (req, res) => {
    const session = sessionOf(req);
    res.clearCookie(cookie);
    if (!session?.idToken) return res.redirect('/');
    const url = openid.buildEndSessionUrl(await configuration(), {
      id_token_hint: session.idToken,
      post_logout_redirect_uri: `${origin}/`,
    });
    res.redirect(url.href);
  });

  app.get('/', (req, res) => void res.send(page(sessionOf(req)?.claims)));

  function sessionOf(req: Request): Session | undefined {
    const [, id] = /(?:^|; )demo_app=([\w-]+)/.exec(req.headers.cookie ?? '') ?? [];
    return id === undefined ? undefined : sessions.get(id);
  }

  return {
    origin,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function page(claims: openid.IDToken | undefined): string {
  const body = claims
    ? `<h1>You are logged in</h1>
<p>The ID token says:</p>
<pre>${escapeHtml(JSON.stringify(claims, null, 2))}</pre>
<p><a href="/logout">Log out</a></p>`
    : `<h1>The demo application</h1>
<p>It knows nobody: the auth server says who you are, and asks the user store for that.</p>
<p><a href="/login">Log in</a> · <a href="/login?screen_hint=signup">Sign up</a></p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demo application</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;background:#eef1f7;color:#1c2330}</style>
</head><body>${body}</body></html>`;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (sign) => escapes[sign]!);
