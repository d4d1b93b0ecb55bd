import { createEventFile, type EventFileProblem } from './event-file.ts';
import type { EventsQuery } from './events-query.ts';
import { buildEvent, type EventInput, type LogEvent } from './log-event.ts';
import { createLogIds } from './log-ids.ts';

/** Where the steps of calls are told. The newest are kept in memory, all of them in a file where there is one. */
export interface EventLog {
  /** Never throws and never waits; answers the event as it is kept. */
  emit(event: EventInput): LogEvent;
  /** The newest first; `next` is what `from` has to be for those that follow, where any do. */
  page(query: EventsQuery): { events: LogEvent[]; next?: string };
  /** Resolves when the file has what was emitted, or cannot be written. Later events are kept in memory alone. */
  close(): Promise<void>;
}

export interface EventLogOptions {
  readonly tenant: string;
  /** Events in memory; the oldest go first. */
  readonly keep?: number;
  /** JSON lines are appended to it. */
  readonly file?: string | undefined;
  /** Hears once that the file cannot be written, and once that it can be again. */
  readonly onProblem?: ((problem: EventFileProblem) => void) | undefined;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
}

/** A bound in memory that needs no copying: the place of the oldest is taken by the newest. */
function createRing(keep: number) {
  const places: LogEvent[] = [];
  let next = 0;
  return {
    add(event: LogEvent): void {
      places[next] = event;
      next = (next + 1) % keep;
    },
    *newestFirst(): Generator<LogEvent> {
      const size = places.length;
      for (let back = 1; back <= size; back += 1) yield places[(next - back + size) % size]!;
    },
  };
}

function matches(event: LogEvent, query: EventsQuery): boolean {
  return (
    (query.from === undefined || event.log_id < query.from) &&
    (query.type === undefined || query.type.includes(event.type)) &&
    (query.connection === undefined || event.connection === query.connection) &&
    (query.user_id === undefined || event.user_id === query.user_id) &&
    (query.client_id === undefined || event.client_id === query.client_id) &&
    (query.after === undefined || event.date > query.after) &&
    (query.before === undefined || event.date < query.before)
  );
}

export function createEventLog(options: EventLogOptions): EventLog {
  const { tenant, keep = 10_000, file: path, onProblem, now = Date.now } = options;
  const ring = createRing(Math.max(1, keep));
  const nextId = createLogIds();
  const file = path === undefined ? undefined : createEventFile({ path, onProblem });
  return {
    emit(input) {
      const ms = now();
      const about = { log_id: nextId(ms), date: new Date(ms).toISOString(), tenant_name: tenant };
      const { event, line } = buildEvent(input, about);
      ring.add(event);
      file?.write(line);
      return event;
    },
    page(query) {
      const events: LogEvent[] = [];
      for (const event of ring.newestFirst()) {
        if (!matches(event, query)) continue;
        if (events.length === query.take) return { events, next: events.at(-1)!.log_id };
        events.push(event);
      }
      return { events };
    },
    close: async () => file?.close(),
  };
}
