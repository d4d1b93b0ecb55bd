import { randomUUID } from 'node:crypto';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Limits } from '../../sandbox/contract/messages.ts';
import type { Connection, Warning } from '../connections/connection.ts';
import { silentLog } from '../log.ts';
import { createPool } from '../pool/create-pool.ts';
import { locateGuestBuild } from '../pool/guest-build.ts';
import { createRunner } from '../runner/create-runner.ts';
import type { ActionAnswer, CallOptions } from '../runner/runner.ts';
import type { ActionInputs, ActionResults } from '../scripts/actions.ts';
import { awaitSandbox } from './await-sandbox.ts';
import { checkCall, checkLoadOptions, checkSignup } from './check-inputs.ts';
import { checkNode } from './check-node.ts';
import { type ConnectionFiles, openConnectionFiles } from './connection-files.ts';
import { createConsoleLines } from './console-lines.ts';
import { performUpstream } from './perform-upstream.ts';
import { readConnection } from './read-connection.ts';
import { type RunResult, toRunResult } from './run-result.ts';

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

const defaultLimits: Limits = { wallMs: 20_000, cpuMs: 5_000, memoryMb: 128 };

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
  options: SandboxOptions,
  name?: string,
): Promise<TestConnection> {
  checkNode(process.version);
  const { directory: guestDirectory, modules } = await locateGuestBuild();
  const connection = await readConnection(files, { ...options, modules }, name).finally(files.release);
  const limits = { ...defaultLimits, ...options.limits };
  const lines = createConsoleLines();
  const pool = createPool({
    guestDirectory,
    processes: 1,
    limits,
    processMemoryMb: 1_536,
    egressAllow: options.egressAllow ?? [],
    upstream: { perform: performUpstream },
    maxUnderWay: 32,
    maxWaiting: 1_000,
    connectionMaxUnderWay: 32,
    connectionMaxWaiting: 1_000,
    maxOwnProcesses: 1,
    debugEvents: true,
    log: silentLog,
  });
  try {
    await awaitSandbox(pool);
  } catch (error) {
    await pool.close();
    throw error;
  }
  const runner = createRunner({
    pool,
    tenant: 'test',
    scriptTimeoutMs: limits.wallMs,
    log: lines.log,
  });

  async function collect<Result>(start: (executionId: string) => Promise<ActionAnswer<Result>>) {
    const executionId = `exec_${randomUUID().replaceAll('-', '')}`;
    const console = lines.open(executionId);
    try {
      return await toRunResult(start(executionId), console);
    } finally {
      lines.close(executionId);
    }
  }

  return {
    name: connection.name,
    connection,
    warnings: [
      ...connection.warnings,
      ...Object.values(connection.scripts).flatMap((script) => script?.warnings ?? []),
    ],
    async run(action, input, options = {}) {
      checkCall(action, input, options);
      return collect((executionId) => runner.run(connection, action, input, { ...options, executionId }));
    },
    async signup(input, options = {}) {
      checkSignup(input, options);
      return collect((executionId) => runner.signup(connection, input, { ...options, executionId }));
    },
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
