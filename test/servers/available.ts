import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'vitest';

/** What the tests of a service ask of vitest, of the environment and of the terminal. */
export interface Surroundings {
  describe: { (name: string, body: () => void): void; skip(name: string, body: () => void): void };
  it(name: string, body: () => void): void;
  isCi: boolean;
  print(line: string): void;
}

const here: Surroundings = {
  describe,
  it,
  isCi: process.env.CI === 'true',
  print: (line) => void process.stderr.write(`${line}\n`),
};

/** Whether something takes connections on a port of the loopback. */
export async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', timeout: 2000 });
  try {
    await Promise.race([once(socket, 'connect'), once(socket, 'timeout').then(() => Promise.reject())]);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The port that a service answers on, or what tells where its programs are, perhaps with how to get them. */
export type Needed =
  | number
  | (() => string | undefined)
  | { find: () => string | undefined; install: string };

async function whyMissing(needed: Needed): Promise<string | undefined> {
  if (typeof needed === 'number')
    return (await answers(needed)) ? undefined : `nothing answers on 127.0.0.1:${needed}`;
  if (typeof needed === 'function') return needed() === undefined ? 'it is not installed' : undefined;
  return needed.find() === undefined ? `it is not installed (${needed.install})` : undefined;
}

/**
 * A `describe` whose tests need a service. Where it is missing the tests are skipped and the reason is printed; in CI
 * they fail.
 */
export async function describeWith(
  service: string,
  needed: Needed,
  body: () => void,
  { describe, it, isCi, print }: Surroundings = here,
): Promise<void> {
  const reason = await whyMissing(needed);
  if (reason === undefined) {
    describe(service, body);
    return;
  }
  if (isCi) {
    describe(service, () => {
      it('is there', () => {
        throw new Error(`${service} is missing in CI: ${reason}`);
      });
    });
    return;
  }
  print(`Tests with ${service} are skipped: ${reason}`);
  describe.skip(`${service} (${reason})`, body);
}
