import type { OperationScope } from '../operations.ts';

/**
 * How much of libuv's thread pool scripts may fill (16, see spawn-sandbox.ts): DNS look-ups need the rest
 * of it, and three argon2 jobs take memory enough.
 * What waits is dropped when its execution ends, so that a script that starts a thousand hashes and is stopped
 * leaves nothing behind but the few that run; those cannot be interrupted and are bounded by their parameters.
 */
const THREADS_FOR_SCRIPTS = 3;

let running = 0;
const waiting = new Set<() => void>();

/**
 * Runs `job` when a thread is free, and charges the time it took to the execution, once for each of the `threads`
 * that it makes. Rejects with the signal's reason when it is aborted before it begins.
 */
export async function inThreadPool<Result>(
  { signal, chargeCpu }: Pick<OperationScope, 'signal' | 'chargeCpu'>,
  job: () => Promise<Result>,
  threads = 1,
): Promise<Result> {
  if (running >= THREADS_FOR_SCRIPTS) await turn(signal);
  else running++;
  try {
    signal.throwIfAborted();
    const began = performance.now();
    try {
      return await job();
    } finally {
      chargeCpu(threads * (performance.now() - began));
    }
  } finally {
    const next = waiting.values().next().value;
    // The thread is handed on: `running` counts it already.
    if (next) next();
    else running--;
  }
}

/** Short work on the host's own thread: charged as the work of the pool is. */
export async function atOnce<Result>(
  { chargeCpu }: Pick<OperationScope, 'chargeCpu'>,
  job: () => Result,
): Promise<Result> {
  const began = performance.now();
  try {
    return job();
  } finally {
    chargeCpu(performance.now() - began);
  }
}

function turn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(enter);
      signal.removeEventListener('abort', give);
    };
    const enter = () => {
      leave();
      resolve();
    };
    const give = () => {
      leave();
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    waiting.add(enter);
    signal.addEventListener('abort', give);
  });
}
