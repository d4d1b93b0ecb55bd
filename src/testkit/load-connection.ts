import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Limits } from '../../sandbox/contract/messages.ts';
import type { Connection, Warning } from '../connections/connection.ts';
import { locateGuestBuild } from '../pool/guest-build.ts';
import type { CallOptions } from '../runner/runner.ts';
import type { ActionInputs, ActionResults } from '../scripts/actions.ts';
import { checkCall, checkLoadOptions, checkSignup } from './check-inputs.ts';
import { checkNode } from './check-node.ts';
import { type ConnectionFiles, openConnectionFiles } from './connection-files.ts';
import { openSandbox } from './open-sandbox.ts';
import { readConnection } from './read-connection.ts';
import type { RunResult } from './run-result.ts';

export interface SandboxOptions {
  /** Values for the `@@KEY@@` and `##KEY##` markers. The test's own environment is not looked at. */
  env?: Record<string, string>;
  /** Configuration values, over those of the files. */
  configuration?: Record<string, string>;
  /**
   * Where sockets of the scripts may go, a database in most cases: `host`, `host:port`, `CIDR`, `CIDR:port`. Default:
   * nowhere. HTTP is made in the test's own process and is not asked.
   */
  egressAllow?: readonly string[];
  /** Default: 20 s of time, 5 s of CPU, 128 MB. */
  limits?: Partial<Limits>;
}

export interface LoadConnectionOptions extends SandboxOptions {
  /** The folder of a connection, or a directory of connections. */
  path: string;
  /** Which connection of the directory; needed when it has several. */
  connection?: string;
}

/** A connection whose scripts run in a sandbox, their HTTP calls being made in the test's own process. */
export interface TestConnection extends AsyncDisposable {
  readonly name: string;
  /** Which scripts there are, the options, the keys of the configuration. */
  readonly connection: Connection;
  /** What `drawbridge serve` would warn of. */
  readonly warnings: readonly Warning[];
  /** Runs a script with what an auth server would send: `run('get_user', { identifier: 'jane@example.com' })`. */
  run<A extends ActionName>(
    action: A,
    input: ActionInputs[A],
    options?: Pick<CallOptions, 'organization'>,
  ): Promise<RunResult<ActionResults[A]>>;
  /** The whole order of a signup: get_user, create, then login or get_user as proof. */
  signup(
    input: ActionInputs['create'],
    options?: Pick<CallOptions, 'organization'>,
  ): Promise<RunResult<ActionResults['create']>>;
  /** Ends the sandbox process. */
  close(): Promise<void>;
}

/**
 * Loads a connection from its files for a test; pass a path, or options. Throws an Error that says what is wrong
 * with the files. The caller closes it, or declares it with `await using`.
 */
export async function loadConnection(options: string | LoadConnectionOptions): Promise<TestConnection> {
  const given = typeof options === 'string' ? { path: options } : options;
  checkLoadOptions(given);
  const { path, connection, ...rest }: LoadConnectionOptions = given;
  return startConnection(await openConnectionFiles(path), rest, connection);
}

/** Takes over `files` and releases them. */
export async function startConnection(
  files: ConnectionFiles,
  { env, configuration, egressAllow, limits }: SandboxOptions,
  name?: string,
): Promise<TestConnection> {
  checkNode(process.version);
  const { modules } = await locateGuestBuild();
  const connection = await readConnection(files, { env, configuration, modules }, name).finally(
    files.release,
  );
  const sandbox = await openSandbox({ egressAllow, limits });
  return {
    name: connection.name,
    connection,
    warnings: [
      ...connection.warnings,
      ...Object.values(connection.scripts).flatMap((script) => script?.warnings ?? []),
    ],
    async run(action, input, options = {}) {
      checkCall(action, input, options);
      return sandbox.run(connection, action, input, options);
    },
    async signup(input, options = {}) {
      checkSignup(input, options);
      return sandbox.signup(connection, input, options);
    },
    close: () => sandbox.close(),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}
