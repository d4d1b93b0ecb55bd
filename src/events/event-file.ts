import { closeSync, constants, openSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** `code` is Node's: ENOSPC, EISDIR. `lost`: lines that found no room in memory until the file could be written again. */
export type EventFileProblem =
  | { readonly kind: 'failing'; readonly path: string; readonly code: string }
  | { readonly kind: 'works_again'; readonly path: string; readonly lost: number };

export interface EventFile {
  /** Never throws and never waits. */
  write(line: string): void;
  /** Resolves when everything has been written, or cannot be. */
  close(): Promise<void>;
}

interface EventFileOptions {
  readonly path: string;
  readonly onProblem?: ((problem: EventFileProblem) => void) | undefined;
  /** What waits for a disk that fails; beyond it the oldest lines are lost. */
  readonly maxWaitingLines?: number;
  /** After a failure. */
  readonly retryMs?: number;
}

const BATCH_LINES = 1_000;

/**
 * Appends what has gathered and answers how many lines are there whole. The file is opened each time, so that one that
 * was renamed is left and a new one begun.
 */
async function append(path: string, text: Buffer): Promise<{ written: number; error?: unknown }> {
  let written = 0;
  try {
    const handle = await open(path, 'a', 0o600);
    try {
      while (written < text.length) {
        written += (await handle.write(text, written, text.length - written)).bytesWritten;
      }
    } finally {
      await handle.close();
    }
    return { written };
  } catch (error) {
    return { written, error };
  }
}

function wholeLines(text: Buffer, written: number): number {
  let lines = 0;
  for (let at = text.indexOf(10); at !== -1 && at < written; at = text.indexOf(10, at + 1)) lines += 1;
  return lines;
}

export function createEventFile(options: EventFileOptions): EventFile {
  const { path, onProblem = () => {}, maxWaitingLines = 10_000, retryMs = 1_000 } = options;
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let failing = false;
  let lost = 0;
  let torn = false;
  let closed = false;

  function fail(error: unknown): void {
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException;
    if (!failing) onProblem({ kind: 'failing', path, code });
    failing = true;
  }

  // A folder that there is not is told of at the start, and not when the first user comes. A pipe may have no reader yet.
  try {
    const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK } = constants;
    closeSync(openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK, 0o600));
  } catch (error) {
    fail(error);
  }

  /** Many at once: to move ten thousand lines up for each that comes would cost a request more than all the rest. */
  function dropOldest(): void {
    const tooMany = waiting.length - maxWaitingLines;
    if (tooMany <= maxWaitingLines / 10) return;
    waiting.splice(0, tooMany);
    lost += tooMany;
  }

  /** Resolves with whether the batch is in the file. */
  async function writeBatch(): Promise<boolean> {
    const batch = waiting.splice(0, BATCH_LINES);
    // A line that was cut off by a full disk stands again whole, on a line of its own.
    const before = torn ? '\n' : '';
    const text = Buffer.from(`${before}${batch.join('\n')}\n`);
    const { written, error } = await append(path, text);
    if (written > 0) torn = written < text.length && text[written - 1] !== 10;
    if (written === text.length) {
      if (failing || lost > 0) onProblem({ kind: 'works_again', path, lost });
      failing = false;
      lost = 0;
      return true;
    }
    const done = Math.max(0, wholeLines(text, written) - before.length);
    waiting = [...batch.slice(done), ...waiting];
    dropOldest();
    fail(error);
    return false;
  }

  async function writeAll(): Promise<void> {
    // What is emitted in one turn goes together.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      if (await writeBatch()) continue;
      if (!closed) retry = setTimeout(start, retryMs).unref();
      break;
    }
    // At once: a line that comes now has to start the next writing.
    writing = undefined;
  }

  function start(): void {
    retry = undefined;
    writing ??= writeAll();
  }

  return {
    write(line) {
      if (closed) return;
      waiting.push(line);
      dropOldest();
      if (retry === undefined) start();
    },
    async close() {
      closed = true;
      await writing;
      clearTimeout(retry);
      if (waiting.length === 0) return;
      start();
      await writing;
    },
  };
}
