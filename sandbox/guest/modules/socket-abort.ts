import { coded } from './http-headers.ts';

declare function queueMicrotask(callback: () => void): void;

interface SignalLike {
  aborted: boolean;
  reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options: { once: boolean }): void;
}

/** The option `signal`, where there is one. */
export function destroyOnAbort(socket: { destroy(error: Error): unknown }, given: unknown): void {
  const signal = given as SignalLike | undefined;
  if (!signal) return;
  const destroy = () => socket.destroy(aborted(signal.reason));
  if (signal.aborted) queueMicrotask(destroy);
  else signal.addEventListener('abort', destroy, { once: true });
}

function aborted(reason: unknown): Error {
  const error = coded('ABORT_ERR', 'The operation was aborted', Error);
  return Object.assign(error, { name: 'AbortError', cause: reason });
}
