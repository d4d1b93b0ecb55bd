import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import helmet from 'helmet';
import { callOf } from './call.ts';

/** An answer as a value, so that it can be kept and sent again. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Absent for 204. */
  body?: string;
}

/**
 * helmet's headers never differ between two answers of a JSON API, so it is asked for them once instead of setting
 * them one by one for each request.
 */
function securityHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const recorder = {
    setHeader: (name: string, value: string) => {
      headers[name] = value;
    },
    removeHeader: () => {},
  };
  const apply = helmet({
    frameguard: { action: 'deny' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
  });
  apply({} as IncomingMessage, recorder as unknown as ServerResponse, (error) => {
    if (error) throw error;
  });
  return headers;
}

// Answers carry people's profiles; no cache on the way may keep one.
const everyAnswer: Readonly<Record<string, string>> = { ...securityHeaders(), 'Cache-Control': 'no-store' };

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** Writes head and body at once. `extra` is of this sending alone, not of the answer. */
export function sendAnswer(res: Response, answer: Answer, extra?: Readonly<Record<string, string>>): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const headers: Record<string, string | number> = {
    ...everyAnswer,
    'X-Request-Id': callOf(res).requestId,
    ...answer.headers,
    ...extra,
  };
  if (answer.body !== undefined) headers['Content-Length'] = Buffer.byteLength(answer.body);
  res.writeHead(answer.status, headers);
  res.end(res.req.method === 'HEAD' ? undefined : answer.body);
}
