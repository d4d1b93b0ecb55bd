import { isIP } from './net-address.ts';
import type { Options, Target } from './net-options.ts';
import { invalidAddress } from './socket-errors.ts';

/** `dns.lookup` given as the option is what the host does by itself. */
const systemLookups = new WeakSet<object>();

export function markSystemLookup(lookup: object): void {
  systemLookups.add(lookup);
}

/** Asks the option `lookup` where there is one that has something to say; else answers at once. */
export function resolveTarget(
  target: Target,
  { lookup }: Options,
  done: (error: Error | null, found: Target) => void,
): void {
  if (typeof lookup !== 'function' || isIP(target.host) !== 0 || systemLookups.has(lookup)) {
    return done(null, target);
  }
  lookup(target.host, { family: target.family }, (error: Error | null, found: unknown) => {
    if (error) return done(error, target);
    const address = Array.isArray(found) ? (found[0] as { address: unknown } | undefined)?.address : found;
    if (isIP(address) === 0) return done(invalidAddress(address), target);
    done(null, { ...target, host: String(address) });
  });
}
