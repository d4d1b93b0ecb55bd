import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Connection, ConnectionStore } from './connections/connection.ts';
import { createDirectoryStore } from './connections/directory-store.ts';
import { createLog } from './create-log.ts';
import { createReadiness, watchReadiness } from './create-readiness.ts';
import { loadCipher } from './encryption/load-cipher.ts';
import type { EventFileProblem } from './events/event-file.ts';
import { createEventLog } from './events/event-log.ts';
import { createApp } from './http/app.ts';
import { createDraining } from './http/draining.ts';
import { createIdempotency } from './http/idempotency.ts';
import { createLoginProtection } from './http/login/login-protection.ts';
import { createMetrics } from './http/metrics.ts';
import { createHttpServer } from './http/server.ts';
import { createKeyRing, type KeyRing } from './keys/key-ring.ts';
import type { Logger } from './log.ts';
import { packageRoot, packageVersion } from './package-root.ts';
import { createPool } from './pool/create-pool.ts';
import { locateGuestBuild } from './pool/guest-build.ts';
import type { Pool } from './pool/pool.ts';
import { prepareSandboxStart } from './pool/prepare-sandbox-start.ts';
import { logChange, logStore } from './report-findings.ts';
import { createRunner } from './runner/create-runner.ts';
import { createRecordings } from './runner/recordings.ts';
import type { RunnerLogEntry } from './runner/runner-parts.ts';
import { createShadowReports } from './shadow/shadow-reports.ts';
import { createShadowingRunner } from './shadow/shadow-runner.ts';
import type { UserHandles } from './user-handles/user-handles.ts';

export interface ServiceOptions {
  config: Config;
  /** Where `@@KEY@@` and `##KEY##` get their values from. */
  env?: Readonly<Record<string, string | undefined>>;
  logger?: Logger;
  /** False where the caller shows what the store holds at the start by itself. */
  logFindings?: boolean;
  /** Hears what takes long at the first start: the guest is being built. */
  onProgress?: (text: string) => void;
}

export interface Service {
  readonly config: Config;
  readonly store: ConnectionStore;
  readonly keys: Pick<KeyRing, 'open' | 'count'>;
  readonly logger: Logger;
  /** Of connections that want passkeys and are not ready for them, by name. */
  readonly passkeyWarnings: ReadonlyMap<string, string>;
  /** Resolves when requests are accepted, with the address: `http://127.0.0.1:3000`. Throws ListenError. */
  start(): Promise<{ url: string; port: number }>;
  /** Refuses new work, answers what is under way for at most `graceMs`, then ends everything. */
  stop(options?: { graceMs?: number }): Promise<void>;
}

function logScript(logger: Logger) {
  return ({ kind, level, connection, script, execution, code, text, path }: RunnerLogEntry) =>
    logger[level]({ kind, event: code, connection, script, execution, ...(path ? { path } : {}) }, text);
}

function logEventFile(logger: Logger) {
  return (problem: EventFileProblem) => {
    const { path: file } = problem;
    if (problem.kind === 'failing')
      return logger.error({ file, code: problem.code }, 'the file of events cannot be written');
    logger.info({ file, lost: problem.lost }, 'the file of events is written again');
  };
}

/** The pool lets go of a version when the store has a newer one or none. */
function retireOldVersions(store: ConnectionStore, pool: Pool): void {
  const definitionsOf = ({ definition, shadow }: Connection) =>
    [definition, shadow?.definition].filter((each) => each !== undefined);
  const known = new Map(store.list().map((connection) => [connection.name, definitionsOf(connection)]));
  store.onChange((change) => {
    if (change.kind === 'problem' || change.kind === 'solved') return;
    const { connection } = change;
    const kept = change.kind === 'removed' ? [] : definitionsOf(connection);
    for (const { name, version } of known.get(connection.name) ?? []) {
      if (!kept.some((each) => each.name === name && each.version === version)) pool.retire(name, version);
    }
    known.set(connection.name, kept);
  });
}

/** Loaded only where it is wanted: earlier releases of Node 24 print a warning when SQLite is. */
async function openUserHandles(file: string | undefined): Promise<UserHandles | undefined> {
  if (file === undefined) return undefined;
  const { openUserHandles: open } = await import('./user-handles/open-user-handles.ts');
  return open({ file });
}

