import type { RequestHandler } from 'express';
import { answerEvents } from '../../events/answer-events.ts';
import { sendAnswer } from '../answer.ts';
import type { AppParts } from '../app-parts.ts';

/** The steps of calls, newest first. Throws invalid_request. */
export function listEvents({ events }: Pick<AppParts, 'events'>): RequestHandler {
  return (req, res) => sendAnswer(res, answerEvents(events, { url: req.url, accept: req.get('accept') }));
}
