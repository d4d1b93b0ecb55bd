import { parseArgs } from 'node:util';

export interface SoakOptions {
  seconds: number;
  seed: number;
  json: boolean;
  /** Spoils the run on purpose, to show that it is noticed. */
  sabotage?: 'double-create' | 'wrong-user' | undefined;
}

export const usage = `npm run soak -- [options]

Runs the service over real sockets under steady traffic while its sandbox processes are killed and stopped, upstreams
hang, hostile scripts run and connection files change, and checks what docs/security.md promises.

  --minutes <n>  how long (5)
  --seconds <n>  how long, in seconds
  --seed <n>     settles what is done and when (a new one each time; it is printed)
  --json         the figures as JSON, and nothing else
  --help         this text

The exit code is 1 when a promise was broken, 2 when an option is wrong.`;

/** A mistake in the options. */
export class UsageError extends Error {}

/** Undefined when help is asked for. Throws UsageError. */
export function readOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const minutes = positive('minutes', values.minutes ?? '5');
  const seconds = values.seconds === undefined ? minutes * 60 : positive('seconds', values.seconds);
  if (seconds < 5) throw new UsageError('--seconds must be at least 5');
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!Number.isInteger(seed) || seed < 0) throw new UsageError('--seed must be a whole number');
  const { sabotage } = values;
  if (sabotage !== undefined && sabotage !== 'double-create' && sabotage !== 'wrong-user') {
    throw new UsageError('--sabotage is double-create or wrong-user');
  }
  return { seconds, seed, json: values.json ?? false, sabotage };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seconds: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        sabotage: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100_000)) throw new UsageError(`--${name} must be a number above 0`);
  return value;
}
