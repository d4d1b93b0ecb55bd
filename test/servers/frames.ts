import type { Readable } from 'node:stream';

/**
 * Cuts what a stream brings into frames. `lengthOf` says how long the frame at the start of the bytes is, header
 * included, or undefined while too little of it is there to tell. The function it gives stops that: what has come
 * beyond the last frame goes back into the stream, for who reads it next.
 */
export function readFrames(
  stream: Readable,
  lengthOf: (bytes: Buffer) => number | undefined,
  onFrame: (frame: Buffer) => void,
): () => void {
  let pending = Buffer.alloc(0);
  let stopped = false;
  function take(chunk: Buffer): void {
    pending = Buffer.concat([pending, chunk]);
    for (let length = lengthOf(pending); length !== undefined && !stopped; length = lengthOf(pending)) {
      if (pending.length < length) return;
      const frame = pending.subarray(0, length);
      pending = pending.subarray(length);
      onFrame(frame);
    }
  }
  stream.on('data', take);
  return () => {
    stopped = true;
    stream.off('data', take);
    stream.pause();
    if (pending.length) stream.unshift(pending);
  };
}
