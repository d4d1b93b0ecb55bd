import * as z from 'zod';
import type { ExecutionEvent } from '../contract/messages.ts';
import { type Outcome, ResultNote, ScriptFailure, type Timings } from '../contract/outcome.ts';
import { boundFailure } from './bound-failure.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import { createExecutionEvents } from './execution-events.ts';
import { brokeItsRuntime, failureOf, isBufferLimit } from './execution-failures.ts';
import type { EntryEnd, EntryKind, GuestContext } from './isolate.ts';
import type { OperationTable } from './operation-table.ts';
import type { Payload } from './operations.ts';
import { quotas } from './quotas.ts';
import { createWaitingEntries } from './waiting-entries.ts';

/** One execution of one script in one context: from the entry to the outcome, and on to rest. */

/** A context with what it has open on the host. */
export interface TenantContext {
  guest: GuestContext;
  operations: OperationTable;
}

export interface ExecutionRequest {
  /** `exec_…` */
  id: string;
  /** The host's own number, for the guest; never 0. */
  number: number;
  action: string;
  file: string;
  /** JSON array. */
  args: string;
  wallMs: number;
  cpuMs: number;
  memoryMb: number;
  recorder?: ExchangeRecorder | undefined;
}

export interface ExecutionHost {
  /** CPU time of the isolate since it was last asked, in milliseconds. */
  chargeCpu(): number;
  onOutcome(outcome: Outcome, timings: Omit<Timings, 'queueMs' | 'coldStart'>): void;
  onEvent(event: ExecutionEvent['event'], level: ExecutionEvent['level'], text: string): void;
  /** An entry did not end though its time is up. */
  onStuck(): void;
}

/**
 * How the context is left. `clean`: everything came to rest; sockets and timers that it keeps are suspended. `dirty`:
 * something was cut off, so that promises in the context may never settle. `broken`: the isolate itself must not be
 * used again.
 */
export type ContextState = 'clean' | 'dirty' | 'broken';

export interface RunningExecution {
  /** When it has come to rest, or has been cut off. */
  settled: Promise<ContextState>;
  /** Ends what goes on after the callback; not for an execution without an outcome. */
  cut(): void;
  /** The isolate is lost for want of memory. */
  runOutOfMemory(): void;
}

/** For what a script does after its callback: closing a client, a log call that is not awaited. */
const GRACE_MS = 1_000;
/**
 * The outcome is told when the entry that brought it has ended, so that the caller's next call finds the context free
 * with what it keeps; but a script that goes on at length after its callback is not waited for.
 */
const TELL_WITHIN_MS = 2;
/** From the deadline until an entry that has not ended is called stuck. */
const STUCK_AFTER_MS = 1_000;
/** Of a report, in UTF-16 units: a result of full size, with every character escaped, and its notes fit in. */
const MAX_REPORT = 1024 * 1024;

const Returned = z.object({ result: z.string().optional(), notes: z.array(ResultNote) });
const TooLarge = z.object({ bytes: z.number() });

