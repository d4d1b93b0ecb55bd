import type { Duplex } from 'node:stream';
import type { SocketRecording } from '../exchange-recorder.ts';
import type { OperationScope } from '../operations.ts';
import { tooManyBytes } from '../upstream-errors.ts';
import { SocketMessage } from './socket-params.ts';

/** Bytes on their way to the guest that it has not read yet; beyond these the host stops reading. */
const WINDOW_BYTES = 256 * 1024;
/** Up to here a string, a character for each byte, crosses faster than a buffer does. */
const SMALL_BYTES = 1024;
/** The same while the context is frozen: enough for a server's farewell, little enough for many sockets. */
const FROZEN_WINDOW_BYTES = 16 * 1024;
/** Bytes written to the network after which the guest is told, so that it may write more. */
const REPORT_BYTES = 64 * 1024;
/** What the guest's own window lets through is half of it. More comes of a script that goes round it. */
const MAX_UNWRITTEN_BYTES = 2 * 1024 * 1024;
/**
 * How long an unanswered write keeps a context going after the callback. Drivers that wait for news of their server
 * hold a request open for seconds, and must not hold up the context.
 */
const ANSWER_WITHIN_MS = 100;

/** What of a stream goes to the guest and back: bytes, ends, and what they mean for the execution's rest. */
export interface SocketFlow {
  /** From now on it is this stream whose bytes the guest sees: the socket at first, TLS over it after an upgrade. */
  bind(stream: Duplex): void;
  /** A connection or a handshake is being made: the execution waits for it in any case. */
  opening(): void;
  /** The connection stands. */
  opened(): void;
  /** A message of the guest's. */
  receive(type: string, value: unknown, bytes: Uint8Array | undefined): void;
  close(): void;
}

export interface SocketFlowOptions {
  scope: OperationScope;
  /** Counts bytes of the network; false when there are too many. */
  spendBytes(bytes: number): boolean;
  /** Where bytes are counted for whoever asked; of most sockets nobody does. */
  recording?(): SocketRecording | undefined;
  onEnd(): void;
  onError(error: Error): void;
}

export function createSocketFlow({
  scope,
  spendBytes,
  recording,
  onEnd,
  onError,
}: SocketFlowOptions): SocketFlow {
  let stream: Duplex | undefined;
  let unbind = () => {};
  let isOpen = false;
  let isClosed = false;
  let isSuspended = false;
  /** Whether this execution has used the socket: one that lies idle in a pool cannot lead to the callback. */
  let isInUse = true;
  let unread = 0;
  let unreported = 0;
  /** When the last write was made that has had no answer; 0: none waits. */
  let askedAt = 0;
  let stopWatch: (() => void) | undefined = scope.upstreamStarted();

  function asked(): void {
    askedAt = performance.now();
    stopWatch ??= scope.upstreamStarted();
  }

  function answered(): void {
    askedAt = 0;
    stopWatch?.();
    stopWatch = undefined;
  }

  function isFull(): boolean {
    return unread > (isSuspended ? FROZEN_WINDOW_BYTES : WINDOW_BYTES);
  }

  function readOn(): void {
    if (!isFull() && stream?.isPaused()) stream.resume();
  }

  function onData(bytes: Buffer): void {
    // Read first: the memory of a large piece goes over to the isolate, and is none here any more.
    const { byteLength } = bytes;
    answered();
    if (!isSuspended) isInUse = true;
    recording?.()?.received(byteLength);
    if (!spendBytes(byteLength)) return onError(tooManyBytes());
    scope.emit('data', undefined, byteLength <= SMALL_BYTES ? bytes.toString('latin1') : bytes);
    unread += byteLength;
    if (isFull()) stream?.pause();
  }

  function write(bytes: Uint8Array): void {
    isInUse = true;
    asked();
    recording?.()?.sent(bytes.byteLength);
    if (!spendBytes(bytes.byteLength)) return onError(tooManyBytes());
    if ((stream?.writableLength ?? 0) > MAX_UNWRITTEN_BYTES) return onError(tooMuchUnwritten());
    stream?.write(bytes, (error) => {
      if (error) return;
      unreported += bytes.byteLength;
      if (unreported < REPORT_BYTES) return;
      scope.emit('written', unreported);
      unreported = 0;
    });
  }

  function endStream(): void {
    isInUse = true;
    stream?.end((error?: Error | null) => {
      if (!error) scope.emit('finished');
    });
  }

  scope.keep({
    suspend() {
      isSuspended = true;
      isInUse = false;
      stopWatch?.();
      stopWatch = undefined;
    },
    resume() {
      isSuspended = false;
      // More of what it has been sent is on its way.
      if (stream?.isPaused()) isInUse = true;
      readOn();
    },
    end() {
      answered();
      onEnd();
    },
    // What an earlier execution has asked may hold up what this one wants to: drivers send one query at a time.
    mayCall: () => isInUse || askedAt !== 0,
    goesOnUntil() {
      if (isSuspended) return 0;
      if (!isOpen) return Number.POSITIVE_INFINITY;
      return askedAt === 0 ? 0 : askedAt + ANSWER_WITHIN_MS;
    },
    throwsForItself: () => !isInUse,
  });

  return {
    bind(next) {
      unbind();
      stream = next;
      // What the stream before has brought is not read by the reader of this one.
      unread = 0;
      const onStreamEnd = () => {
        scope.emit('end');
        // A frozen context cannot end its own half. The next execution is to find the socket closed, not closing:
        // a pool would give it out.
        if (isSuspended) next.end();
      };
      next.on('data', onData).on('end', onStreamEnd).on('error', onError);
      unbind = () => {
        next.off('data', onData).off('end', onStreamEnd);
      };
    },
    opening() {
      isOpen = false;
      isInUse = true;
      asked();
    },
    opened() {
      isOpen = true;
      answered();
    },
    receive(type, value, bytes) {
      if (isClosed) return;
      switch (type) {
        case 'write':
          return bytes && write(bytes);
        case 'end':
          return endStream();
        case 'read':
          unread = Math.max(0, unread - SocketMessage.read.parse(value));
          return readOn();
      }
    },
    close() {
      isClosed = true;
      answered();
      unbind();
    },
  };
}

function tooMuchUnwritten(): Error {
  return Object.assign(new Error(`More than ${MAX_UNWRITTEN_BYTES} bytes wait to be written to a socket`), {
    code: 'ERR_SOCKET_BYTES_LIMIT',
  });
}
