import { randomUUID } from 'node:crypto';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Timings } from '../../sandbox/contract/outcome.ts';
import type { Connection } from '../connections/connection.ts';
import { type ErrorCode, type ErrorDetails, ServiceError } from '../errors.ts';
import type { ProfileWarning } from '../profile/findings.ts';
import type { ActionAnswer, CallOptions, Organization } from './runner.ts';
import type { ObserveScript, ScriptObserver } from './script-observer.ts';

/** One call of the runner, which may run several scripts: one id, the scripts' timings summed. */
export interface Execution {
  readonly id: string;
  readonly connection: Connection;
  readonly organization: Organization | undefined;
  readonly observe: ObserveScript | undefined;
  readonly onCreated: CallOptions['onCreated'];
  /** Of a signup that is observed as one: hears of the calls of each script. */
  readonly onExchange?: ScriptObserver['onExchange'];
  /** The pool's ids are unique, since a script may live on for a grace while the next one runs. */
  nextJobId(): string;
  count(timings: Timings): void;
  /** A script that writes has been started. */
  writeBegan(): void;
  warn(warnings: readonly ProfileWarning[]): void;
  /** The error to throw, with what is known of the execution. */
  error(code: ErrorCode, script: ActionName, details?: ErrorDetails): ServiceError;
  answer<Result>(result: Result): ActionAnswer<Result>;
}

export function startExecution(connection: Connection, options: CallOptions = {}): Execution {
  const id = options.executionId ?? `exec_${randomUUID().replaceAll('-', '')}`;
  const startedAt = performance.now();
  const warnings: ProfileWarning[] = [];
  let jobs = 0;
  let total: Timings | undefined;
  let writeBegun = false;
  return {
    id,
    connection,
    organization: options.organization,
    observe: options.observe,
    onCreated: options.onCreated,
    nextJobId: () => (++jobs === 1 ? id : `${id}.${jobs}`),
    count(timings) {
      total = total ? sum(total, timings) : timings;
    },
    writeBegan() {
      writeBegun = true;
    },
    warn(more) {
      warnings.push(...more);
    },
    error(code, script, details) {
      return new ServiceError(code, {
        ...details,
        connection: connection.name,
        script,
        executionId: id,
        ...(writeBegun ? { writeBegun } : {}),
        ...(total ? { durationMs: performance.now() - startedAt, timings: total } : {}),
      });
    },
    answer(result) {
      const timings = total ?? { queueMs: 0, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };
      return { result, execution: { id, durationMs: performance.now() - startedAt, timings }, warnings };
    },
  };
}

function sum(one: Timings, other: Timings): Timings {
  return {
    queueMs: one.queueMs + other.queueMs,
    scriptMs: one.scriptMs + other.scriptMs,
    upstreamMs: one.upstreamMs + other.upstreamMs,
    cpuMs: one.cpuMs + other.cpuMs,
    coldStart: one.coldStart || other.coldStart,
  };
}
