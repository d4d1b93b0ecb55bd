import type { ExecutionEvent } from '../../sandbox/contract/messages.ts';
import type { Outcome } from '../../sandbox/contract/outcome.ts';
import type { Finished, Pool } from '../../src/pool/pool.ts';
import { jobOf, type SourceOptions } from './sandbox-pool.ts';

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
     * What the body answers in the context where an earlier one has set `global.kept`. An execution is answered
     * before its context is free again: until then others are made, and asked in vain.
     */
    async inKept(body: string, more?: SourceOptions): Promise<Finished & { events: ExecutionEvent[] }> {
      for (;;) {
        const finished = await run(`if (!global.kept) return 'elsewhere';\n${body}`, more);
        if (finished.outcome.kind !== 'returned' || finished.outcome.result !== '"elsewhere"')
          return finished;
      }
    },
  };
}

export function returned(outcome: Outcome): unknown {
  if (outcome.kind !== 'returned') throw new Error(`The script did not return: ${JSON.stringify(outcome)}`);
  return outcome.result === undefined ? undefined : JSON.parse(outcome.result);
}
