import type { RequestHandler } from 'express';
import { ServiceError } from '../../../errors.ts';
import { answerEvents } from '../../../events/answer-events.ts';
import type { Parts } from '../../parts.ts';
import { sendProblem } from './require-admin.ts';

/** `GET /v1/events`, the same call that the bridge has. */
export const listEvents =
  ({ events }: Pick<Parts, 'events'>): RequestHandler =>
  (req, res) => {
    try {
      const { status, headers, body } = answerEvents(events, { url: req.url, accept: req.get('accept') });
      res.status(status).set(headers).send(body);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      sendProblem(res, error);
    }
  };
