import type { Connection } from '../connections/connection.ts';
import type { FixtureBehaviour } from '../passkeys/behaviour/observe-fixtures.ts';

export interface FixtureOptions {
  /** The directory of connections. */
  root: string;
  connection: Connection;
}

/** The fixtures beside a connection's scripts, opened to be run; undefined where there are none. */
export async function openFixtureBehaviour(
  _options: FixtureOptions,
): Promise<(FixtureBehaviour & AsyncDisposable) | undefined> {
  return undefined;
}
