import type { Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Domain, EventContext } from '../../parts.ts';
import { allowOrigin, answerPreflight } from './cors.ts';
import { answerOf, NativeError } from './native-error.ts';
import type { NativeParts } from './native-parts.ts';
import { readJson } from './read-body.ts';

/** From one address: people behind one router sign up and log in, too. */
const callsPerMinute = { points: 100, duration: 60 };

export interface JsonCall {
  method: 'GET' | 'POST';
  /** Its token is in the header: a 401 says so (RFC 6750 §3). */
  isBearer?: boolean;
  /** What it returns is the answer: JSON that nobody keeps. It adds to `about` whom and what it finds. */
  take(about: EventContext, req: Request, res: Response): Promise<object>;
  /** Tells the log why there is none. */
  tellFailed(about: EventContext, error: unknown): void;
}

/** A call that takes and answers JSON, of pages of other origins, too. */
export function jsonCall(
  parts: NativeParts,
  { method, isBearer, take, tellFailed }: JsonCall,
): RequestHandler {
  const limiter = new RateLimiterMemory(callsPerMinute);
  return async (req, res) => {
    const domain = res.locals.domain as Domain;
    const about: EventContext = { parts, domain, req, client: undefined, login: {} };
    allowOrigin(req, res, parts.settings.clients);
    if (req.method === 'OPTIONS') return answerPreflight(req, res, method);
    try {
      if (req.method !== method) throw new NativeError(405, 'invalid_request', `Send a ${method}`);
      await limitCalls(limiter, req, res);
      if (method === 'POST') await readJson(req, res);
      res.json(await take(about, req, res));
    } catch (error) {
      const { status, body } = answerOf(error) ?? { status: 500, body: { error: 'server_error' } };
      if (status === 500) parts.onFault(error);
      // A flood is not to flood the log.
      if (status !== 429) tellFailed(about, error);
      if (isBearer && status === 401) res.setHeader('www-authenticate', 'Bearer error="invalid_token"');
      res.status(status).json(body);
    }
  };
}

async function limitCalls(limiter: RateLimiterMemory, { ip = '' }: Request, res: Response): Promise<void> {
  try {
    await limiter.consume(ip);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    res.setHeader('retry-after', Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
    throw new NativeError(429, 'too_many_requests', 'Too many calls came from this address. Wait a minute');
  }
}
