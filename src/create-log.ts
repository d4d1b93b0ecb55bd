import { styleText } from 'node:util';
import { type DestinationStream, destination, type Logger as Pino, pino } from 'pino';
import { harmlessError } from '../sandbox/contract/harmless-error.ts';
import type { Config } from './config.ts';

const labels: Record<number, { text: string; style: 'gray' | 'green' | 'yellow' | 'red' }> = {
  10: { text: 'trace', style: 'gray' },
  20: { text: 'debug', style: 'gray' },
  30: { text: 'info ', style: 'green' },
  40: { text: 'warn ', style: 'yellow' },
  50: { text: 'error', style: 'red' },
  60: { text: 'fatal', style: 'red' },
};

interface Line {
  level: number;
  time: number;
  msg?: string;
  err?: { message?: string; stack?: string };
  [field: string]: unknown;
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** Control characters of a script's own words would otherwise move the operator's cursor. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}

/** One log line for people: `09:41:14.123 info  request method=POST status=200`. */
export function readableLine(json: string): string {
  const { level, time, msg = '', err, ...fields } = JSON.parse(json) as Line;
  const clock = new Date(time).toISOString().slice(11, 23);
  const label = labels[level] ?? labels[30]!;
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${shown(value)}`);
  const stack = err ? `\n${err.stack ?? err.message}` : '';
  // styleText knows NO_COLOR and whether the stream is a terminal.
  const styled = styleText(label.style, label.text, { stream: process.stdout });
  return `${clock} ${styled} ${printable(`${[msg, ...pairs].join(' ')}${stack}`)}`;
}

/** The service's log on standard output: JSON lines, or text where a person reads along. */
export function createLog(config: Pick<Config, 'logLevel' | 'logFormat'>): Pino {
  const asText =
    config.logFormat === 'text' || (config.logFormat === 'auto' && process.stdout.isTTY === true);
  const text: DestinationStream = {
    write: (line: string) => void process.stdout.write(`${readableLine(line)}\n`),
  };
  // Written without waiting, since a slow reader of the log must not hold up answers, and several lines at once,
  // to save a system call for each. pino flushes what is left at the end.
  const batched = { dest: 1, sync: false, minLength: 15 * 1024, periodicFlush: 100 };
  const stream = asText ? text : destination(batched);
  return pino({ level: config.logLevel, base: null, serializers: { err: harmlessError } }, stream);
}
