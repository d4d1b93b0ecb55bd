import type { ErrorRequestHandler } from 'express';
import type { Logger } from '../log.ts';
import { sendAnswer } from './answer.ts';
import { callOf } from './call.ts';
import type { Draining } from './draining.ts';
import { problemAnswer, serviceErrorFrom } from './problem.ts';
import { reportError } from './report-error.ts';

/** Last of all handlers: whatever was thrown becomes problem details. Express knows it by its four parameters. */
export function handleError({
  logger,
  draining,
}: {
  logger: Logger;
  draining: Draining;
}): ErrorRequestHandler {
  return (thrown, req, res, _next) => {
    const call = callOf(res);
    const error = serviceErrorFrom(thrown);
    call.code = error.code;
    reportError(error, call, logger);
    const withKey = req.headers.authorization !== undefined;
    const answer = problemAnswer(error, { call, path: req.path, withKey });
    const unread = error.code === 'payload_too_large' && !req.complete;
    sendAnswer(res, answer, draining.started || unread ? { Connection: 'close' } : undefined);
  };
}
