import { formatWithOptions, inspect } from 'node-inspect-extracted';
import { type ConsoleLevel, writeLine } from './console-line.ts';
import { tableText } from './console-table.ts';
import { performance } from './performance.ts';

type Write = (level: ConsoleLevel, ...values: unknown[]) => void;

const INDENT = '  ';

/** Node's console, without a terminal. */
export function createConsole() {
  let indentation = '';
  const counts = new Map<string, number>();
  const started = new Map<string, number>();
  const write: Write = (level, ...values) => {
    const text = formatWithOptions({ colors: false }, ...values);
    writeLine(level, indentation === '' ? text : text.replace(/^/gm, indentation));
  };
  const group = (...values: unknown[]) => {
    if (values.length > 0) write('info', ...values);
    indentation += INDENT;
  };
  const elapsed = (label: string) =>
    `${label}: ${performance.now() - (started.get(label) ?? performance.now())}ms`;
  return {
    log: (...values: unknown[]) => write('info', ...values),
    info: (...values: unknown[]) => write('info', ...values),
    debug: (...values: unknown[]) => write('debug', ...values),
    warn: (...values: unknown[]) => write('warn', ...values),
    error: (...values: unknown[]) => write('error', ...values),
    trace: (...values: unknown[]) => write('error', 'Trace:', ...values),
    dir: (value: unknown, options?: object) =>
      write('info', inspect(value, { customInspect: false, ...options })),
    dirxml: (...values: unknown[]) => write('info', ...values),
    table: (data: unknown, columns?: string[]) => write('info', tableText(data, columns)),
    assert(condition?: unknown, ...values: unknown[]): void {
      if (condition) return;
      const [first, ...rest] = values;
      if (typeof first === 'string') write('error', `Assertion failed: ${first}`, ...rest);
      else write('error', 'Assertion failed', ...values);
    },
    count(label = 'default'): void {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      write('info', `${label}: ${counts.get(label)}`);
    },
    countReset: (label = 'default') => void counts.delete(label),
    time: (label = 'default') => void started.set(label, performance.now()),
    timeLog: (label = 'default', ...values: unknown[]) => write('info', elapsed(label), ...values),
    timeEnd(label = 'default'): void {
      write('info', elapsed(label));
      started.delete(label);
    },
    group,
    groupCollapsed: group,
    groupEnd(): void {
      indentation = indentation.slice(INDENT.length);
    },
    clear(): void {},
    timeStamp(): void {},
    profile(): void {},
    profileEnd(): void {},
  };
}

export const console = createConsole();
