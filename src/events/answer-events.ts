import { z } from 'zod';
import type { EventLog } from './event-log.ts';
import { eventTypeNames } from './event-types.ts';
import { readEventsQuery } from './events-query.ts';

/** What `GET /v1/events` answers, for OpenAPI documents and clients. */
export const EventList = z
  .object({
    events: z.array(
      z
        .object({
          log_id: z.string().meta({ description: 'Sorts by time.' }),
          date: z.string().meta({ description: 'ISO 8601.' }),
          type: z.enum(eventTypeNames),
          description: z.string(),
          tenant_name: z.string(),
          strategy: z.literal('auth0'),
          strategy_type: z.literal('database'),
          connection: z.string().optional(),
          client_id: z.string().optional(),
          client_name: z.string().optional(),
          user_id: z.string().optional(),
          ip: z.string().optional(),
          user_agent: z.string().optional(),
          hostname: z.string().optional(),
          organization_id: z.string().optional(),
          execution_id: z.string().optional(),
          details: z.record(z.string(), z.unknown()).optional(),
        })
        .meta({ id: 'LogEvent' }),
    ),
    next: z.string().optional().meta({ description: 'For `from`, when there is more.' }),
  })
  .meta({ id: 'EventList' });

export interface EventsAnswer {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ndjson = 'application/x-ndjson';

/** A range that names it; `*` and no header at all mean JSON. */
function wantsLines(accept: string | undefined): boolean {
  const ranges = (accept ?? '').toLowerCase().split(',');
  return ranges.some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    return type === ndjson && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

/**
 * The answer to `GET <url>`, whose path is the server's own: `/v1/events?take=10`. `accept` is the header. Throws
 * ServiceError invalid_request. Who may ask is for the server to decide.
 */
export function answerEvents(
  log: EventLog,
  { url, accept }: { url: string; accept: string | undefined },
): EventsAnswer {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const search = mark === -1 ? '' : url.slice(mark + 1);
  const { events, next } = log.page(readEventsQuery(search));
  const lines = wantsLines(accept);
  const body = lines
    ? events.map((event) => `${JSON.stringify(event)}\n`).join('')
    : JSON.stringify({ events, ...(next === undefined ? {} : { next }) });
  const more = new URLSearchParams(search);
  if (next !== undefined) more.set('from', next);
  return {
    status: 200,
    headers: {
      'Content-Type': lines ? ndjson : 'application/json; charset=utf-8',
      Vary: 'Accept',
      ...(next === undefined ? {} : { Link: `<${path}?${more}>; rel="next"` }),
    },
    body,
  };
}
