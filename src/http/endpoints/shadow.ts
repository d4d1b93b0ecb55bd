import type { RequestHandler } from 'express';
import { ServiceError } from '../../errors.ts';
import { jsonAnswer, sendAnswer } from '../answer.ts';
import type { AppParts } from '../app-parts.ts';
import { callOf } from '../call.ts';
import { findConnection } from '../find-connection.ts';

/** What the new version of a connection's scripts answers otherwise than the served one. */
export function showShadow({
  store,
  shadowReports,
}: Pick<AppParts, 'store' | 'shadowReports'>): RequestHandler {
  return (req, res) => {
    const connection = findConnection(store, String(req.params.connection));
    callOf(res).connection = connection.name;
    const report = shadowReports.of(connection);
    if (!report) {
      throw new ServiceError('not_found', {
        detail: `The connection ${connection.name} has no options.shadow: no new version of its scripts is being compared`,
      });
    }
    sendAnswer(res, jsonAnswer(200, report));
  };
}
