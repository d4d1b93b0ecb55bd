import ivm from 'isolated-vm';
import type { Payload } from './operations.ts';
import { createStopwatch, type Stopwatch } from './stopwatch.ts';

/**
 * The only file that knows isolated-vm: its objects, its wording, its habits. Everything else sees contexts that
 * are entered with strings and bytes, and outcomes that are data.
 */

/** How an entry into a context ended. `uncaught`: a promise was rejected and nobody handled it. */
export type EntryEnd =
  | { kind: 'ok' }
  | { kind: 'timeout' }
  | { kind: 'out-of-memory' }
  | { kind: 'gone' }
  | { kind: 'uncaught'; name: string; message: string; stack: string };

export type EntryKind = 'configure' | 'expect' | 'run' | 'event' | 'late-event';

/** What a context says to the host. */
export interface ContextListener {
  onPost(kind: string, id: number, json: string, bytes: Uint8Array | undefined): void;
  onCall(op: string, json: string, bytes: Uint8Array | undefined): [string, Payload?];
}

export interface GuestContext {
  listen(listener: ContextListener): void;
  enter(kind: EntryKind, id: number, json: string, options: EnterOptions): Promise<EntryEnd>;
  /** Runs a compiled source. The entry after it waits for it. */
  run(source: CompiledSource): Promise<EntryEnd>;
  release(): void;
}

export interface EnterOptions {
  timeoutMs: number;
  payload?: Payload | undefined;
  type?: string;
}

export interface CompiledSource {
  readonly script: ivm.Script;
}

export interface SourceText {
  code: string;
  file: string;
  /** Columns of the first line that are not the author's. */
  columnOffset?: number;
  codeCache?: CodeCache;
}

/** V8's code cache of one source, filled by the isolate that compiles it first. */
export interface CodeCache {
  data?: ivm.ExternalCopy<ArrayBuffer>;
}

export interface GuestIsolate {
  createContext(): Promise<GuestContext>;
  /** Rejects with the SyntaxError of the source. */
  compile(source: SourceText): Promise<CompiledSource>;
  /** Nanoseconds of CPU time since it was made. */
  cpuNs(): bigint;
  /** Milliseconds in which at least one entry was inside or waiting to get in, since it was made. */
  busyMs(): number;
  /** What has been run since it was last asked, by file; nothing unless it was made for coverage. */
  takeCoverage(): Promise<RunRanges[]>;
  /** Bytes in use, of the heap and outside of it. */
  usedBytes(): Promise<number>;
  dispose(): void;
}

export interface RunRanges {
  file: string;
  /** UTF-16 units into the code that was compiled. */
  ranges: { start: number; end: number; count: number }[];
}

export interface IsolateOptions {
  memoryLimitMb: number;
  /** Counts which parts of the sources are run. Costs time, and lets the inspector in. */
  coverage?: boolean | undefined;
  snapshot: Snapshot;
  /** The isolate cannot be ended any more; nothing but the end of the process helps. */
  onCatastrophe(message: string): void;
}

export type Snapshot = ivm.ExternalCopy<ArrayBuffer>;

export function readSnapshot(bytes: Uint8Array): Snapshot {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  return new ivm.ExternalCopy(buffer, { transferOut: true });
}

/** Sources run one after another; what they leave is the heap each isolate starts with. */
export function makeSnapshot(sources: readonly SourceText[], warmUp?: string): Uint8Array {
  const scripts = sources.map(({ code, file }) => ({ code, filename: file }));
  return new Uint8Array(ivm.Isolate.createSnapshot(scripts, warmUp).copy());
}

export function createIsolate({
  memoryLimitMb,
  coverage,
  snapshot,
  onCatastrophe,
}: IsolateOptions): GuestIsolate {
  const isolate = new ivm.Isolate({
    memoryLimit: memoryLimitMb,
    snapshot,
    onCatastrophicError: onCatastrophe,
    ...(coverage ? { inspector: true } : {}),
  });
  const counter = coverage ? countRuns(isolate) : undefined;
  const busy = createStopwatch();
  return {
    async createContext() {
      // Not at the same time: the inspector and an entry would wait for one another.
      await counter?.started;
      return bootContext(isolate, await isolate.createContext(), busy);
    },
    async compile({ code, file, columnOffset = 0, codeCache }) {
      const cached = codeCache?.data;
      const script = await isolate.compileScript(code, {
        filename: file,
        // Not -columnOffset: isolated-vm refuses -0.
        columnOffset: 0 - columnOffset,
        ...(cached ? { cachedData: cached } : codeCache ? { produceCachedData: true } : {}),
      });
      const produced = (script as { cachedData?: ivm.ExternalCopy<ArrayBuffer> }).cachedData;
      if (codeCache && !cached && produced) codeCache.data = produced;
      return { script };
    },
    cpuNs: () => (isolate.isDisposed ? 0n : isolate.cpuTime),
    busyMs: busy.elapsedMs,
    takeCoverage: async () => counter?.take() ?? [],
    async usedBytes() {
      const heap = await isolate.getHeapStatistics();
      return heap.used_heap_size + heap.externally_allocated_size;
    },
    dispose() {
      if (isolate.isDisposed) return;
      // An isolate with an open session waits for it for ever.
      counter?.end();
      isolate.dispose();
    },
  };
}

