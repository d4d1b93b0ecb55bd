import { z } from 'zod';
import { misspelt } from '../../sandbox/contract/nearest-module.ts';
import { ServiceError } from '../errors.ts';
import { issuesOf } from '../scripts/input-issues.ts';
import { type EventType, eventTypeNames, isEventType } from './event-types.ts';
import { logIdForm } from './log-ids.ts';

const TAKE_MAX = 100;
const TAKE_DEFAULT = 50;

function unknownType(text: string): string {
  const nearest = misspelt(text.toLowerCase(), eventTypeNames);
  const guess = nearest === undefined ? '' : `did you mean ${nearest}? `;
  const shown = /^\w{1,60}$/.test(text) ? text : 'a type';
  return `has ${shown}, which is no type of an event; ${guess}allowed, with commas between: ${eventTypeNames.join(', ')}`;
}

const types = z.string().transform((text, context): EventType[] => {
  const wanted = text.split(',').map((type) => type.trim());
  const unknown = wanted.find((type) => !isEventType(type));
  if (unknown !== undefined) {
    context.addIssue({ code: 'custom', message: unknownType(unknown) });
    return z.NEVER;
  }
  return wanted as EventType[];
});

const text = z.string().min(1).max(500);

/** As the dates of events are written, so that they can be compared as texts. */
const moment = z.string().transform((given, context) => {
  const isDate = z.iso.date().safeParse(given).success;
  const isTime = z.iso.datetime({ offset: true }).safeParse(given).success;
  if (isDate || isTime) return new Date(given).toISOString();
  context.addIssue({
    code: 'custom',
    message: 'must be a date of ISO 8601, such as 2026-03-01 or 2026-03-01T08:30:00Z',
  });
  return z.NEVER;
});

const take = z.string().transform((given, context) => {
  const number = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (number >= 1 && number <= TAKE_MAX) return number;
  context.addIssue({ code: 'custom', message: `must be a whole number from 1 to ${TAKE_MAX}` });
  return z.NEVER;
});

const logId = z.string().regex(logIdForm, 'must be the log_id of an event, as `next` gives it');

/** The parameters of `GET /v1/events`: text in, values out. `after` and `before` leave the moment itself out. */
export const EventsQuery = z.strictObject({
  type: types.optional(),
  connection: text.optional(),
  user_id: text.optional(),
  client_id: text.optional(),
  after: moment.optional(),
  before: moment.optional(),
  take: take.default(TAKE_DEFAULT),
  from: logId.optional(),
});
export type EventsQuery = z.output<typeof EventsQuery>;

/** For the OpenAPI documents of those who answer them. */
export const eventsParameters = [
  { name: 'type', description: 'Event codes, with commas between.', schema: { type: 'string' } },
  { name: 'connection', schema: { type: 'string' } },
  { name: 'user_id', schema: { type: 'string' } },
  { name: 'client_id', schema: { type: 'string' } },
  { name: 'after', description: 'ISO 8601; later than this.', schema: { type: 'string' } },
  { name: 'before', description: 'ISO 8601; earlier than this.', schema: { type: 'string' } },
  { name: 'take', schema: { type: 'integer', minimum: 1, maximum: TAKE_MAX, default: TAKE_DEFAULT } },
  {
    name: 'from',
    description: 'Continue after this log_id: `next` of the answer before.',
    schema: { type: 'string' },
  },
].map((parameter) => ({ ...parameter, in: 'query', required: false }));

/** Reads `?type=fp,fu&take=10` or the same without the mark. Throws invalid_request naming each parameter. */
export function readEventsQuery(search: string): EventsQuery {
  const parameters = new URLSearchParams(search);
  const names = [...parameters.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const given = Object.fromEntries(parameters);
  const parsed = EventsQuery.safeParse(given);
  const issues = parsed.success ? [] : issuesOf(parsed.error, EventsQuery, given).slice(0, 20);
  if (twice !== undefined && twice in EventsQuery.shape) {
    issues.push({ path: twice, code: 'given_twice', message: 'is given more than once; give it once' });
  }
  if (parsed.success && issues.length === 0) return parsed.data;
  throw new ServiceError('invalid_request', {
    detail: issues.map(({ path, message }) => `The parameter ${path} ${message}`).join('; '),
    issues,
  });
}
