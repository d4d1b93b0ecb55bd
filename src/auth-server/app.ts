import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { errors } from 'oidc-provider';
import { BridgeError } from './bridge/bridge-client.ts';
import * as enrollment from './login/enrollment.ts';
import { broken, outage, StepError } from './login/failures.ts';
import * as logIn from './login/log-in.ts';
import * as signUp from './login/sign-up.ts';
import { describeFailure } from './login/tell.ts';
import { expired, step } from './login/visit.ts';
import { allowForms, findDomain, limitAddress, securityHeaders } from './middleware.ts';
import { failurePage, showHome } from './pages/plain-pages.ts';
import type { Domain, Parts, Refusal, Routes } from './parts.ts';

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
  at('', { get: logIn.showLogin });
  at('/identifier', { post: logIn.takeIdentifier });
  at('/password', { get: logIn.showPassword, post: logIn.takePassword });
  at('/passkey', { post: logIn.takePasskey });
  at('/passkey/options', { post: logIn.passkeyOptions });
  at('/signup', { get: signUp.showSignUp, post: signUp.takeSignUp });
  at('/signup/method', { get: signUp.showMethods });
  at('/signup/passkey', { post: signUp.takeSignUpPasskey });
  at('/signup/passkey/options', { post: signUp.signUpPasskeyOptions });
  at('/signup/password', { post: signUp.takeSignUpPassword });
  at('/enroll', { get: enrollment.showEnrollment, post: enrollment.takeEnrollment });
  at('/enroll/options', { post: enrollment.enrollmentOptions });
  at('/enroll/skip', { post: enrollment.skipEnrollment });

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

function answerError(parts: Parts): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const { status, code, message } = said(error);
    if (status === 500) parts.onFault(error);
    // A flood is not to flood the log.
    else if (code !== 'too_many_requests') {
      const hostname = (res.locals.domain as Domain | undefined)?.host;
      const { connection } = parts.settings.bridge;
      const details = { error: { ...describeFailure(error), code } };
      parts.events.emit({ type: 'f', connection, ip: req.ip, hostname, details });
    }
    if (req.headers.accept?.startsWith('application/json')) {
      res.status(status).json({ code, message });
      return;
    }
    res.status(status).type('html').send(failurePage(parts.settings.name, { code, message }));
  };
}

function said(error: unknown): Refusal {
  const say = (status: number, code: string, message: string): Refusal => ({ status, code, message });
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
