import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The first time when what was cut off has ended, the second when the isolate is gone, with all that waited for it. */
const AFTER_MS = [2_000, 10_000];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: object) => Promise<void>;
// Contexts of scripts that are made from now on must not have it.
setFlagsFromString('--no-expose-gc');

let due = 0;

/**
 * What a flood of calls has left on the host's own heap, buffers outside of it above all, would stay until the host has
 * work enough of its own to collect it; a process that has little to do has not.
 */
export function collectGarbageSoon(): void {
  if (due > 0) return;
  for (const ms of AFTER_MS) {
    due++;
    setTimeout(() => {
      due--;
      void collect({ type: 'major', execution: 'async' });
    }, ms).unref();
  }
}
