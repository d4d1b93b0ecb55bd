import { post } from './bridge.ts';

export type ConsoleLevel = 'debug' | 'info' | 'warn' | 'error';

/** Of one line, in UTF-16 units. A log line is no place for a body of a megabyte. */
const MAX_TEXT = 8192;

/** Sends a line to the host as it comes, cut with a note when it is long. */
export function writeLine(level: ConsoleLevel, line: string): void {
  const rest = line.length - MAX_TEXT;
  post('console', 0, {
    level,
    text: rest > 0 ? `${line.slice(0, MAX_TEXT)} … ${rest} more characters` : line,
  });
}
