import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { v8Flags } from '../../sandbox/contract/v8-flags.ts';

export interface SandboxProcess {
  child: ChildProcess;
  /** The duplex pipe that messages go through. */
  stream: Duplex;
}

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const hostMain = fileURLToPath(new URL(`../../sandbox/host/main${extension}`, import.meta.url));

/**
 * Starts a sandbox process with nothing of this environment that may read its own code and little else. Throws when the
 * system has no process or no file descriptors left.
 */
export function spawnSandbox(guestDirectory: string): SandboxProcess {
  const child = spawn(process.execPath, [...v8Flags, ...permissions(guestDirectory), hostMain], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // Half of the threads may look up names, which name servers hold up: see sandbox/host/name-lookups.ts.
    // glibc gives up on a name after four seconds of these, instead of ten and more.
    env: { UV_THREADPOOL_SIZE: '16', RES_OPTIONS: 'timeout:2 attempts:2' },
    cwd: '/',
  });
  // Out of descriptors, Node gives a child without pipes, and tells why by an event that has to be heard.
  const stream = child.stdio?.[3] as Duplex | undefined;
  if (!stream) {
    child.once('error', () => {});
    throw new Error('Too many open files: a sandbox process cannot be started');
  }
  return { child, stream };
}

/** node-gyp-build looks for /etc/alpine-release; the rest is what resolving modules and names reads. */
function permissions(guestDirectory: string): string[] {
  const readable = [
    fileURLToPath(new URL('../../', import.meta.url)),
    nodeModulesOf('isolated-vm'),
    guestDirectory,
    '/etc/alpine-release',
    '/etc/resolv.conf',
    '/etc/hosts',
  ];
  return [
    '--permission',
    '--allow-addons',
    '--disable-warning=SecurityWarning',
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ];
}

function nodeModulesOf(packageName: string): string {
  const entry = createRequire(import.meta.url).resolve(packageName);
  return entry.slice(0, entry.lastIndexOf('node_modules') + 'node_modules'.length);
}
