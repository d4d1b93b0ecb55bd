import type { ConnectionDefinition, ScriptDefinition } from '../contract/definition.ts';
import type { ExecutionEvent } from '../contract/messages.ts';
import type { Outcome, ScriptFailure, Timings } from '../contract/outcome.ts';
import { collectGarbageSoon } from './collect-garbage.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import { type RunningExecution, runExecution, type TenantContext } from './execution.ts';
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
  recorder?: ExchangeRecorder | undefined;
}

/** Runs the scripts of one version of a connection, in its warm isolate. */
export interface ConnectionRuntime {
  run(request: RunRequest, report: RunReport): void;
  /** Lets go of the isolate when what is under way has ended. The next run makes another. */
  cool(): void;
  warm(): boolean;
  /** As `cool`, for good: no run comes after those that wait. */
  retire(): void;
}

export interface ConnectionRuntimeOptions {
  definition: ConnectionDefinition;
  makeIsolate(): Promise<TenantIsolate>;
  cpuMs: number;
  memoryMb: number;
  /** Whether what each execution has run is told ahead of its outcome. */
  coverage?: boolean;
}

interface Waiting {
  request: RunRequest;
  script: ScriptDefinition;
  report: RunReport;
  since: number;
  timer?: NodeJS.Timeout;
}

/** How soon a waiting execution is tried again. */
const RETRY_AFTER_MS = 5;
/** More contexts than this are not kept for what scripts do after their callback. */
const MAX_GOING_ON = 16;

/** An isolate that was cut off may not answer. */
const COVERAGE_WITHIN_MS = 1_000;

let lastNumber = 0;

/** As base64 of JSON, so that no configuration value can happen to be part of it and be masked. */
async function coverageOf(isolate: TenantIsolate): Promise<string | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), COVERAGE_WITHIN_MS));
  const taken = await Promise.race([isolate.takeCoverage(), late]).catch(() => undefined);
  return taken && Buffer.from(JSON.stringify(taken)).toString('base64');
}

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
  let retryTimer: NodeJS.Timeout | undefined;
  /** Executions that have been answered and have not come to rest. */
  const goingOn = new Set<RunningExecution>();
  /** Those and the ones that have not been answered, each with its isolate. */
  const underWay = new Map<RunningExecution, TenantIsolate>();

  /** The isolate of the moment; a new one after the last was retired. */
  function isolateOfTheMoment(): Promise<TenantIsolate> {
    if (!home || current?.retired) {
      current = undefined;
      cold = true;
      home = options.makeIsolate().then((isolate) => {
        current = isolate;
        isolate.onOutOfMemory(() => {
          for (const [execution, its] of [...underWay]) if (its === isolate) execution.runOutOfMemory();
        });
        return isolate;
      });
      home.catch(() => {
        home = undefined;
      });
    }
    return home;
  }

  /** Begins what can begin, in the order of arrival. */
  function pump(): void {
    if (!current || current.retired) {
      isolateOfTheMoment().then(pump, (error: unknown) => {
        for (const { report, since, timer } of queue.splice(0)) {
          clearTimeout(timer);
          report.onDone(notBegun(error), { ...noTimings, queueMs: performance.now() - since });
        }
      });
      return;
    }
    let next = queue[0];
    while (next) {
      const context = current.take(next.script, goingOn.size);
      if (!context) return wait();
      queue.shift();
      clearTimeout(next.timer);
      void begin(next, current, context);
      next = queue[0];
    }
  }

  async function begin(next: Waiting, isolate: TenantIsolate, taken: Promise<TenantContext>): Promise<void> {
    const { request, script, report, since } = next;
    const coldStart = cold;
    cold = false;
    let context: TenantContext;
    try {
      context = await taken;
    } catch (error) {
      return report.onDone(notBegun(error), { ...noTimings, queueMs: performance.now() - since });
    }
    const queueMs = performance.now() - since;
    let tell: (() => void) | undefined;
    const execution = runExecution(
      context,
      {
        id: request.execution,
        number: ++lastNumber,
        action: request.action,
        file: script.file,
        args: request.args,
        wallMs: Math.max(1, request.wallMs - queueMs),
        cpuMs: options.cpuMs,
        memoryMb: options.memoryMb,
        recorder: report.recorder,
      },
      {
        chargeCpu: isolate.chargeCpu,
        onOutcome(outcome, timings) {
          goingOn.add(execution);
          tell = () => report.onDone(corrected(outcome, request.action), { ...timings, queueMs, coldStart });
          if (!options.coverage) tell();
        },
        onEvent: report.onEvent,
        onStuck: report.onStuck,
      },
    );
    underWay.set(execution, isolate);
    const left = await execution.settled;
    if (options.coverage) {
      const covered = await coverageOf(isolate);
      if (covered) report.onEvent('coverage', 'debug', covered);
      tell?.();
    }
    underWay.delete(execution);
    goingOn.delete(execution);
    if (left === 'broken') isolate.retire();
    if (left !== 'clean') collectGarbageSoon();
    isolate.giveBack(context, left === 'clean');
    if (queue.length > 0) pump();
    else if (retired) current?.retire();
  }

  /** What waits is tried again soon, as a further context may be worth its while by then. */
  function wait(): void {
    if (goingOn.size > MAX_GOING_ON) goingOn.values().next().value?.cut();
    for (const waiting of queue) waiting.timer ??= setTimeout(giveUp, leftMs(waiting), waiting);
    retryTimer ??= setTimeout(() => {
      retryTimer = undefined;
      if (queue.length > 0) pump();
    }, RETRY_AFTER_MS);
  }

  /** What has not begun by its deadline never will. */
  function giveUp(waiting: Waiting): void {
    queue.splice(queue.indexOf(waiting), 1);
    const queueMs = performance.now() - waiting.since;
    waiting.report.onDone({ kind: 'overloaded', retryAfterS: 1 }, { ...noTimings, queueMs });
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
      queue.push({ request, script, report, since: performance.now() });
      if (queue.length === 1 || !retryTimer) pump();
    },
    warm: () => current !== undefined && !current.retired,
    cool() {
      current?.retire();
    },
    retire() {
      retired = true;
      void home?.then((isolate) => isolate.retire());
    },
  };
}

const leftMs = ({ request, since }: Waiting) => request.wallMs - (performance.now() - since);

const noTimings: Omit<Timings, 'queueMs'> = { scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };

/**
 * Why no execution could begin. A SyntaxError: V8 refused the source, though it had been parsed before; its message
 * names what it stumbled over, and isolated-vm adds the place. The stack has this process's own files. Anything else is
 * the isolate's end, not the script's fault.
 */
function notBegun(error: unknown): Outcome {
  if (!(error instanceof SyntaxError)) return { kind: 'crashed' };
  const { name, message } = error;
  const match = / \[(\S+):(\d+):(\d+)\]$/.exec(message);
  const place = match?.[1] ? { file: match[1], line: Number(match[2]), column: Number(match[3]) } : undefined;
  const failure: ScriptFailure = { kind: 'Error', name, message, stack: [], ...(place ? { place } : {}) };
  return { kind: 'invalid', failure };
}
