import type { RequestHandler, Response } from 'express';
import type { Logger } from '../log.ts';
import { beginCall, callOf } from './call.ts';
import type { Metrics } from './metrics.ts';

/** Asked for every few seconds by machines; at `info` they would drown the rest. */
const quietRoutes = new Set(['/healthz', '/readyz', '/metrics']);

/** The route's pattern: paths hold connection names, and unknown paths may hold anything. */
function routeOf(res: Response): string {
  const path: unknown = res.req.route?.path;
  return typeof path === 'string' ? path : 'none';
}

function log(logger: Logger, res: Response, route: string, ms: number): void {
  const call = callOf(res);
  const level = quietRoutes.has(route) ? 'debug' : 'info';
  logger[level](
    {
      method: res.req.method,
      route,
      status: res.statusCode,
      ms: Math.round(ms * 10) / 10,
      request: call.requestId,
      execution: call.executionId,
      connection: call.connection,
      script: call.script,
      code: call.code,
      key: call.principal?.keyId,
      // The caller was gone before the answer had been sent.
      aborted: res.writableFinished ? undefined : true,
    },
    'request',
  );
}

/**
 * First of all handlers: begins the call; when it ends, one line and the metrics. Neither bodies, identifiers,
 * query strings nor headers are ever logged.
 */
export function accessLog({ logger, metrics }: { logger: Logger; metrics: Metrics }): RequestHandler {
  return (req, res, next) => {
    const { startedAt } = beginCall(req, res);
    res.once('close', () => {
      const ms = performance.now() - startedAt;
      const route = routeOf(res);
      metrics.requestFinished({ method: req.method, route, status: res.statusCode, seconds: ms / 1000 });
      log(logger, res, route, ms);
    });
    next();
  };
}