export function runExecution(
  { guest: context, operations }: TenantContext,
  request: ExecutionRequest,
  host: ExecutionHost,
): RunningExecution {
  const started = performance.now();
  const deadline = started + request.wallMs;
  let cpuLeftMs = request.cpuMs;
  const entries = createWaitingEntries();
  let finished = false;
  let isSettled = false;
  let state: ContextState = 'clean';
  const events = createExecutionEvents(host.onEvent);
  const settled = Promise.withResolvers<ContextState>();
  let timer = setTimeout(onDeadline, request.wallMs);
  let graceEnd = 0;
  let restTimer: NodeJS.Timeout | undefined;
  /** The outcome that has not been told yet. */
  let tell: (() => void) | undefined;
  let tellTimer: NodeJS.Timeout | undefined;

  context.listen({
    onPost(kind, id, json, bytes) {
      const began = performance.now();
      try {
        if (typeof id !== 'number' || typeof json !== 'string') return onUncaught(brokeItsRuntime);
        if (kind.startsWith('+')) return operations.start(id, kind.slice(1), json, bytes);
        if (kind.startsWith('>')) return operations.message(id, kind.slice(1), json, bytes);
        if (kind === '-') return operations.cancel(id);
        if (json.length > MAX_REPORT) return onHugeReport(kind, json.length);
        onReport(kind, id, json === '' ? undefined : JSON.parse(json));
      } catch {
        onUncaught(brokeItsRuntime);
      } finally {
        chargeHostWork(performance.now() - began);
      }
    },
    onCall(op, json, bytes) {
      const began = performance.now();
      const answer = operations.call(op, json, bytes);
      chargeHostWork(performance.now() - began);
      return answer;
    },
  });

  request.recorder?.began();
  operations.attach({
    execution: request.id,
    recorder: request.recorder,
    send: (id, type, json, payload, late) => enter(late ? 'late-event' : 'event', id, json, payload, type),
    onEvent: events.tell,
    onIdle: checkRest,
    chargeCpu: chargePoolWork,
  });
  const { number, action, file, args } = request;
  const head = JSON.stringify({ action, file, maxResultBytes: quotas.resultBytes });
  enter('run', number, `${head.slice(0, -1)},"args":${args}}`);
  return {
    settled: settled.promise,
    cut: () => settle('dirty'),
    runOutOfMemory: () => finish({ kind: 'out_of_memory', limitMb: request.memoryMb }, 'broken'),
  };

  function enter(kind: EntryKind, id: number, json: string, payload?: Payload, type?: string): void {
    const wallLeftMs = deadline - performance.now();
    if (wallLeftMs <= 0 || isSettled) return;
    // Read first: the memory of a large payload goes over to the isolate.
    const bytes = payload?.length ?? 0;
    const tooMuch = entries.add(bytes);
    if (tooMuch) return onFlood(tooMuch);
    const timeoutMs = Math.min(wallLeftMs, cpuLeftMs);
    const isLate = kind === 'late-event';
    context.enter(kind, id, json, { timeoutMs, payload, ...(type ? { type } : {}) }).then((end) => {
      entries.ended(bytes);
      onEntryEnd(end, isLate);
    });
  }

  function onFlood(message: string): void {
    finish({ kind: 'uncaught', failure: { kind: 'Error', name: 'Error', message, stack: [] } }, 'broken');
  }

  /** Work done for a script on the host's thread counts as its own: every other script of the process waits for it. */
  function chargeHostWork(ms: number): void {
    cpuLeftMs -= ms;
    if (cpuLeftMs <= 0) finish({ kind: 'timeout', limit: 'cpu', limitMs: request.cpuMs }, 'broken');
  }

  /** Work in the thread pool, told when it is done: the script waits for it or does something else meanwhile. */
  function chargePoolWork(ms: number): void {
    cpuLeftMs -= ms;
    if (cpuLeftMs > 0) return;
    const state = entries.count > 0 ? 'broken' : 'dirty';
    finish({ kind: 'timeout', limit: 'cpu', limitMs: request.cpuMs }, state);
  }

  function onEntryEnd(end: EntryEnd, isLate: boolean): void {
    cpuLeftMs -= host.chargeCpu();
    tell?.();
    switch (end.kind) {
      case 'ok':
        if (cpuLeftMs <= 0) finish({ kind: 'timeout', limit: 'cpu', limitMs: request.cpuMs }, 'dirty');
        return checkRest();
      case 'timeout':
        return finish(timeoutOutcome(), 'broken');
      case 'out-of-memory':
        return finish({ kind: 'out_of_memory', limitMb: request.memoryMb }, 'broken');
      case 'gone':
        return finish({ kind: 'crashed' }, 'broken');
      case 'uncaught':
        if (isLate) events.lateError(failureOf(end, request.file));
        else onUncaught(failureOf(end, request.file));
        return checkRest();
      default:
        return end satisfies never;
    }
  }

  function timeoutOutcome(): Outcome {
    const onCpu = deadline - performance.now() > 50;
    const [limit, limitMs] = onCpu ? (['cpu', request.cpuMs] as const) : (['wall', request.wallMs] as const);
    return { kind: 'timeout', limit, limitMs };
  }

  /** What the guest posts is as hostile as the script in it: it is parsed, and nonsense ends the execution. */
  function onReport(kind: string, id: number, value: unknown): void {
    // What an earlier execution left may call the callback that it was given then.
    if (isOutcome.has(kind) && id !== request.number) kind = 'late';
    switch (kind) {
      case 'returned':
        return finish({ kind: 'returned', ...Returned.parse(value) } as Outcome);
      case 'rejected':
        return finish(failedOutcome('rejected', ScriptFailure.parse(value)));
      case 'uncaught':
        return onUncaught(ScriptFailure.parse(value));
      case 'too-large': {
        const { bytes } = TooLarge.parse(value);
        return finish({ kind: 'result_too_large', bytes, limitBytes: quotas.resultBytes });
      }
      case 'late':
        return events.tell(
          'late_callback',
          'warn',
          'The callback was called again, or too late; it is ignored',
        );
      case 'late-error':
        return events.lateError(ScriptFailure.parse(value));
      case 'console':
        return events.console(value);
    }
  }

  /** The guest cuts what it reports; a script that has replaced the functions it does so with gets here. */
  function onHugeReport(kind: string, length: number): void {
    if (kind === 'returned')
      return finish({ kind: 'result_too_large', bytes: length, limitBytes: quotas.resultBytes });
    onUncaught(brokeItsRuntime);
  }

  function onUncaught(failure: ScriptFailure): void {
    if (finished) events.lateError(failure);
    else finish(failedOutcome('uncaught', failure), 'dirty');
  }

  function failedOutcome(kind: 'rejected' | 'uncaught', failure: ScriptFailure): Outcome {
    if (isBufferLimit(failure)) return { kind: 'out_of_memory', limitMb: request.memoryMb };
    return { kind, failure: boundFailure(failure) };
  }

  function finish(outcome: Outcome, contextState?: ContextState): void {
    if (contextState === 'broken') state = 'broken';
    else if (contextState === 'dirty' && state === 'clean') state = 'dirty';
    if (!finished) {
      finished = true;
      const scriptMs = performance.now() - started;
      tell = () => {
        clearTimeout(tellTimer);
        tell = undefined;
        const cpuMs = Math.max(0, request.cpuMs - cpuLeftMs);
        host.onOutcome(outcome, { scriptMs, upstreamMs: operations.upstreamMs(), cpuMs });
      };
      if (state === 'clean' && entries.count > 0) tellTimer = setTimeout(tell, TELL_WITHIN_MS);
      else tell();
      clearTimeout(timer);
      graceEnd = Math.min(performance.now() + GRACE_MS, deadline);
      if (state === 'clean') timer = setTimeout(onGraceOver, Math.max(0, graceEnd - performance.now()));
    }
    if (state !== 'clean') settle(state);
  }

  function onDeadline(): void {
    const stuck = entries.count > 0;
    if (stuck) setTimeout(() => entries.count > 0 && host.onStuck(), STUCK_AFTER_MS).unref();
    finish({ kind: 'timeout', limit: 'wall', limitMs: request.wallMs }, stuck ? 'broken' : 'dirty');
  }

  function onGraceOver(): void {
    const now = performance.now();
    settle(entries.count > 0 || operations.restsAt(now) > now ? 'dirty' : 'clean');
  }

  function checkRest(): void {
    if (entries.count > 0 || isSettled) return;
    if (!finished) {
      if (operations.mayCall()) return;
      // An answer that came after the deadline was not handed over: then it is no fault of the script's.
      if (performance.now() >= deadline) return onDeadline();
      finish({ kind: 'no_callback' });
      // What it waits for, a client that nobody gives back to its pool, the next execution would wait for as well.
      return settle(operations.holdsAny() ? 'dirty' : 'clean');
    }
    const leftMs = operations.restsAt(graceEnd) - performance.now();
    if (leftMs <= 0) return settle('clean');
    if (leftMs > GRACE_MS) return;
    clearTimeout(restTimer);
    restTimer = setTimeout(checkRest, Math.ceil(leftMs));
  }

  function settle(how: ContextState): void {
    if (isSettled) return;
    isSettled = true;
    tell?.();
    clearTimeout(timer);
    clearTimeout(restTimer);
    context.listen(nobody);
    if (how !== 'clean') operations.close();
    settled.resolve(how === 'clean' && !operations.suspend() ? 'dirty' : how);
  }
}

const isOutcome = new Set(['returned', 'rejected', 'too-large']);

/** What a context is connected to between executions. */
const nobody = {
  onPost() {},
  onCall: (): [string] => ['{"ok":false,"error":{"message":"No execution is under way"}}'],
};
