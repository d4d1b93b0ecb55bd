import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Often enough for memory not to grow under attack, seldom enough to cost others nothing. */
const NOT_BEFORE_MS = 2_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: object) => Promise<void>;
// Contexts of scripts that are made from now on must not have it.
setFlagsFromString('--no-expose-gc');

let timer: NodeJS.Timeout | undefined;

/**
 * What a flood of calls has left on the host's own heap, buffers outside of it above all, would stay until the host has
 * work enough of its own to collect it; a process that has little to do has not.
 */
export function collectGarbageSoon(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    void collect({ type: 'major', execution: 'async' });
  }, NOT_BEFORE_MS).unref();
}
