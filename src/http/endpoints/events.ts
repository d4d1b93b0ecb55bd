import { answerEvents, EventList } from '../../events/answer-events.ts';
import { eventsParameters } from '../../events/events-query.ts';
import type { Endpoint } from './endpoint.ts';

export const listEvents: Endpoint = {
  operationId: 'listEvents',
  method: 'get',
  path: '/v1/events',
  scope: 'read:events',
  summary: 'The steps of calls, the newest first',
  query: eventsParameters,
  answer: EventList,
  lines: true,
  errors: ['invalid_request'],
  respond: ({ events }, req) => answerEvents(events, { url: req.url, accept: req.get('accept') }),
};
