import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEvent } from '../../../src/events/log-event.ts';

/** A file for log events; `of` reads those of one type, the oldest first. */
export function eventsFile(): { path: string; of(type: string): LogEvent[] } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-events-'));
  const path = join(folder, 'events.jsonl');
  return {
    path,
    of: (type) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as LogEvent)
        .filter((event) => event.type === type),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
