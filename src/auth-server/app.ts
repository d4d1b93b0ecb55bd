import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { errors } from 'oidc-provider';
import { BridgeError } from './bridge/bridge-error.ts';
import type { Domain } from './domain.ts';
import { enrollmentOptions, showEnrollment, skipEnrollment, takeEnrollment } from './login/enrollment.ts';
import { limitAddress } from './login/limit-address.ts';
import { showLogin, showPassword, takeIdentifier, takePassword } from './login/log-in.ts';
import { passkeyOptions, takePasskey } from './login/passkey-login.ts';
import { broken, outage } from './login/say-failure.ts';
import {
  showMethods,
  showSignUp,
  signUpPasskeyOptions,
  takeSignUp,
  takeSignUpPasskey,
  takeSignUpPassword,
} from './login/sign-up.ts';
import { StepError } from './login/step-error.ts';
import { expired, step } from './login/visit.ts';
import { allowForms } from './pages/allow-forms.ts';
import { failurePage } from './pages/failure.ts';
import { showHome } from './pages/home.ts';
import type { Parts, Routes } from './parts.ts';

/** The library as one file for browsers. */
const simpleWebAuthn = fileURLToPath(
  new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser')),
);
/** Pages ask for these again and again; a new version is there after this at the latest. */
const assets = { maxAge: '10m' };

/** The route table, to be read from top to bottom. */
export function createApp(parts: Parts, domains: readonly Domain[]): Express {
  const app = express();
  app.disable('x-powered-by').set('query parser', 'simple').set('trust proxy', 'loopback');
  app.use(securityHeaders);
  app.get('/assets/simplewebauthn.js', (_req, res) => res.sendFile(simpleWebAuthn, assets));
  app.use('/assets', express.static(join(import.meta.dirname, 'assets'), assets));
  app.use(findDomain(domains));

  const limit = limitAddress();
  app.get('/authorize', limit);
  app.use('/login', limit);
  const form = express.urlencoded({ extended: false, limit: '100kb' });
  const at: Routes['at'] = (path, steps) => {
    if (steps.get) app.get(`/login/:uid${path}`, step(parts, steps.get));
    if (steps.post) app.post(`/login/:uid${path}`, form, step(parts, steps.post));
  };
  at('', { get: (visit) => showLogin(visit) });
  at('/identifier', { post: takeIdentifier });
  at('/password', { get: (visit) => showPassword(visit), post: takePassword });
  at('/passkey', { post: takePasskey });
  at('/passkey/options', { post: passkeyOptions });
  at('/signup', { get: (visit) => showSignUp(visit), post: takeSignUp });
  at('/signup/method', { get: (visit) => showMethods(visit) });
  at('/signup/passkey', { post: takeSignUpPasskey });
  at('/signup/passkey/options', { post: signUpPasskeyOptions });
  at('/signup/password', { post: takeSignUpPassword });
  at('/enroll', { get: (visit) => showEnrollment(visit), post: takeEnrollment });
  at('/enroll/options', { post: enrollmentOptions });
  at('/enroll/skip', { post: skipEnrollment });

  for (const extension of parts.extensions) extension.addRoutes?.({ app, domains, at });

  app.get('/', showHome(parts));
  const targets = parts.settings.clients.flatMap((client) => [
    ...client.redirect_uris,
    ...client.post_logout_redirect_uris,
  ]);
  app.use((req, res) => {
    allowForms(res, targets);
    return (res.locals.domain as Domain).provider.callback()(req, res);
  });
  app.use(answerError(parts));
  return app;
}

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  // With `no-referrer` the browser would not say where a form was sent from, either.
  referrerPolicy: { policy: 'same-origin' },
  // The opener of a login in a window of its own is the application.
  crossOriginOpenerPolicy: false,
  // Plain http is for this machine only; with it there is nothing to insist on.
  strictTransportSecurity: false,
});

const findDomain =
  (domains: readonly Domain[]): RequestHandler =>
  (req, res, next) => {
    // Of `GET http://elsewhere/`, oidc-provider would take that for the host.
    const isPath = req.url.startsWith('/');
    const domain = domains.find(({ host }) => isPath && host === req.headers.host);
    if (!domain) {
      const list = domains.map(({ origin }) => origin).join(', ');
      res.status(421).type('text').send(`Nobody logs in at this address. There is: ${list}\n`);
      return;
    }
    res.locals.domain = domain;
    // And this, whoever has sent it.
    delete req.headers['x-forwarded-host'];
    res.setHeader('cache-control', 'no-store');
    next();
  };

function answerError(parts: Parts): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const { status, code, message } = said(error);
    if (status === 500) parts.onFault(error);
    // A flood is not to flood the log.
    else if (code !== 'too_many_requests') {
      const hostname = (res.locals.domain as Domain | undefined)?.host;
      const { connection } = parts.settings.bridge;
      parts.events.emit({ type: 'f', connection, ip: req.ip, hostname, details: { error: { code } } });
    }
    if (req.headers.accept?.startsWith('application/json')) {
      res.status(status).json({ code, message });
      return;
    }
    res
      .status(status)
      .type('html')
      .send(failurePage({ brand: parts.settings.name, code, message }));
  };
}

interface Said {
  status: number;
  code: string;
  message: string;
}

function said(error: unknown): Said {
  const say = (status: number, code: string, message: string): Said => ({ status, code, message });
  if (error instanceof StepError) return error;
  if (error instanceof errors.SessionNotFound) return say(400, 'login_expired', expired);
  if (error instanceof BridgeError) return say(error.isOutage ? 503 : 500, error.code, outage);
  if (error instanceof URIError) return say(400, 'path_invalid', 'There is no such page.');
  // What express makes of a body that it cannot read.
  if (error instanceof Error && 'expose' in error && error.expose === true) {
    const status = 'status' in error ? Number(error.status) : 400;
    return say(status, 'body_invalid', 'What was sent is no form of ours, or is too large.');
  }
  return say(500, 'internal_error', broken);
}
