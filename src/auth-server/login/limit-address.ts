import type { RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { StepError } from './step-error.ts';

/** From one address: people behind one router log in, too. */
const perMinute = { points: 1000, duration: 60 };

/**
 * Logins under way are kept in memory, the oldest go first, and sign-ups make user handles with the bridge: one address
 * cannot push everybody else out. Throws StepError.
 */
export function limitAddress(): RequestHandler {
  const limiter = new RateLimiterMemory(perMinute);
  return async ({ ip = '' }, res, next) => {
    try {
      await limiter.consume(ip);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      res.setHeader('retry-after', Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
      throw new StepError(
        'Too many requests came from your address. Wait a minute, then try again.',
        429,
        'too_many_requests',
      );
    }
    next();
  };
}
