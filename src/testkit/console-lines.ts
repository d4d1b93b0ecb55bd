import type { RunnerLogEntry } from '../runner/runner-parts.ts';
import type { ConsoleLine } from './run-result.ts';

/** Sorts what scripts wrote to their consoles, and what they were refused, by the call that ran them. */
export function createConsoleLines() {
  const underWay = new Map<string, ConsoleLine[]>();
  return {
    /** The lines of the call, growing while it runs. */
    open(execution: string): ConsoleLine[] {
      const lines: ConsoleLine[] = [];
      underWay.set(execution, lines);
      return lines;
    },
    close(execution: string): void {
      underWay.delete(execution);
    },
    log({ kind, code, execution, level, text }: RunnerLogEntry): void {
      if (kind !== 'script_event' || (code !== 'console' && code !== 'egress_blocked')) return;
      // A signup runs several scripts: exec_1, exec_1.2, exec_1.3.
      underWay.get(execution.split('.')[0]!)?.push({ level, text });
    },
  };
}
