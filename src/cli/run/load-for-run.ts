import { type Config, type Flags, loadConfig } from '../../config.ts';
import type { Connection } from '../../connections/connection.ts';
import { locateGuestBuild } from '../../pool/guest-build.ts';
import { openConnectionFiles } from '../../testkit/connection-files.ts';
import { type OpenSandboxOptions, openSandbox, type TestSandbox } from '../../testkit/open-sandbox.ts';
import { readConnection } from '../../testkit/read-connection.ts';
import { cipherOf } from '../cipher-of.ts';
import type { PasswordInput } from '../read-password.ts';
import { RunError } from './errors.ts';
import type { RunFlags } from './run-flags.ts';

/** What a command has of the process around it; tests give their own. */
export interface CommandIo {
  stdin: PasswordInput;
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  openSandbox(options: OpenSandboxOptions): Promise<TestSandbox>;
}

export const processIo: CommandIo = {
  stdin: process.stdin as PasswordInput,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  openSandbox,
};

/** Of the service's settings those that decide how scripts run; where it listens is none of this command's business. */
const settingsOfScripts = [
  'DRAWBRIDGE_DIR',
  'DRAWBRIDGE_EGRESS_ALLOW',
  'DRAWBRIDGE_SCRIPT_TIMEOUT_MS',
  'DRAWBRIDGE_SCRIPT_CPU_MS',
  'DRAWBRIDGE_SCRIPT_MEMORY_MB',
];

/** Throws ConfigError, whose message names the flag or the variable. */
export function configForRun({ dir, egressAllow, timeout }: RunFlags, env: CommandIo['env']): Config {
  const flags: Flags = { dir, egressAllow, scriptTimeoutMs: timeout };
  return loadConfig(flags, Object.fromEntries(settingsOfScripts.map((name) => [name, env[name]])));
}

/**
 * The connection as `serve` would load it, or, `for` replaying, with encrypted values left as they are where there is no
 * key. Throws RunError that says what is wrong with the files.
 */
export async function connectionForRun(
  flags: RunFlags,
  config: Config,
  io: CommandIo,
  purpose: 'run' | 'replay' = 'run',
): Promise<Connection> {
  const cipher = cipherOf(flags, io.env) ?? (purpose === 'run' ? 'none' : undefined);
  const env = Object.fromEntries(Object.entries(io.env).filter(([, value]) => value !== undefined));
  const { modules } = await locateGuestBuild((text) => io.err(`${text}\n`));
  try {
    const files = await openConnectionFiles(config.dir);
    const read = readConnection(
      files,
      { env: env as Record<string, string>, modules, cipher },
      flags.connection,
    );
    return await read.finally(files.release);
  } catch (error) {
    throw new RunError(
      `${(error as Error).message}\nGive the directory with --dir and the connection with --connection`,
    );
  }
}

export function sandboxFor(config: Config, io: CommandIo): Promise<TestSandbox> {
  return io.openSandbox({
    upstream: 'network',
    egressAllow: config.egressAllow,
    limits: { wallMs: config.scriptTimeoutMs, cpuMs: config.scriptCpuMs, memoryMb: config.scriptMemoryMb },
  });
}
