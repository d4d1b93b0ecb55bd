import { randomUUID } from 'node:crypto';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import { FileCoverage } from '../../sandbox/contract/coverage.ts';
import type { Exchange } from '../../sandbox/contract/exchange.ts';
import type { Limits } from '../../sandbox/contract/messages.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import type { Connection } from '../connections/connection.ts';
import { silentLog } from '../log.ts';
import { createMask } from '../masking/mask-secrets.ts';
import { createPool } from '../pool/create-pool.ts';
import { locateGuestBuild } from '../pool/guest-build.ts';
import type { PerformUpstream } from '../pool/upstream-requests.ts';
import { createRunner } from '../runner/create-runner.ts';
import type { ActionAnswer, CallOptions } from '../runner/runner.ts';
import type { RunnerLogEntry } from '../runner/runner-parts.ts';
import type { ActionInputs, ActionResults } from '../scripts/actions.ts';
import { awaitSandbox } from './await-sandbox.ts';
import { type CallNote, noteCalls, noting } from './call-notes.ts';
import { checkNode } from './check-node.ts';
import { createConsoleLines } from './console-lines.ts';
import { performUpstream } from './perform-upstream.ts';
import { withoutPlainUrls } from './plain-values.ts';
import { type RunResult, toRunResult } from './run-result.ts';

export interface OpenSandboxOptions {
  /** Where sockets of the scripts may go; HTTP as well when `upstream` is `network`. Default: nowhere private. */
  egressAllow?: readonly string[] | undefined;
  /** Default: 20 s of time, 5 s of CPU, 128 MB. */
  limits?: Partial<Limits> | undefined;
  /** `here` (the default): HTTP calls are made in this process. `network`: by the sandbox process, as in service. */
  upstream?: 'here' | 'network' | undefined;
  /** Hears what each execution has run of the scripts and helper files; without it nothing is counted. */
  onCoverage?: ((files: FileCoverage[]) => void) | undefined;
}

export interface SandboxRunOptions extends Pick<CallOptions, 'organization' | 'observe'> {
  /** Makes the HTTP calls of this run; by node:http in this process when it is not given. */
  perform?: PerformUpstream | undefined;
  /** Hears of each call of an upstream until the outcome, secrets included. `observe` hears of it by itself. */
  onExchange?: ((exchange: Exchange) => void) | undefined;
  /** Hears what the script says beside its outcome, and what it does after it. */
  onEvent?: ((event: Pick<RunnerLogEntry, 'code' | 'level' | 'text'>) => void) | undefined;
}

/** A sandbox process that runs the scripts of whichever connection it is given. */
export interface TestSandbox {
  readonly modules: ModuleTable;
  readonly limits: Limits;
  run<A extends ActionName>(
    connection: Connection,
    action: A,
    input: ActionInputs[A],
    options?: SandboxRunOptions,
  ): Promise<RunResult<ActionResults[A]>>;
  /** The whole order of a signup: get_user, create, then login or get_user as proof. */
  signup(
    connection: Connection,
    input: ActionInputs['create'],
    options?: SandboxRunOptions,
  ): Promise<RunResult<ActionResults['create']>>;
  /** Lets go of what is kept for a version of a connection that is not run any more. */
  forget(connection: Connection): void;
  close(): Promise<void>;
}

const defaultLimits: Limits = { wallMs: 20_000, cpuMs: 5_000, memoryMb: 128 };

/** Resolves when scripts run. The caller closes it. */
export async function openSandbox(options: OpenSandboxOptions = {}): Promise<TestSandbox> {
  checkNode(process.version);
  const { directory: guestDirectory, modules } = await locateGuestBuild();
  const limits = { ...defaultLimits, ...options.limits };
  const lines = createConsoleLines();
  const performers = new Map<string, PerformUpstream>();
  const perform: PerformUpstream = (call, signal) =>
    (performers.get(callOf(call.execution ?? '')) ?? performUpstream)(call, signal);
  const pool = createPool({
    guestDirectory,
    processes: 1,
    limits,
    processMemoryMb: 1_536,
    egressAllow: options.egressAllow ?? [],
    upstream: options.upstream === 'network' ? 'network' : { perform },
    maxUnderWay: 32,
    maxWaiting: 10_000,
    connectionMaxUnderWay: 32,
    connectionMaxWaiting: 10_000,
    maxOwnProcesses: 1,
    debugEvents: true,
    coverage: options.onCoverage !== undefined,
    log: silentLog,
  });
  try {
    await awaitSandbox(pool);
  } catch (error) {
    await pool.close();
    throw error;
  }
  const runner = createRunner({ pool, tenant: 'test', scriptTimeoutMs: limits.wallMs, log });

  function log(entry: RunnerLogEntry): void {
    if (entry.code !== 'coverage') return lines.log(entry);
    const told: unknown = JSON.parse(Buffer.from(entry.text, 'base64').toString());
    options.onCoverage?.(FileCoverage.array().parse(told));
  }

  async function collect<Result>(
    { definition }: Connection,
    { perform = performUpstream, onEvent }: SandboxRunOptions,
    start: (executionId: string) => Promise<ActionAnswer<Result>>,
  ) {
    const executionId = `exec_${randomUUID().replaceAll('-', '')}`;
    const console = lines.open(executionId, onEvent);
    const calls: CallNote[] = [];
    const mask = (text: string) => createMask(withoutPlainUrls(definition.configuration))(text);
    performers.set(executionId, noting(perform, calls, mask));
    try {
      const result = await toRunResult(start(executionId), console);
      noteCalls(result, calls);
      return result;
    } finally {
      performers.delete(executionId);
      lines.close(executionId);
    }
  }

  return {
    modules,
    limits,
    run: (connection, action, input, options = {}) =>
      collect(connection, options, (executionId) =>
        runner.run(connection, action, input, callOptions(options, executionId)),
      ),
    signup: (connection, input, options = {}) =>
      collect(connection, options, (executionId) =>
        runner.signup(connection, input, callOptions(options, executionId)),
      ),
    forget: ({ name, version }) => pool.retire(name, version),
    close: () => pool.close(),
  };
}

function callOptions(
  { organization, observe, onExchange }: SandboxRunOptions,
  executionId: string,
): CallOptions {
  const hears = onExchange && (() => ({ onExchange }));
  return { organization, observe: observe ?? hears, executionId };
}

/** A signup runs several scripts: exec_1, exec_1.2, exec_1.3. */
export function callOf(execution: string): string {
  return execution.split('.')[0]!;
}