const urlOf = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Builds the service; nothing listens before `start`. Throws EncryptionKeyError, KeyFileError, SandboxStartError, UserHandlesFileError and what the parts throw. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { config, env = process.env, logFindings = true, onProgress } = options;
  const logger = options.logger ?? createLog(config);
  const cipher = loadCipher({ keys: config.encryptionKey?.reveal(), file: config.encryptionKeyFile });
  const keys = createKeyRing({
    tenant: config.tenant,
    apiKey: config.apiKey,
    file: config.apiKeysFile,
    cipher,
    onReload: (problem) => {
      if (problem === undefined) logger.info({}, 'the file of API keys was read again');
      else logger.error({}, problem);
    },
  });
  const userHandles = await openUserHandles(config.userHandlesFile);
  const { directory: guestDirectory, modules } = await locateGuestBuild(onProgress);
  const sandboxStart = await prepareSandboxStart({
    guestDirectory,
    user: config.sandboxUser,
    wrapper: config.sandboxWrapper,
    log: logger,
  });
  const store = await createDirectoryStore({
    root: config.dir,
    env,
    modules,
    cipher,
    // Changes are logged below, in words of ours; what remains is a directory that cannot be watched.
    log: { info() {}, warn() {}, error: logger.error.bind(logger) },
  });
  store.onChange((change) => logChange(logger, change));
  const pool = createPool({
    guestDirectory,
    sandboxStart,
    processes: config.sandboxProcesses,
    limits: { wallMs: config.scriptTimeoutMs, cpuMs: config.scriptCpuMs, memoryMb: config.scriptMemoryMb },
    processMemoryMb: config.processMemoryMb,
    egressAllow: config.egressAllow,
    upstream: 'network',
    maxUnderWay: config.maxUnderWay,
    maxWaiting: config.maxWaiting,
    connectionMaxUnderWay: config.connectionMaxUnderWay,
    connectionMaxWaiting: config.connectionMaxWaiting,
    maxOwnProcesses: config.maxOwnProcesses,
    debugEvents: config.logLevel === 'debug' || config.logLevel === 'trace',
    log: logger,
  });
  retireOldVersions(store, pool);
  const metrics = createMetrics({ pool });
  const runnerParts = { pool, tenant: config.tenant, scriptTimeoutMs: config.scriptTimeoutMs };
  const recordings = createRecordings();
  const shadowReports = createShadowReports();
  const runner = createShadowingRunner({
    runner: createRunner({
      ...runnerParts,
      log: logScript(logger),
      onFinished: (finished) => metrics.executionFinished(finished),
      observe: recordings.observe,
      observeSignup: recordings.observeSignup,
    }),
    shadowRunner: createRunner({ ...runnerParts, log: logScript(logger) }),
    pool,
    reports: shadowReports,
    onRun: (run) => metrics.shadowRun(run),
  });
  const readiness = createReadiness({ root: config.dir, env, modules });
  const passkeyWarnings = await watchReadiness(store, readiness, logger);
  const draining = createDraining();
  const logins = createLoginProtection({
    attempts: config.loginAttempts,
    attemptsPerSource: config.loginAttemptsPerSource,
    windowS: config.loginWindowS,
    onReached: ({ limit, connection }) =>
      logger.warn({ connection, limit }, 'too many failed logins: more are refused for a while'),
    onRefused: metrics.loginRefused,
  });
  const events = createEventLog({
    tenant: config.tenant,
    file: config.eventsFile,
    onProblem: logEventFile(logger),
  });
  const app = createApp({
    tenant: config.tenant,
    version: packageVersion(),
    store,
    runner,
    recordings,
    pool,
    keys,
    userHandles,
    metrics,
    shadowReports,
    idempotency: createIdempotency(),
    logins,
    events,
    readiness: readiness.report,
    trustedProxies: config.trustedProxies,
    draining,
    logger,
    errorsPage: await readFile(join(packageRoot, 'docs/errors.md'), 'utf8'),
  });
  const server = createHttpServer(app, draining);

  return {
    config,
    store,
    keys,
    logger,
    passkeyWarnings,
    async start() {
      const { port } = await server.listen(config);
      if (logFindings) logStore(logger, store, passkeyWarnings);
      const url = urlOf(config.host, port);
      logger.info({ url, directory: config.dir, connections: store.list().length }, 'listening');
      return { url, port };
    },
    async stop({ graceMs = 30_000 } = {}) {
      await server.drain(graceMs);
      await Promise.all([pool.close(), store.close(), events.close()]);
      userHandles?.close();
    },
  };
}
