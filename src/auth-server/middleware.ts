import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { StepError } from './login/failures.ts';
import type { Domain } from './parts.ts';

export const securityHeaders = helmet({
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

/** A form's answer leads back to an application by redirects, and browsers want `form-action` to name where they end. */
export function allowForms(res: Response, targets: readonly string[]): void {
  const sources = [...new Set(targets.map((uri) => sourceOf(new URL(uri))))];
  const policy = String(res.getHeader('content-security-policy'));
  res.setHeader(
    'content-security-policy',
    policy.replace("form-action 'self'", ["form-action 'self'", ...sources].join(' ')),
  );
}

/** Applications on a phone have schemes of their own, and no origin. */
const sourceOf = ({ protocol, origin }: URL) => (origin === 'null' ? protocol : origin);

export const findDomain =
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

/**
 * Logins under way are kept in memory, the oldest go first, and sign-ups make user handles with the bridge: one address
 * cannot push everybody else out. Throws StepError.
 */
export function limitAddress(): RequestHandler {
  // Requests in a minute: people behind one router log in, too.
  const limiter = new RateLimiterMemory({ points: 1000, duration: 60 });
  return async ({ ip = '' }, res, next) => {
    try {
      await limiter.consume(ip);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      res.setHeader('retry-after', Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
      const message = 'Too many requests came from your address. Wait a minute, then try again.';
      throw new StepError(message, 429, 'too_many_requests');
    }
    next();
  };
}

/** Throws StepError. Browsers say where a post comes from; what says nothing is none. */
export function refuseOtherSites({ method, headers }: Request, domain: Domain): void {
  if (method === 'POST' && headers.origin !== undefined && headers.origin !== domain.origin)
    throw new StepError('The form was sent from another site.', 403, 'cross_site_post');
}
