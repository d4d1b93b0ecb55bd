import type { Pool } from '../../../src/pool/pool.ts';
import { jobOf, resultOf } from '../sandbox-pool.ts';

/** Runs the body of an async function as a script in a real isolate; answers what it returns. */
export function inGuest(pool: Pool, body: string): Promise<unknown> {
  // What it does is looked at, not how long that takes on a machine that is busy.
  return resultOf(pool, scriptOf(body), { isolation: 'execution', wallMs: 20_000 });
}

/** What the script writes to its console, once a last line has come: `level text`. */
export async function consoleOf(pool: Pool, body: string): Promise<string[]> {
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const job = jobOf(scriptOf(`${body}\nconsole.log('the end');`), {
      isolation: 'execution',
      onEvent({ event, level, text }) {
        if (event !== 'console') return;
        if (text === 'the end') resolve();
        else lines.push(`${level} ${text}`);
      },
    });
    pool.execute(job).then(({ outcome }) => {
      if (outcome.kind !== 'returned') reject(new Error(JSON.stringify(outcome)));
    }, reject);
  });
  return lines;
}

function scriptOf(body: string): string {
  return `function getUser(id, context, callback) {
  (async () => {
${body}
  })().then((result) => callback(null, result), callback);
}`;
}
