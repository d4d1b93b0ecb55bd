import type { Logger } from '../../src/log.ts';

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

export interface RecordedLog {
  logger: Logger;
  lines: readonly LogLine[];
  /** The first line that `wanted` holds for, of those that are there or of those to come. */
  line(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** The first of those to come. */
  next(wanted: (line: LogLine) => boolean): Promise<LogLine>;
}

/** A log that tests look into and wait for. */
export function recordedLog(): RecordedLog {
  const lines: LogLine[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  const write = (level: LogLine['level']) => (fields: object, message: string) => {
    const line = { level, message, fields: { ...fields } };
    lines.push(line);
    for (const listener of listeners) listener(line);
  };
  const next: RecordedLog['next'] = (wanted) =>
    new Promise((resolve) => {
      listeners.add(function listener(line) {
        if (!wanted(line)) return;
        listeners.delete(listener);
        resolve(line);
      });
    });
  return {
    lines,
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    line(wanted) {
      const known = lines.find(wanted);
      return known ? Promise.resolve(known) : next(wanted);
    },
    next,
  };
}
