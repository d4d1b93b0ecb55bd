import { createRequire } from 'node:module';
import type { Pool } from '../../../src/pool/pool.ts';
import { inGuest } from './guest-script.ts';

type Body = (require: NodeJS.Require, given: object) => Promise<unknown>;
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (...source: string[]) => Body;
const nodeRequire = createRequire(import.meta.url);

/** At hand in the bodies. `told`: what a script can see of an error. */
const prelude = `
const told = (error) => error && {
  name: error.name, message: error.message, code: error.code, errno: error.errno, syscall: error.syscall,
  address: error.address, port: error.port, hostname: error.hostname,
};
const eventsOf = (socket, ...names) => {
  const seen = [];
  for (const name of names) {
    socket.on(name, (...args) => seen.push([name, ...args.map((arg) =>
      arg instanceof Error ? told(arg) : Buffer.isBuffer(arg) ? arg.toString() : arg)]));
  }
  return seen;
};
const closeOf = (socket) => new Promise((resolve) => socket.once('close', resolve));
const textOf = async (socket) => { let text = ''; for await (const chunk of socket) text += chunk; return text; };
`;

/** Runs the body of an async function here, in plain Node. `given` is at hand in it by its names. */
export async function inNode(body: string, given: object = {}): Promise<unknown> {
  const result = await new AsyncFunction('require', 'given', sourceOf(body, given))(nodeRequire, given);
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
}

/** The same in an isolate. */
export function inIsolate(pool: Pool, body: string, given: object = {}): Promise<unknown> {
  return inGuest(pool, `const given = ${JSON.stringify(given)};\n${sourceOf(body, given)}`);
}

/** What it answers in Node, and what in an isolate: the tests say that it is the same. */
export async function inBoth(
  pool: Pool,
  body: string,
  given: object = {},
): Promise<{ node: unknown; guest: unknown }> {
  return { node: await inNode(body, given), guest: await inIsolate(pool, body, given) };
}

function sourceOf(body: string, given: object): string {
  return `const { ${Object.keys(given).join(', ')} } = given;\n${prelude}\n${body}`;
}
