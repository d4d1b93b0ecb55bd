import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import type { Principal } from '../keys/key-ring.ts';

/** What is known of one request while it is answered: for headers, the access log and the metrics. */
export interface Call {
  requestId: string;
  /** `performance.now()` */
  startedAt: number;
  principal?: Principal;
  connection?: string;
  script?: string;
  executionId?: string;
  /** The error code of the answer; absent when it went well. */
  code?: string;
}

/** An id of the caller's own is kept when it can be put into a header and a log line as it is. */
function requestIdOf(req: IncomingMessage): string {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:/+=-]{1,128}$/.test(given) ? given : randomUUID();
}

export function beginCall(req: IncomingMessage, res: Response): Call {
  const call: Call = { requestId: requestIdOf(req), startedAt: performance.now() };
  res.locals.call = call;
  return call;
}

export function callOf(res: Response): Call {
  return res.locals.call as Call;
}

export function newExecutionId(): string {
  return `exec_${randomUUID().replaceAll('-', '')}`;
}
