import { existsSync } from 'node:fs';
import { v8Flags } from '../../sandbox/contract/v8-flags.ts';
import { hostMain, readablePaths } from './sandbox-code.ts';
import type { SandboxUser } from './sandbox-user.ts';

/** How a sandbox process is started: a plain command, so that each start costs nothing but itself. */
export interface SandboxStart {
  command: string;
  args: readonly string[];
  /** Absent: the user of this process. */
  user?: SandboxUser | undefined;
}

export interface SandboxStartParts {
  guestDirectory: string;
  user?: SandboxUser | undefined;
  /** The command that Node is started through, each in the end replacing itself by the next. */
  through?: readonly string[];
  /** Descriptors that this process has inherited itself and that its children would inherit in turn. */
  inheritedFds?: readonly number[];
}

export const shell = '/bin/sh';
export const hasShell = () => existsSync(shell);

/**
 * No core dumps, which would hold secrets; no bytes to any file; a bound on descriptors that is above what 100 warm
 * connections use; and when memory runs out, the kernel ends a sandbox process before the service or a database. What
 * the system refuses is left as it is: it is stricter already, or has no such thing.
 */
const limits = `ulimit -c 0 || :
ulimit -f 0 || :
ulimit -n 16384 || :
{ echo 500 >/proc/self/oom_score_adj; } || :`;

/** Without more options: the user and the tools of this process, nothing asked of the system. */
export function planSandboxStart({
  guestDirectory,
  user,
  through = [],
  inheritedFds = [],
}: SandboxStartParts): SandboxStart {
  const node = [
    process.execPath,
    ...v8Flags,
    ...permissions(guestDirectory),
    hostMain(guestDirectory),
    inheritedFds.join(','),
  ];
  const [command = process.execPath, ...args] = [...bounded(), ...through, ...node];
  return { command, args, user };
}

/** The shell sets the limits, replaces itself and is gone. */
function bounded(): string[] {
  return hasShell() ? [shell, '-c', `{ ${limits}; } 2>/dev/null; exec "$@"`, 'sh'] : [];
}

/**
 * No writing, no reading but of its code, no processes, no threads of JavaScript, no WASI, no inspector, and no SQLite,
 * which opens files without asking. Addons are given up once they are loaded: see sandbox/host/give-up-powers.ts.
 */
function permissions(guestDirectory: string): string[] {
  return [
    '--permission',
    '--allow-addons',
    '--disable-sigusr1',
    '--no-experimental-sqlite',
    '--disable-warning=SecurityWarning',
    ...readablePaths(guestDirectory).map((path) => `--allow-fs-read=${path}`),
  ];
}
