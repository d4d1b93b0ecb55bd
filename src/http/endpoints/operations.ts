import type { RequestHandler } from 'express';
import type { ConnectionStore } from '../../connections/connection.ts';
import type { Pool } from '../../pool/pool.ts';
import { jsonAnswer, sendAnswer } from '../answer.ts';
import type { Draining } from '../draining.ts';
import type { Metrics } from '../metrics.ts';

/** What operators and their machines ask. None of it needs a key; see docs/http-api.md for why. */

/** The process answers. */
export const liveness: RequestHandler = (_req, res) => sendAnswer(res, jsonAnswer(200, { status: 'ok' }));

/** Work can be done: a sandbox process is up, the connections can be read and the service is not ending. */
export function readiness(parts: {
  store: Pick<ConnectionStore, 'readable'>;
  pool: Pick<Pool, 'ready'>;
  draining: Draining;
}): RequestHandler {
  return (_req, res) => {
    const checks = {
      sandbox: parts.pool.ready(),
      connections: parts.store.readable(),
      accepting: !parts.draining.started,
    };
    const ready = Object.values(checks).every(Boolean);
    sendAnswer(res, jsonAnswer(ready ? 200 : 503, { status: ready ? 'ready' : 'unavailable', checks }));
  };
}

export function prometheus({ metrics }: { metrics: Metrics }): RequestHandler {
  return async (_req, res) => {
    const body = await metrics.text();
    sendAnswer(res, { status: 200, headers: { 'Content-Type': metrics.contentType }, body });
  };
}

/** A document that never changes while the service runs. */
export function document(contentType: string, body: string): RequestHandler {
  const answer = { status: 200, headers: { 'Content-Type': contentType }, body };
  return (_req, res) => sendAnswer(res, answer);
}
