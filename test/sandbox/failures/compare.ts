import { createRequire } from 'node:module';
import type { Pool } from '../../../src/pool/pool.ts';
import { resultOf } from '../sandbox-pool.ts';
import { type Connect, type DriverName, drivers, type Target } from './drivers.ts';

/** What of an error a program or a person goes by. */
export type Facts = Record<string, unknown>;

/** Its source is run in an isolate too. */
function factsOf(error: unknown): Facts {
  if (typeof error !== 'object' || error === null) return { thrown: String(error) };
  const fields = error as Record<string, unknown>;
  const names =
    'name message code errno syscall address port hostname sqlState fatal severity routine number state command';
  const facts: Facts = {};
  for (const name of names.split(' ')) if (fields[name] !== undefined) facts[name] = fields[name];
  if (fields.cause) facts.cause = factsOf(fields.cause);
  return facts;
}

const requireHere = createRequire(import.meta.url);
/** Packages of several versions lie under names of their own. */
const packageOf: Record<string, string> = {
  'mongodb@7': 'mongodb',
  'mongodb@3': 'mongodb-3',
  'tedious@20': 'tedious',
  'redis@6': 'redis',
  'redis@3': 'redis-3',
};

export async function failsInNode(driver: DriverName, target: Target): Promise<Facts> {
  const connect: Connect = drivers[driver];
  try {
    await connect((request) => requireHere(packageOf[request] ?? request), target);
  } catch (error) {
    return tidied(JSON.parse(JSON.stringify(factsOf(error))));
  }
  return { connected: true };
}

export async function failsInIsolate(pool: Pool, driver: DriverName, target: Target): Promise<Facts> {
  const source = `const connect = ${drivers[driver].toString()};
  ${factsOf.toString()}
  function getUser(value, context, callback) {
    connect(require, JSON.parse(configuration.TARGET))
      .then(() => callback(null, { connected: true }), (error) => callback(null, factsOf(error)));
  }`;
  const result = await resultOf(pool, source, { configuration: { TARGET: JSON.stringify(target) } });
  return tidied(result as Facts);
}

/** Without what differs between two runs in Node: stacks in messages, addresses of OpenSSL, counters and times. */
function tidied(facts: Facts): Facts {
  const { message, cause, ...others } = facts;
  const text = String(message ?? '')
    .replace(/(\n +at .*)+/g, '')
    .replace(/\b[0-9A-F]{8,16}:(?=error:)/g, '')
    .replace(/connection \d+ to/g, 'connection n to')
    .replace(/after \d+ms/g, 'after n ms')
    .trimEnd();
  return { message: text, ...others, ...(cause ? { cause: tidied(cause as Facts) } : {}) };
}
