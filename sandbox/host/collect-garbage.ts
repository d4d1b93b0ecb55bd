import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const PERIOD_MS = 2_000;
/** The first time when what was cut off has ended, the second when all is gone that waited for it. */
const ROUNDS = 2;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: object) => Promise<void>;
// Contexts of scripts that are made from now on must not have it.
setFlagsFromString('--no-expose-gc');

let roundsLeft = 0;
let timer: NodeJS.Timeout | undefined;

/**
 * What a flood of calls has left on the host's own heap, buffers outside of it above all, would stay until the host has
 * work enough of its own to collect it; a process that has little to do has not.
 */
export function collectGarbageSoon(): void {
  roundsLeft = ROUNDS;
  if (!timer) next();
}

function next(): void {
  timer = setTimeout(() => {
    timer = undefined;
    void collect({ type: 'major', execution: 'async' });
    if (--roundsLeft > 0) next();
  }, PERIOD_MS).unref();
}
