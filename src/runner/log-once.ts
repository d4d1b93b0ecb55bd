import type { Connection } from '../connections/connection.ts';
import type { RunnerLogEntry } from './runner-parts.ts';

/** Paths come from profiles, so there is no end to what a connection could be warned about. */
const MOST_PER_CONNECTION = 500;

/**
 * A profile that is worth a warning is worth it at every login: the log gets each once per script, field and version
 * of the connection (a changed connection is another object).
 */
export function logOnce(log: (entry: RunnerLogEntry) => void) {
  const told = new WeakMap<Connection, Set<string>>();
  return (connection: Connection, entry: RunnerLogEntry): void => {
    let keys = told.get(connection);
    if (!keys) {
      keys = new Set();
      told.set(connection, keys);
    }
    const key = `${entry.script} ${entry.code} ${entry.path}`;
    if (keys.has(key) || keys.size >= MOST_PER_CONNECTION) return;
    keys.add(key);
    log(entry);
  };
}
