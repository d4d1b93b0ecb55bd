import { jsonAnswer } from '../answer.ts';
import type { PublicEndpoint } from './endpoint.ts';

const text = (type: string, body: string) => ({ status: 200, headers: { 'Content-Type': type }, body });

/** What operators and their machines ask. None of it needs a key; see docs/http-api.md for why. */
export const operations: readonly PublicEndpoint[] = [
  {
    operationId: 'health',
    path: '/healthz',
    summary: 'The process answers',
    respond: () => jsonAnswer(200, { status: 'ok' }),
  },
  {
    operationId: 'readiness',
    path: '/readyz',
    summary: 'Whether work can be done; 503 when not',
    respond({ store, pool, draining }) {
      const checks = { sandbox: pool.ready(), connections: store.readable(), accepting: !draining.started };
      const ready = Object.values(checks).every(Boolean);
      return jsonAnswer(ready ? 200 : 503, { status: ready ? 'ready' : 'unavailable', checks });
    },
  },
  {
    operationId: 'metrics',
    path: '/metrics',
    summary: 'Metrics in Prometheus text format',
    type: 'text/plain',
    respond: async ({ metrics }) => text(metrics.contentType, await metrics.text()),
  },
  {
    operationId: 'openApi',
    path: '/openapi.json',
    summary: 'This document',
    respond: ({ openApi }) => text('application/json; charset=utf-8', openApi),
  },
  {
    operationId: 'errors',
    path: '/docs/errors.md',
    summary: 'What the error codes mean',
    type: 'text/markdown',
    respond: ({ errorsPage }) => text('text/markdown; charset=utf-8', errorsPage),
  },
];
