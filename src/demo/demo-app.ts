import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
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
  /** The code verifiers of logins under way by their states: there is one for each tab. */
  verifiers: Map<string, string>;
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
    found ??= discover().catch((error) => {
      found = undefined;
      throw error;
    });
    return found;
  };

  app.get('/login', async (req, res) => {
    const session = sessionOf(req) ?? openSession(res);
    const [state, verifier] = [openid.randomState(), openid.randomPKCECodeVerifier()];
    session.verifiers.set(state, verifier);
    const { screen_hint, invitation, organization } = req.query;
    const url = openid.buildAuthorizationUrl(await configuration(), {
      redirect_uri: redirectUri,
      scope: 'openid profile email phone',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      prompt: 'login',
      ...(screen_hint === 'signup' ? { screen_hint } : {}),
      // An invitation leads here.
      ...(typeof invitation === 'string' ? { invitation } : {}),
      ...(typeof organization === 'string' ? { organization } : {}),
    });
    res.redirect(url.href);
  });

  app.get('/callback', async (req, res) => {
    const { state, error, error_description } = req.query;
    const before = sessionOf(req);
    const verifier = typeof state === 'string' ? before?.verifiers.get(state) : undefined;
    if (!before || verifier === undefined) return res.redirect('/');
    before.verifiers.delete(String(state));
    if (error !== undefined) {
      const code = `The auth server says: ${String(error)}`;
      return void res.status(403).send(failure(String(error_description ?? code)));
    }
    const tokens = await openid.authorizationCodeGrant(
      await configuration(),
      new URL(req.originalUrl, origin),
      { pkceCodeVerifier: verifier, expectedState: String(state) },
    );
    // Under a new id, since nobody had logged in under the old one.
    const session = openSession(res);
    session.verifiers = before.verifiers;
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

  app.get('/', (req, res) => void res.send(home(sessionOf(req)?.claims)));
  app.use((_req, res) => void res.status(404).send(failure('There is no page at this address.')));
  app.use(answerError);

  function openSession(res: Response): Session {
    const id = randomBytes(24).toString('base64url');
    const session: Session = { verifiers: new Map() };
    sessions.set(id, session);
    res.cookie(cookie, id, { httpOnly: true, sameSite: 'lax' });
    return session;
  }

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

/** The terminal has the details. */
const answerError: ErrorRequestHandler = (error, _req, res, _next) => {
  console.error(error);
  res.status(500).send(failure('The auth server could not be asked who you are.'));
};

const failure = (message: string) =>
  page(`<h1>That did not work</h1>
<p>${escapeHtml(message)}</p>
<p><a href="/">Begin again</a></p>`);

const home = (claims: openid.IDToken | undefined) =>
  page(
    claims
      ? `<h1>You are logged in</h1>
<p>The ID token says:</p>
<pre>${escapeHtml(JSON.stringify(claims, null, 2))}</pre>
<p><a href="/logout">Log out</a></p>`
      : `<h1>The demo application</h1>
<p>It knows nobody: the auth server says who you are, and asks the user store for that.</p>
<p><a href="/login">Log in</a> · <a href="/login?screen_hint=signup">Sign up</a></p>`,
  );

const page = (body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Demo application</title><link rel="icon" href="data:,">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;border:1px solid}</style>
</head><body>${body}</body></html>`;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (sign) => escapes[sign]!);
