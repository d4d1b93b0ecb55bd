import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';

export interface SeenEvent {
  type: string;
  user_id?: string;
  organization_id?: string;
  details?: { error?: { code: string }; [name: string]: unknown };
}

/** The log events of the file, once the last is of this type. */
export async function eventsUntil(file: string, type: string): Promise<SeenEvent[]> {
  let events: SeenEvent[] = [];
  await expect
    .poll(async () => {
      const text = await readFile(file, 'utf8');
      events = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      return events.at(-1)?.type;
    })
    .toBe(type);
  return events;
}
