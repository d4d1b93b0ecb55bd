import { constants } from 'node:os';

/** Why the policy refused, for the log: kept beside the error, where a script cannot see it. */
const reasons = new WeakMap<object, string>();

/** The reason an error is a refusal of the policy, or undefined when it is something else. */
export function egressBlockReason(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? reasons.get(error) : undefined;
}

/**
 * Looks like a port that nobody listens on, so that a script learns nothing about the network around the service.
 * `shown`: to the author of a script under test.
 */
export function refusal(host: string, port: number, reason: string, shown: boolean): Error {
  const error = Object.assign(
    new Error(`connect ECONNREFUSED ${host}:${port}${shown ? ` (${reason})` : ''}`),
    {
      code: 'ECONNREFUSED',
      errno: -constants.errno.ECONNREFUSED,
      syscall: 'connect',
      address: host,
      port,
    },
  );
  reasons.set(error, reason);
  return error;
}

/** Looks like a name that there is not. `syscall`: as `getaddrinfo` or `queryA`. */
export function notFound(name: string, syscall: string, reason: string): Error {
  const error = Object.assign(new Error(`${syscall} ENOTFOUND ${name}`), {
    code: 'ENOTFOUND',
    ...(syscall === 'getaddrinfo' ? { errno: -3008 } : {}),
    syscall,
    hostname: name,
  });
  reasons.set(error, reason);
  return error;
}
