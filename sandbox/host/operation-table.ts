import type { ExecutionEvent } from '../contract/messages.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import { createHeldEvents } from './held-events.ts';
import {
  type Answer,
  type AsyncOperation,
  errorOnTheWire,
  type HostModule,
  type KeptOperation,
  type OperationScope,
  type Payload,
  type SyncOperation,
} from './operations.ts';
import { quotas } from './quotas.ts';
import { createStopwatch, type Stopwatch } from './stopwatch.ts';

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

/** The operations of one context, through all of its executions. */
export interface OperationTable {
  /** An execution begins: what was suspended goes on, and what came for it meanwhile is sent. */
  attach(host: OperationTableHost): void;
  start(id: number, op: string, json: string, bytes: Uint8Array | undefined): void;
  message(id: number, type: string, json: string, bytes: Uint8Array | undefined): void;
  cancel(id: number): void;
  call(op: string, json: string, bytes: Uint8Array | undefined): [string, Payload?];
  /** Whether anything is under way that may yet call the callback. */
  mayCall(): boolean;
  /**
   * After the callback: when (by performance.now) the execution comes to rest, if nothing happens before. In the
   * past: it is at rest. Infinity: something is under way that will say when it has ended.
   */
  restsAt(graceEnd: number): number;
  /** Milliseconds of this execution in which at least one upstream call was under way. */
  upstreamMs(): number;
  /** The execution is over. False: it has left more behind than is kept, and the context must go. */
  suspend(): boolean;
  /** Whether anything is kept: sockets, timers. */
  holdsAny(): boolean;
  openSockets(): number;
  /** Cancels everything, for good. */
  close(): void;
}

export interface OperationTableHost {
  /** `exec_…`, for whoever outside is asked to do something for it. */
  readonly execution: string;
  readonly recorder?: ExchangeRecorder | undefined;
  /** `late`: it is for something that an earlier execution left, and what it throws is not this one's. */
  send(id: number, type: string, json: string, payload: Payload | undefined, late: boolean): void;
  onEvent(event: ExecutionEvent['event'], level: ExecutionEvent['level'], text: string): void;
  /** An operation has ended, or need not be waited for any more. */
  onIdle(): void;
  chargeCpu(ms: number): void;
}

interface UnderWay {
  op: string;
  execution: number;
  abort: AbortController | undefined;
  onMessage: ((type: string, value: unknown, bytes: Uint8Array | undefined) => void) | undefined;
  kept: KeptOperation | undefined;
  givenBytes: number;
}

const MB = 1024 * 1024;
const kinds: ReadonlyMap<string, { name: string; atOnce: number; begun: number }> = new Map(
  Object.entries(quotas.kinds),
);
/** What it may keep from one execution to the next; a pool of a driver's default size fits in. */
const MAX_KEPT = 100;
const MAX_KEPT_OF_KIND: Readonly<Record<string, number>> = { socket: 12, tls: 12 };

