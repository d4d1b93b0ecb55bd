import { BodyTooLarge, type UpstreamBody } from './upstream-contract.ts';

/** Bytes that may wait for the reader before the socket is paused. */
const HIGH_WATER_BYTES = 256 * 1024;

export interface BodySource {
  pause(): void;
  resume(): void;
  /** Drops the connection: nobody wants the rest. */
  abort(): void;
}

export interface PushedBody extends UpstreamBody {
  push(chunk: Uint8Array): void;
  end(): void;
  fail(error: Error): void;
}

/** A body that a socket pushes into and one reader pulls from. */
export function createPushedBody(source: BodySource): PushedBody {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let ended = false;
  let discarded = false;
  let paused = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  function news(): void {
    const reader = wake;
    wake = undefined;
    reader?.();
  }

  function take(): Uint8Array[] {
    const chunks = waiting;
    waiting = [];
    waitingBytes = 0;
    if (paused) {
      paused = false;
      source.resume();
    }
    return chunks;
  }

  function discard(): void {
    discarded = true;
    waiting = [];
    if (!ended && !failure) source.abort();
  }

  return {
    push(chunk) {
      if (discarded) return;
      waiting.push(chunk);
      waitingBytes += chunk.byteLength;
      if (waitingBytes > HIGH_WATER_BYTES && !paused) {
        paused = true;
        source.pause();
      }
      news();
    },
    end() {
      ended = true;
      news();
    },
    fail(error) {
      failure ??= error;
      news();
    },
    get complete() {
      return ended;
    },
    async collect(maxBytes, onBytes) {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for (;;) {
        try {
          for (const chunk of take()) {
            bytes += chunk.byteLength;
            if (bytes > maxBytes) throw new BodyTooLarge(maxBytes);
            onBytes?.(chunk.byteLength);
            chunks.push(chunk);
          }
        } catch (error) {
          discard();
          throw error;
        }
        if (waiting.length > 0) continue;
        if (failure) throw failure;
        if (ended) return chunks;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          yield* take();
          if (waiting.length > 0) continue;
          if (failure) throw failure;
          if (ended) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        discard();
      }
    },
    discard,
  };
}
