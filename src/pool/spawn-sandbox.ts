import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { SandboxStart } from './sandbox-start.ts';

export interface SandboxProcess {
  child: ChildProcess;
  /** The duplex pipe that messages go through. */
  stream: Duplex;
}

/**
 * All of its environment. Half of the threads may look up names, which name servers hold up: see
 * sandbox/host/name-lookups.ts; glibc gives up on a name after four seconds of these, instead of ten and more. Memory of
 * one thread that is free is of use to another, instead of being kept for it by each of two dozen; pieces of 16 KB and more
 * are the system's again when they are free, instead of lying between small ones that are in use.
 */
export const sandboxEnvironment = {
  UV_THREADPOOL_SIZE: '16',
  RES_OPTIONS: 'timeout:2 attempts:2',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '16384',
  MALLOC_TRIM_THRESHOLD_: '131072',
} as const;

/**
 * Starts a sandbox process with nothing of this environment. Throws when the system has no process or no file
 * descriptors left.
 */
export function spawnSandbox({ command, args, user }: SandboxStart): SandboxProcess {
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: sandboxEnvironment,
    cwd: '/',
    // Supplementary groups are dropped along with it.
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  // Out of descriptors, Node gives a child without pipes, and tells why by an event that has to be heard.
  const stream = child.stdio?.[3] as Duplex | undefined;
  if (!stream) {
    child.once('error', () => {});
    throw new Error('Too many open files: a sandbox process cannot be started');
  }
  return { child, stream };
}