export function createOperationTable(operations: Operations): OperationTable {
  const underWay = new Map<number, UnderWay>();
  let requests = 0;
  let givenBytes = 0;
  let execution = 0;
  let host: OperationTableHost | undefined;
  const held = createHeldEvents();
  const begun = new Map<string, number>();
  let socketBytes = 0;
  let upstream: Stopwatch = createStopwatch();

  function settle(
    id: number,
    entry: UnderWay,
    type: 'done' | 'failed',
    value: unknown,
    payload?: Payload,
  ): void {
    if (underWay.get(id) !== entry) return;
    send(id, entry, type, value, payload);
    remove(id, entry);
    host?.onIdle();
  }

  function remove(id: number, entry: UnderWay): void {
    underWay.delete(id);
    givenBytes -= entry.givenBytes;
    if (!entry.kept) requests--;
  }

  function send(id: number, entry: UnderWay, type: string, value: unknown, payload?: Payload): void {
    const json = value === undefined ? '' : JSON.stringify(value);
    const late = entry.execution !== execution && entry.kept?.throwsForItself() === true;
    if (host) host.send(id, type, json, payload, late);
    else held.add({ id, type, json, payload });
  }

  function scopeOf(id: number, entry: UnderWay): OperationScope {
    const isUnderWay = () => underWay.get(id) === entry;
    return {
      get signal() {
        if (!entry.abort) {
          entry.abort = new AbortController();
          if (!isUnderWay()) entry.abort.abort(ended);
        }
        return entry.abort.signal;
      },
      emit(type, value, payload) {
        if (isUnderWay()) send(id, entry, type, value, payload);
      },
      onMessage(listener) {
        entry.onMessage = listener;
      },
      keep(kept) {
        if (!isUnderWay()) return kept.end();
        entry.kept = kept;
        requests--;
      },
      spendBytes(bytes) {
        socketBytes += bytes;
        return socketBytes <= quotas.networkMb * MB;
      },
      execution: () => host?.execution,
      recorder: () => host?.recorder,
      log: (...event) => host?.onEvent(...event),
      upstreamStarted: () => upstream.start(),
      chargeCpu: (ms) => host?.chargeCpu(ms),
    };
  }

  function end(entry: UnderWay): void {
    entry.abort?.abort(ended);
    entry.kept?.end();
  }

  function countOf(op: string): number {
    let count = 0;
    for (const entry of underWay.values()) if (entry.op === op) count++;
    return count;
  }

  /** What is wrong with one more of a kind; it is counted already. */
  function tooMany(op: string): string | undefined {
    if (underWay.size > quotas.operations) {
      return `More than ${quotas.operations} timers and requests are under way at once`;
    }
    if (givenBytes > quotas.givenMb * MB) {
      return `More than ${quotas.givenMb} MB were given to what is under way at once`;
    }
    const limit = kinds.get(op);
    if (!limit) return undefined;
    const begunSoFar = (begun.get(op) ?? 0) + 1;
    begun.set(op, begunSoFar);
    if (countOf(op) > limit.atOnce) return `More than ${limit.atOnce} ${limit.name} at once`;
    return begunSoFar > limit.begun ? `More than ${limit.begun} ${limit.name} in one execution` : undefined;
  }

  /** Ends an operation that the guest has got wrong. Its own end must not answer first. */
  function fail(id: number, error: unknown): void {
    const entry = underWay.get(id);
    if (!entry) return;
    settle(id, entry, 'failed', errorOnTheWire(error));
    end(entry);
  }

  return {
    attach(next) {
      host = next;
      execution++;
      begun.clear();
      socketBytes = 0;
      upstream = createStopwatch();
      for (const { id, type, json, payload } of held.take()) host.send(id, type, json, payload, true);
      for (const { kept } of underWay.values()) kept?.resume();
    },
    start(id, op, json, bytes) {
      if (underWay.has(id)) throw new Error(`The operation ${id} is under way already`);
      const entry: UnderWay = {
        op,
        execution,
        abort: undefined,
        onMessage: undefined,
        kept: undefined,
        givenBytes: bytes?.byteLength ?? 0,
      };
      underWay.set(id, entry);
      givenBytes += entry.givenBytes;
      requests++;
      const operation = operations.async.get(op);
      if (!operation) return settle(id, entry, 'failed', { message: `There is no operation ${op}` });
      const message = tooMany(op);
      if (message) return settle(id, entry, 'failed', { message, code: 'ERR_TOO_MANY_OPERATIONS' });
      try {
        operation(JSON.parse(json), bytes, scopeOf(id, entry)).then(
          ({ value, payload }) => settle(id, entry, 'done', value, payload),
          (error: unknown) => settle(id, entry, 'failed', errorOnTheWire(error)),
        );
      } catch (error) {
        fail(id, error);
      }
    },
    message(id, type, json, bytes) {
      try {
        underWay.get(id)?.onMessage?.(type, json === '' ? undefined : JSON.parse(json), bytes);
      } catch (error) {
        fail(id, error);
      }
    },
    cancel(id) {
      const entry = underWay.get(id);
      if (!entry) return;
      remove(id, entry);
      end(entry);
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
    mayCall() {
      if (requests > 0) return true;
      for (const { kept } of underWay.values()) if (kept?.mayCall()) return true;
      return false;
    },
    restsAt(graceEnd) {
      if (requests > 0) return Number.POSITIVE_INFINITY;
      let latest = 0;
      for (const { kept } of underWay.values()) latest = Math.max(latest, kept?.goesOnUntil(graceEnd) ?? 0);
      return latest;
    },
    upstreamMs: () => upstream.elapsedMs(),
    suspend() {
      host = undefined;
      socketBytes = 0;
      for (const [id, entry] of underWay) {
        if (entry.kept) entry.kept.suspend();
        else {
          remove(id, entry);
          end(entry);
        }
      }
      const isTooMuch = Object.entries(MAX_KEPT_OF_KIND).some(([op, most]) => countOf(op) > most);
      return underWay.size <= MAX_KEPT && !isTooMuch;
    },
    holdsAny: () => underWay.size > 0,
    openSockets: () => countOf('socket'),
    close() {
      host = undefined;
      held.take();
      const entries = [...underWay.values()];
      underWay.clear();
      requests = 0;
      givenBytes = 0;
      for (const entry of entries) end(entry);
    },
  };
}

/** One reason for all: a DOMException of its own for each, with its stack, costs more than a small operation. */
const ended = new Error('The operation was cancelled');
