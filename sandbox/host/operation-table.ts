import type { ExecutionEvent } from '../contract/messages.ts';
import {
  type Answer,
  type AsyncOperation,
  errorOnTheWire,
  type HostModule,
  type OperationScope,
  type Payload,
  type SyncOperation,
} from './operations.ts';
import { createStopwatch } from './stopwatch.ts';

/** All operations of the bridged modules, by name. */
export interface Operations {
  sync: ReadonlyMap<string, SyncOperation>;
  async: ReadonlyMap<string, AsyncOperation>;
}

export function collectOperations(modules: readonly HostModule[]): Operations {
  return {
    sync: new Map(modules.flatMap((module) => Object.entries(module.sync ?? {}))),
    async: new Map(modules.flatMap((module) => Object.entries(module.async ?? {}))),
  };
}

export interface OperationTable {
  start(id: number, op: string, json: string, bytes: Uint8Array | undefined): void;
  message(id: number, type: string, json: string, bytes: Uint8Array | undefined): void;
  cancel(id: number): void;
  call(op: string, json: string, bytes: Uint8Array | undefined): [string, Payload?];
  /** Whether anything is under way that keeps an execution from rest after its callback. */
  busy(): boolean;
  /** Whether anything is under way that may yet call the callback: timers that were unref'ed, too. */
  anyUnderWay(): boolean;
  /** Milliseconds in which at least one upstream call was under way. */
  upstreamMs(): number;
  /** Cancels what is under way; says whether there was anything. */
  close(): boolean;
}

export interface OperationTableHost {
  send(id: number, type: string, json: string, payload?: Payload): void;
  onEvent(event: ExecutionEvent['event'], level: ExecutionEvent['level'], text: string): void;
  /** The last operation has ended. */
  onIdle(): void;
  chargeCpu(ms: number): void;
}

interface UnderWay {
  abort: AbortController | undefined;
  onMessage: ((type: string, value: unknown, bytes: Uint8Array | undefined) => void) | undefined;
  /** The guest has said that nobody waits for it: a timer that was unref'ed. */
  background: boolean;
}

/** What one execution may have under way at once. */
const MAX_OPERATIONS = 1_000;

/** The operations of one execution: started, spoken to, answered, and cancelled when it is over. */
export function createOperationTable(operations: Operations, host: OperationTableHost): OperationTable {
  const underWay = new Map<number, UnderWay>();
  let foreground = 0;
  let closed = false;
  const upstream = createStopwatch();

  function settle(id: number, type: 'done' | 'failed', value: unknown, payload?: Payload): void {
    const entry = underWay.get(id);
    if (!entry) return;
    remove(id, entry);
    send(id, type, value, payload);
    if (foreground === 0) host.onIdle();
  }

  function remove(id: number, entry: UnderWay): void {
    underWay.delete(id);
    if (!entry.background) foreground--;
  }

  function send(id: number, type: string, value: unknown, payload?: Payload): void {
    if (!closed) host.send(id, type, value === undefined ? '' : JSON.stringify(value), payload);
  }

  function scopeOf(id: number, entry: UnderWay): OperationScope {
    return {
      get signal() {
        entry.abort ??= new AbortController();
        return entry.abort.signal;
      },
      emit(type, value, payload) {
        if (underWay.has(id)) send(id, type, value, payload);
      },
      onMessage(listener) {
        entry.onMessage = listener;
      },
      log: host.onEvent,
      upstreamStarted: upstream.start,
      chargeCpu: host.chargeCpu,
    };
  }

  return {
    start(id, op, json, bytes) {
      if (closed) return;
      const entry: UnderWay = { abort: undefined, onMessage: undefined, background: false };
      underWay.set(id, entry);
      foreground++;
      const operation = operations.async.get(op);
      if (!operation) return settle(id, 'failed', { message: `There is no operation ${op}` });
      if (underWay.size > MAX_OPERATIONS) return settle(id, 'failed', tooMany);
      operation(JSON.parse(json), bytes, scopeOf(id, entry)).then(
        ({ value, payload }) => settle(id, 'done', value, payload),
        (error: unknown) => settle(id, 'failed', errorOnTheWire(error)),
      );
    },
    message(id, type, json, bytes) {
      const entry = underWay.get(id);
      if (!entry) return;
      if (type === 'ref' || type === 'unref') return setBackground(entry, type === 'unref');
      entry.onMessage?.(type, json === '' ? undefined : JSON.parse(json), bytes);
    },
    cancel(id) {
      const entry = underWay.get(id);
      if (!entry) return;
      remove(id, entry);
      entry.abort?.abort(ended);
    },
    call(op, json, bytes) {
      if (op === 'flush') return ['{"ok":true}'];
      try {
        const operation = operations.sync.get(op);
        if (!operation) throw new Error(`There is no operation ${op}`);
        const { value, payload }: Answer = operation(JSON.parse(json), bytes);
        return [JSON.stringify({ ok: true, value }), payload as Payload];
      } catch (error) {
        return [JSON.stringify({ ok: false, error: errorOnTheWire(error) })];
      }
    },
    busy: () => foreground > 0,
    anyUnderWay: () => underWay.size > 0,
    upstreamMs: upstream.elapsedMs,
    close() {
      const leftOpen = underWay.size > 0;
      closed = true;
      for (const entry of underWay.values()) entry.abort?.abort(ended);
      underWay.clear();
      return leftOpen;
    },
  };

  function setBackground(entry: UnderWay, background: boolean): void {
    if (entry.background === background) return;
    entry.background = background;
    foreground += background ? -1 : 1;
    if (foreground === 0) host.onIdle();
  }
}

/** One reason for all: a DOMException of its own for each, with its stack, costs more than a small operation. */
const ended = new Error('The operation was cancelled');

const tooMany = {
  message: `More than ${MAX_OPERATIONS} timers and requests are under way at once`,
  code: 'ERR_TOO_MANY_OPERATIONS',
};