async function bootContext(
  isolate: ivm.Isolate,
  context: ivm.Context,
  busy: Stopwatch,
): Promise<GuestContext> {
  let listener: ContextListener = {
    onPost() {},
    onCall: () => ['{"ok":false,"error":{"message":"Not ready"}}'],
  };
  const boot = await context.global.get('__drawbridge_boot', { reference: true });
  const callSync = new ivm.Callback(
    (op: string, json: string, bytes?: unknown) => {
      const [answer, payload] = listener.onCall(op, json, viewOf(bytes));
      return [answer, typeof payload === 'string' || !payload ? payload : ownBuffer(payload)];
    },
    { sync: true },
  );
  const post = new ivm.Callback(
    (kind: string, id: number, json: string, bytes?: unknown) =>
      listener.onPost(kind, id, json, viewOf(bytes)),
    { ignored: true },
  );
  const dispatch = await boot.apply(undefined, [callSync, post], { result: { reference: true } });
  boot.release();
  return {
    listen(next) {
      listener = next;
    },
    enter(kind, id, json, { timeoutMs, payload, type }) {
      const started = performance.now();
      const timeout = Math.max(1, Math.ceil(timeoutMs));
      const left = busy.start();
      return dispatch.apply(undefined, [kind, id, json, crossing(payload), type], { timeout }).then(
        () => {
          left();
          return ended;
        },
        (error: unknown) => {
          left();
          return endOf(error, isolate, performance.now() - started >= timeout - TIMER_SLACK_MS);
        },
      );
    },
    run({ script }) {
      return script.run(context).then(
        () => ended,
        (error: unknown) => endOf(error, isolate, false),
      );
    },
    release() {
      dispatch.release();
      context.release();
    },
  };
}

interface Counted {
  url: string;
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
}

/** V8's own block coverage, by the inspector: sources stay as they are, and so do stacks and columns. */
function countRuns(isolate: ivm.Isolate) {
  const session = isolate.createInspectorSession();
  const waiting = new Map<number, (answer: string) => void>();
  let lastId = 0;
  session.onResponse = (id, answer) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  };
  session.onNotification = () => {};
  const ask = (method: string, params: object = {}) =>
    new Promise<string>((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      session.dispatchProtocolMessage(JSON.stringify({ id, method, params }));
    });
  // Counting must have begun before a source is compiled.
  const started = ask('Profiler.enable').then(() =>
    ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true }),
  );
  return {
    started,
    end: () => session.dispose(),
    async take(): Promise<RunRanges[]> {
      const { result } = JSON.parse(await ask('Profiler.takePreciseCoverage')) as {
        result?: { result: Counted[] };
      };
      return (result?.result ?? []).map(({ url, functions }) => ({
        file: url,
        ranges: functions.flatMap(({ ranges }) =>
          ranges.map(({ startOffset, endOffset, count }) => ({ start: startOffset, end: endOffset, count })),
        ),
      }));
    },
  };
}

const ended: EntryEnd = { kind: 'ok' };
const TIMER_SLACK_MS = 20;

/** A script that has replaced ArrayBuffer.prototype.slice can have any value here: a length of gigabytes, too. */
function viewOf(bytes: unknown): Uint8Array | undefined {
  return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : undefined;
}

/** From this size on a transferred copy is cheaper than a plain argument. */
const TRANSFER_FROM_BYTES = 64 * 1024;

function crossing(payload: Payload | undefined) {
  if (payload === undefined || typeof payload === 'string') return payload;
  const buffer = ownBuffer(payload);
  if (buffer.byteLength < TRANSFER_FROM_BYTES)
    return new ivm.ExternalCopy(buffer).copyInto({ release: true });
  return new ivm.ExternalCopy(buffer, { transferOut: true }).copyInto({ release: true, transferIn: true });
}

function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  if (bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength)
    return bytes.buffer as ArrayBuffer;
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** A script can reject a promise with any words; isolated-vm's own words count only where the facts bear them out. */
function endOf(error: unknown, isolate: ivm.Isolate, timeIsUp: boolean): EntryEnd {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  if (isolate.isDisposed) return { kind: goneWords.has(message) ? 'gone' : 'out-of-memory' };
  if (timeIsUp && message === 'Script execution timed out.') return { kind: 'timeout' };
  if (message.includes('isolated-vm'))
    return { kind: 'uncaught', name: 'Error', message: noError, stack: '' };
  return { kind: 'uncaught', name, message, stack: stack ?? '' };
}

/**
 * What isolated-vm says to an entry that found the isolate gone, or was cut off by the host. All other words, or none, are
 * of the entry that used up the memory, be it in its own code or while its error was read.
 */
const goneWords: ReadonlySet<string> = new Set([
  'Isolate is disposed',
  'Isolate was disposed during execution',
]);

/** isolated-vm reads errors and primitive values; of anything else it has only words about itself. */
const noError = 'A promise was rejected with what is no Error, and nobody handled it';
