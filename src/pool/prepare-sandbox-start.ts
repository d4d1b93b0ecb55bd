import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { manifestName, snapshotName } from '../../sandbox/build/read-guest-build.ts';
import type { Logger } from '../log.ts';
import { inheritedFds } from './inherited-fds.ts';
import { hostMain, readablePaths } from './sandbox-code.ts';
import { hasShell, planSandboxStart, type SandboxStart, shell } from './sandbox-start.ts';
import { findSandboxUser, type SandboxUser } from './sandbox-user.ts';
import { tryStart } from './try-start.ts';

export interface PrepareOptions {
  guestDirectory: string;
  /** Asked for; else `nobody` where this process is root. */
  user?: SandboxUser | undefined;
  /** A command that processes are started through. */
  wrapper?: readonly string[] | undefined;
  log: Logger;
}

/** Sandbox processes cannot be started as they were asked for; the message names the setting. */
export class SandboxStartError extends Error {
  override name = 'SandboxStartError';
}

const run = promisify(execFile);
const nothingInherited = { env: {}, cwd: '/', timeout: 10_000 };

/**
 * Finds out once, at the start of the service, how sandbox processes are to be started: as which user, through which
 * tools. Throws SandboxStartError when a setting is wrong, instead of starting processes in vain for ever.
 */
export async function prepareSandboxStart({
  guestDirectory,
  user: asked,
  wrapper,
  log,
}: PrepareOptions): Promise<SandboxStart> {
  if (!hasShell()) log.warn({}, `there is no ${shell}: sandbox processes have no limits of the system`);
  const user = asked ? await checked(asked, guestDirectory) : await defaultUser(guestDirectory, log);
  const wrapped = wrapper && [findProgram(wrapper[0] ?? ''), ...wrapper.slice(1)];
  const start = planSandboxStart({
    guestDirectory,
    user,
    // A wrapper sees to new privileges itself; under this flag one that is setuid could not work.
    through: wrapped ?? (await privilegesDropped(user)),
    inheritedFds: inheritedFds(),
  });
  const problem = wrapped && (await tryStart(start, guestDirectory));
  if (problem) {
    throw new SandboxStartError(`DRAWBRIDGE_SANDBOX_WRAPPER does not start a sandbox process: ${problem}`);
  }
  return start;
}

async function checked(user: SandboxUser, guestDirectory: string): Promise<SandboxUser> {
  const problem = await obstacleOf(user, guestDirectory);
  if (!problem) return user;
  throw new SandboxStartError(
    `DRAWBRIDGE_SANDBOX_USER is ${JSON.stringify(user.name)}, but ${problem}; name a user that can read Drawbridge's code`,
  );
}

async function defaultUser(guestDirectory: string, log: Logger): Promise<SandboxUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const nobody = findSandboxUser('nobody');
  const problem = nobody
    ? await obstacleOf(nobody, guestDirectory)
    : 'there is no user "nobody" in /etc/passwd';
  if (!problem) return nobody;
  log.warn(
    {},
    `the sandbox processes run as root, because ${problem}; set DRAWBRIDGE_SANDBOX_USER to a user that can read Drawbridge's code, or start Drawbridge as another user than root`,
  );
  return undefined;
}

const firstUnreadable =
  'test -x "$1" || { echo "$1"; exit; }; for path; do test -r "$path" || { echo "$path"; exit; }; done';

/** What keeps this user from running a sandbox process; asked of the system, since modes are not all there is. */
async function obstacleOf(user: SandboxUser, guestDirectory: string): Promise<string | undefined> {
  const files = [
    hostMain(guestDirectory),
    join(guestDirectory, manifestName),
    join(guestDirectory, snapshotName),
  ];
  const code = readablePaths(guestDirectory).filter((path) => existsSync(path));
  const paths = [process.execPath, ...files, ...code];
  try {
    const { uid, gid } = user;
    const { stdout } = await run(shell, ['-c', firstUnreadable, 'sh', ...paths], {
      ...nothingInherited,
      uid,
      gid,
    });
    return stdout === '' ? undefined : `the user ${user.name} cannot read ${stdout.trim()}`;
  } catch (error) {
    return `a process of the user ${user.name} cannot be started (${(error as NodeJS.ErrnoException).code})`;
  }
}

/**
 * No setuid program may give privileges back, and the process ends with the service even when it hangs. A root that
 * stays root keeps none of its capabilities. Fewer of these where setpriv, or the system, has not all of them.
 */
async function privilegesDropped(user: SandboxUser | undefined): Promise<readonly string[]> {
  const tool = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (!tool) return [];
  const staysRoot = (user?.uid ?? process.getuid?.()) === 0;
  const choices = [
    [
      '--no-new-privs',
      '--pdeathsig',
      'KILL',
      ...(staysRoot ? ['--inh-caps=-all', '--bounding-set=-all'] : []),
    ],
    ['--no-new-privs', '--pdeathsig', 'KILL'],
    ['--no-new-privs'],
  ];
  for (const flags of choices) {
    try {
      await run(tool, [...flags, '--', shell, '-c', ':'], {
        ...nothingInherited,
        ...(user ? { uid: user.uid, gid: user.gid } : {}),
      });
      return [tool, ...flags, '--'];
    } catch {
      // The next asks for less.
    }
  }
  return [];
}

/** Looked for once and here, since sandbox processes have no PATH. */
function findProgram(name: string): string {
  const folders = name.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find(isProgram);
  if (found) return found;
  throw new SandboxStartError(
    `DRAWBRIDGE_SANDBOX_WRAPPER begins with ${JSON.stringify(name)}, which is no program`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
