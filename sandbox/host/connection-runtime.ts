import type { ConnectionDefinition, ScriptDefinition } from '../contract/definition.ts';
import type { ExecutionEvent } from '../contract/messages.ts';
import type { Outcome, ScriptFailure, Timings } from '../contract/outcome.ts';
import { runExecution } from './execution.ts';
import type { GuestContext } from './isolate.ts';
import type { TenantIsolate } from './tenant-isolate.ts';
import { createColumnCorrection } from './wrap-script.ts';

export interface RunRequest {
  execution: string;
  action: ScriptDefinition['action'];
  args: string;
  wallMs: number;
}

export interface RunReport {
  onDone(outcome: Outcome, timings: Timings): void;
  onEvent(event: ExecutionEvent['event'], level: ExecutionEvent['level'], text: string): void;
  onStuck(): void;
}

/** Runs the scripts of one version of a connection, in its warm isolate. */
export interface ConnectionRuntime {
  run(request: RunRequest, report: RunReport): void;
  /** Lets go of the isolate when what is under way has ended. */
  retire(): void;
}

export interface ConnectionRuntimeOptions {
  definition: ConnectionDefinition;
  makeIsolate(): Promise<TenantIsolate>;
  cpuMs: number;
  memoryMb: number;
}

interface Waiting {
  request: RunRequest;
  script: ScriptDefinition;
  report: RunReport;
  since: number;
  timer?: NodeJS.Timeout;
}

let lastNumber = 0;

export function createConnectionRuntime(options: ConnectionRuntimeOptions): ConnectionRuntime {
  const scripts = new Map(options.definition.scripts.map((script) => [script.action, script]));
  const corrections = new Map(
    options.definition.scripts.map((script) => [script.action, createColumnCorrection(script)]),
  );
  const queue: Waiting[] = [];
  let current: TenantIsolate | undefined;
  let home: Promise<TenantIsolate> | undefined;
  let cold = true;
  let retired = false;

  /** The isolate of the moment; a new one after the last was retired. */
  function isolateOfTheMoment(): Promise<TenantIsolate> {
    if (!home || current?.retired) {
      current = undefined;
      cold = true;
      home = options.makeIsolate().then((isolate) => {
        current = isolate;
        return isolate;
      });
      home.catch(() => {
        home = undefined;
      });
    }
    return home;
  }

  async function start(waiting: Waiting): Promise<void> {
    const { request, script, report, since } = waiting;
    let isolate: TenantIsolate;
    let context: GuestContext;
    const coldStart = cold;
    try {
      isolate = await isolateOfTheMoment();
      const taken = isolate.take(script);
      if (!taken) return wait(waiting);
      context = await taken;
    } catch (error) {
      return report.onDone(invalid(error), { ...noTimings, queueMs: performance.now() - since });
    }
    cold = false;
    const queueMs = performance.now() - since;
    const left = await runExecution(
      context,
      {
        number: ++lastNumber,
        action: request.action,
        file: script.file,
        args: request.args,
        wallMs: Math.max(1, request.wallMs - queueMs),
        cpuMs: options.cpuMs,
        memoryMb: options.memoryMb,
      },
      {
        operations: isolate.operations,
        chargeCpu: isolate.chargeCpu,
        onOutcome: (outcome, timings) =>
          report.onDone(corrected(outcome, request.action), { ...timings, queueMs, coldStart }),
        onEvent: report.onEvent,
        onStuck: report.onStuck,
      },
    );
    if (left === 'broken') isolate.retire();
    isolate.giveBack(context, left === 'clean');
    next();
  }

  /** All contexts are taken; what is not begun by its deadline never will be. */
  function wait(waiting: Waiting): void {
    const leftMs = waiting.request.wallMs - (performance.now() - waiting.since);
    waiting.timer = setTimeout(() => {
      queue.splice(queue.indexOf(waiting), 1);
      const queueMs = performance.now() - waiting.since;
      waiting.report.onDone({ kind: 'overloaded', retryAfterS: 1 }, { ...noTimings, queueMs });
    }, leftMs);
    queue.push(waiting);
  }

  function next(): void {
    const room = current?.retired ? queue.length : 1;
    for (const waiting of queue.splice(0, room)) {
      clearTimeout(waiting.timer);
      void start(waiting);
    }
    if (retired && queue.length === 0) current?.retire();
  }

  function corrected(outcome: Outcome, action: ScriptDefinition['action']): Outcome {
    const correction = corrections.get(action);
    if (!correction || (outcome.kind !== 'rejected' && outcome.kind !== 'uncaught')) return outcome;
    const { place, stack } = outcome.failure;
    const failure: ScriptFailure = { ...outcome.failure, stack: stack.map(correction.frame) };
    if (place) failure.place = { ...place, column: correction.column(place.line, place.column) };
    return { ...outcome, failure };
  }

  return {
    run(request, report) {
      const script = scripts.get(request.action);
      if (!script) {
        const failure = {
          kind: 'Error',
          name: 'Error',
          message: `There is no ${request.action} script`,
          stack: [],
        };
        return report.onDone(
          { kind: 'invalid', failure: failure as ScriptFailure },
          { ...noTimings, queueMs: 0 },
        );
      }
      void start({ request, script, report, since: performance.now() });
    },
    retire() {
      retired = true;
      void home?.then((isolate) => isolate.retire());
    },
  };
}

const noTimings: Omit<Timings, 'queueMs'> = { scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };

/** V8 refused the source, though it had been parsed before: its message names what it stumbled over. */
function invalid(error: unknown): Outcome {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const match = /\[?([^\s[\]]+\.js):(\d+):(\d+)\]?/.exec(`${message}\n${stack}`);
  const place = match?.[1] ? { file: match[1], line: Number(match[2]), column: Number(match[3]) } : undefined;
  const failure: ScriptFailure = { kind: 'Error', name, message, stack: [], ...(place ? { place } : {}) };
  return { kind: 'invalid', failure };
}
