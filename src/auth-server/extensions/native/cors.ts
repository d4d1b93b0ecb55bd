import type { Request, Response } from 'express';
import type { ClientSettings } from '../../settings.ts';
import { NativeError } from './native-error.ts';

/**
 * Pages of the applications may read the answers, errors too. Which application it is stands in the body: until that is
 * known, an origin of any of them will do. No cookie is sent along and none would count.
 */
export function allowOrigin({ headers }: Request, res: Response, clients: readonly ClientSettings[]): void {
  const { origin } = headers;
  res.vary('origin');
  if (origin === undefined || !clients.some((client) => client.allowed_origins.includes(origin))) return;
  res.setHeader('access-control-allow-origin', origin);
}

/** The browser's question before it sends JSON, or a token, to another origin. */
export function answerPreflight({ headers }: Request, res: Response, method: string): void {
  res.vary('access-control-request-headers');
  if (res.hasHeader('access-control-allow-origin')) {
    res.setHeader('access-control-allow-methods', method);
    res.setHeader(
      'access-control-allow-headers',
      headers['access-control-request-headers'] ?? 'content-type',
    );
    res.setHeader('access-control-max-age', '600');
  }
  res.status(204).end();
}

/** Applications on a phone send no origin. */
export function checkOrigin({ headers }: Request, res: Response, client: ClientSettings, own: string): void {
  const { origin } = headers;
  if (origin === undefined || origin === own || client.allowed_origins.includes(origin)) return;
  res.removeHeader('access-control-allow-origin');
  throw new NativeError(
    403,
    'invalid_request',
    `${origin} is not among the allowed_origins of the application`,
  );
}
