import { createIsolate, type GuestContext, type GuestIsolate, type Snapshot } from './isolate.ts';

/** An isolate with its first context, made ahead of need; nothing of any tenant is in it. */
export interface SpareIsolate {
  isolate: GuestIsolate;
  context: GuestContext;
  /** Who has taken it, for whoever asks whose doing its end was. */
  takenBy?: { connection: string; version: string };
  /** To be called when nothing runs in it any more, since V8 found no memory where it cannot do without. */
  onOutOfMemory?: () => void;
}

export interface SpareIsolates {
  take(): Promise<SpareIsolate>;
  close(): void;
}

export interface SpareIsolatesOptions {
  snapshot: Snapshot;
  memoryLimitMb: number;
  coverage?: boolean | undefined;
  /** How many are kept ready. */
  keep: number;
  /** `spare`: the one that it befell; none while it was being made. */
  onCatastrophe(message: string, spare: SpareIsolate | undefined): void;
}

export function createSpareIsolates(options: SpareIsolatesOptions): SpareIsolates {
  const { keep, ...isolateOptions } = options;
  const ready: Promise<SpareIsolate>[] = [];
  let closed = false;

  async function make(): Promise<SpareIsolate> {
    let spare: SpareIsolate | undefined;
    const isolate = createIsolate({
      ...isolateOptions,
      onCatastrophe: (message) => options.onCatastrophe(message, spare),
    });
    spare = { isolate, context: await isolate.createContext() };
    return spare;
  }

  /** One at a time and only when nothing else waits: making one holds the thread for some milliseconds. */
  function refill(): void {
    if (closed || ready.length >= keep) return;
    const spare = make();
    ready.push(spare);
    spare.then(
      () => setImmediate(refill),
      () => ready.splice(ready.indexOf(spare), 1),
    );
  }

  refill();
  return {
    take() {
      const spare = ready.shift() ?? make();
      setTimeout(refill, REFILL_AFTER_MS).unref();
      return spare;
    },
    close() {
      closed = true;
      for (const spare of ready.splice(0)) spare.then(({ isolate }) => isolate.dispose());
    },
  };
}

/** The execution that took the spare goes first. */
const REFILL_AFTER_MS = 20;
