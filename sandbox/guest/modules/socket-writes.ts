import type { SocketHandle } from './socket-handle.ts';

export type Done = (error?: Error | null) => void;

/** Bytes that may be on their way to the network before a write waits. */
const WINDOW_BYTES = 512 * 1024;
/** The most that crosses at once: the host lets nobody have much more than the window under way. */
const PIECE_BYTES = 256 * 1024;

/** What is on its way from one socket to the network. */
export interface SocketWrites {
  write(handle: SocketHandle, chunk: Uint8Array, done: Done): void;
  /** `done` when all of it has left and the other side has been told that it was the last. */
  end(handle: SocketHandle, done: Done): void;
  /** The host has written so many bytes. */
  written(bytes: number): void;
  /** The host has written everything, and the end. */
  finished(): void;
  /** The socket is closed: what waits will wait in vain. */
  abandon(error: Error | null): void;
  /** Handed over to the host so far. */
  readonly bytes: number;
  /** How many of these are of the chunk that is under way. */
  readonly bytesOfChunk: number;
}

export function createSocketWrites(): SocketWrites {
  let bytes = 0;
  let bytesOfChunk = 0;
  let unwritten = 0;
  let afterWritten: Done | undefined;
  let afterEnd: Done | undefined;
  let isAbandoned = false;

  function writeFrom(start: number, handle: SocketHandle, chunk: Uint8Array, done: Done): void {
    const piece = chunk.subarray(start, start + PIECE_BYTES);
    const next = start + piece.byteLength;
    bytes += piece.byteLength;
    bytesOfChunk += piece.byteLength;
    unwritten += piece.byteLength;
    handle.write(piece);
    const go = (error?: Error | null) => {
      if (!isAbandoned && next < chunk.byteLength) return writeFrom(next, handle, chunk, done);
      bytesOfChunk = 0;
      done(error);
    };
    if (unwritten > WINDOW_BYTES) afterWritten = go;
    else go();
  }

  return {
    write: (handle, chunk, done) => writeFrom(0, handle, chunk, done),
    end(handle, done) {
      afterEnd = done;
      handle.end();
    },
    written(more) {
      unwritten -= more;
      if (unwritten > WINDOW_BYTES) return;
      const go = afterWritten;
      afterWritten = undefined;
      go?.();
    },
    finished() {
      const done = afterEnd;
      afterEnd = undefined;
      done?.();
    },
    abandon(error) {
      isAbandoned = true;
      const waiting = [afterWritten, afterEnd];
      afterWritten = undefined;
      afterEnd = undefined;
      for (const done of waiting) done?.(error);
    },
    get bytes() {
      return bytes;
    },
    get bytesOfChunk() {
      return bytesOfChunk;
    },
  };
}
