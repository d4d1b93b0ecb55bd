import type { OperationScope } from '../operations.ts';
import { BodyTooLarge } from '../upstream.ts';

/** Bytes that may be on their way to the guest before it has said that it read some. */
const WINDOW_BYTES = 256 * 1024;

/**
 * Sends a body to the guest as `chunk` events. The guest answers `more` with the number of bytes it has read; without
 * these the host stops reading, and so does the server.
 */
export async function sendInChunks(
  chunks: AsyncIterable<Uint8Array>,
  scope: OperationScope,
  options: { maxBytes: number; onChunk(chunk: Uint8Array): void },
): Promise<void> {
  let unread = 0;
  let total = 0;
  let wake: (() => void) | undefined;
  const resume = () => {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  };
  scope.onMessage((type, value) => {
    if (type !== 'more' || typeof value !== 'number' || !(value > 0)) return;
    unread = Math.max(0, unread - value);
    resume();
  });
  scope.signal.addEventListener('abort', resume, { once: true });
  for await (const chunk of chunks) {
    // Read first: the memory of a large piece goes over to the isolate, and is none here any more.
    const { byteLength } = chunk;
    options.onChunk(chunk);
    total += byteLength;
    if (total > options.maxBytes) throw new BodyTooLarge(options.maxBytes);
    scope.emit('chunk', undefined, chunk);
    unread += byteLength;
    while (unread > WINDOW_BYTES && !scope.signal.aborted) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (scope.signal.aborted) return;
  }
}
