import * as z from 'zod';
import type { ExecutionEvent } from '../contract/messages.ts';
import type { ScriptFailure } from '../contract/outcome.ts';
import { boundFailure } from './bound-failure.ts';
import { quotas } from './quotas.ts';

/** The note that the guest adds to a line that it has cut. */
const NOTE = 108;

const ConsoleLine = z.object({ level: z.enum(['debug', 'info', 'warn', 'error']), text: z.string() });

type Tell = (event: ExecutionEvent['event'], level: ExecutionEvent['level'], text: string) => void;

/** What an execution says beside its outcome, bounded: it goes to the operator's log. */
export interface ExecutionEvents {
  tell: Tell;
  /** An error that comes too late to be the outcome, or is not this execution's. */
  lateError(failure: ScriptFailure): void;
  /** A line as the guest posts it. Throws when it is none. */
  console(line: unknown): void;
}

export function createExecutionEvents(toLog: Tell): ExecutionEvents {
  let events = 0;
  let lines = 0;
  /** A driver that tries again and again is refused each time. */
  const refusals = new Set<string>();

  function tell(...event: Parameters<Tell>): void {
    if (event[0] === 'egress_blocked') {
      if (refusals.has(event[2])) return;
      if (refusals.size < quotas.events) refusals.add(event[2]);
    }
    if (++events < quotas.events) toLog(...event);
    else if (events === quotas.events) toLog(event[0], event[1], 'Further events are dropped');
  }

  return {
    tell,
    lateError: (failure) => tell('late_error', 'warn', boundFailure(failure).message),
    console(line) {
      const { level, text } = ConsoleLine.parse(line);
      if (++lines > quotas.consoleLines) return;
      const isLast = lines === quotas.consoleLines;
      toLog(
        'console',
        level,
        isLast ? 'Further console output is dropped' : text.slice(0, quotas.consoleText + NOTE),
      );
    },
  };
}
