import type { ExecutionEvent } from '../../sandbox/contract/messages.ts';
import type { Outcome } from '../../sandbox/contract/outcome.ts';
import type { Finished, Pool } from '../../src/pool/pool.ts';
import { jobOf, type SourceOptions } from './sandbox-pool.ts';

type Ran = Finished & { events: ExecutionEvent[] };

/** How long a context that is not the one is held. */
const HOLD_MS = 200;
let calls = 0;

/**
 * A connection whose one script runs the body that it is handed, so that one execution after another can do something
 * else in the same context. At hand: `net`, `callback`, `port`, `next(emitter, name)`, `ask(socket, line)`.
 */
export function keptContext(pool: Pool, name: string, port: number, options: SourceOptions = {}) {
  const source = `const net = require('net');
const AsyncFunction = (async () => {}).constructor;
const port = ${port};
const next = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));
const ask = (socket, line) => { socket.write(line + '\\n'); return next(socket, 'data').then(String); };
function getUser(body, context, callback) {
  new AsyncFunction('net', 'port', 'next', 'ask', 'callback', 'require', body)(net, port, next, ask, callback, require)
    .then((result) => { if (result !== undefined) callback(null, result); }, callback);
}`;

  async function run(
    body: string,
    more: SourceOptions = {},
  ): Promise<Finished & { events: ExecutionEvent[] }> {
    const job = jobOf(source, { connection: name, args: [body, {}], ...options, ...more });
    return { ...(await pool.execute(job)), events: job.events };
  }

  return {
    run,
    definition: jobOf(source, { connection: name, ...options }).definition,
    /** What the body answers, in whatever context is free. */
    async result(body: string, more?: SourceOptions): Promise<unknown> {
      return returned((await run(body, more)).outcome);
    },
    /**
     * What the body answers in the context where an earlier one has set `global.kept`. That may not be free yet, and
     * of those that are free the one used last is taken: the others are kept busy until it is found.
     */
    async inKept(body: string, more?: SourceOptions): Promise<Ran> {
      const call = `call ${++calls}`;
      const guarded = `if (!global.kept || global.lastCall === '${call}') {
          await new Promise((resolve) => setTimeout(resolve, ${HOLD_MS})); return 'elsewhere';
        }
        global.lastCall = '${call}';
        ${body}`;
      const attempts: Promise<Ran>[] = [];
      const found = Promise.withResolvers<Ran>();
      let isFound = false;
      while (!isFound) {
        const attempt = run(guarded, more);
        attempts.push(attempt);
        attempt.then((ran) => {
          if (isElsewhere(ran)) return;
          isFound = true;
          found.resolve(ran);
        }, found.reject);
        await Promise.race([found.promise, new Promise((resolve) => setTimeout(resolve, HOLD_MS / 8))]);
      }
      await Promise.all(attempts);
      return found.promise;
    },
  };
}

function isElsewhere({ outcome }: Ran): boolean {
  return outcome.kind === 'returned' && outcome.result === '"elsewhere"';
}

export function returned(outcome: Outcome): unknown {
  if (outcome.kind !== 'returned') throw new Error(`The script did not return: ${JSON.stringify(outcome)}`);
  return outcome.result === undefined ? undefined : JSON.parse(outcome.result);
}
