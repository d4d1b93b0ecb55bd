import type { RunnerLogEntry } from '../runner/runner-parts.ts';
import type { ConsoleLine } from './run-result.ts';

type OnEvent = (event: Pick<RunnerLogEntry, 'code' | 'level' | 'text'>) => void;

/** Sorts what scripts wrote to their consoles, and what they were refused, by the call that ran them. */
export function createConsoleLines() {
  const underWay = new Map<string, ConsoleLine[]>();
  const listeners = new Map<string, OnEvent>();
  return {
    /** The lines of the call, growing while it runs. `onEvent` hears what comes after it as well. */
    open(execution: string, onEvent?: OnEvent): ConsoleLine[] {
      const lines: ConsoleLine[] = [];
      underWay.set(execution, lines);
      if (onEvent) listeners.set(execution, onEvent);
      return lines;
    },
    close(execution: string): void {
      underWay.delete(execution);
    },
    log({ kind, code, execution, level, text }: RunnerLogEntry): void {
      if (kind !== 'script_event') return;
      // A signup runs several scripts: exec_1, exec_1.2, exec_1.3.
      const call = execution.split('.')[0]!;
      listeners.get(call)?.({ code, level, text });
      if (code === 'console' || code === 'egress_blocked') underWay.get(call)?.push({ level, text });
    },
  };
}
