import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import { z } from 'zod';
import { type EgressPolicy, egressBlockReason } from '../egress.ts';
import type { HostModule } from '../operations.ts';

const name = z.string().min(1).max(255);
const Lookup = z.object({ hostname: name, family: z.union([z.literal(0), z.literal(4), z.literal(6)]) });
const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'] as const;
const Resolve = z.object({ hostname: name, type: z.enum(recordTypes) });

const TIMEOUT_MS = 3_000;
const TRIES = 2;

/** Asks the name servers that the system is configured with. */
export type ResolveRecords = (hostname: string, type: (typeof recordTypes)[number]) => Promise<unknown>;

/**
 * `dns.lookup`: by the system, as sockets do. `dns.resolve`: by DNS, for SRV and TXT above all, where MongoDB keeps its
 * hosts. What the egress policy keeps out of reach is not found.
 */
export function createDnsModule(options: { policy: EgressPolicy; resolve?: ResolveRecords }): HostModule {
  const { policy } = options;
  let resolver: dns.Resolver | undefined;
  const resolve: ResolveRecords =
    options.resolve ??
    ((hostname, type) => {
      resolver ??= new dns.Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
      return resolver.resolve(hostname, type);
    });

  return {
    async: {
      async 'dns.lookup'(raw, _bytes, scope) {
        const { hostname, family } = Lookup.parse(raw);
        const version = isIP(hostname);
        if (version !== 0) return { value: [{ address: hostname, family: version }] };
        try {
          return { value: await policy.lookup(hostname, family) };
        } catch (error) {
          const blocked = egressBlockReason(error);
          if (blocked) scope.log('egress_blocked', 'warn', `dns ${hostname}: ${blocked}`);
          throw error;
        }
      },
      async 'dns.resolve'(raw, _bytes, scope) {
        const { hostname, type } = Resolve.parse(raw);
        const records = await resolve(hostname, type);
        if (type !== 'A' && type !== 'AAAA') return { value: records };
        const { addresses, refused } = policy.known(hostname, records as string[]);
        if (refused !== undefined) scope.log('egress_blocked', 'warn', `dns ${hostname}: ${refused}`);
        if (refused !== undefined && addresses.length === 0) throw notFound(hostname, type);
        return { value: addresses };
      },
    },
  };
}

/** As when DNS knows no such name. */
function notFound(hostname: string, type: 'A' | 'AAAA'): Error {
  const syscall = type === 'A' ? 'queryA' : 'queryAaaa';
  const error = new Error(`${syscall} ENOTFOUND ${hostname}`);
  return Object.assign(error, { code: 'ENOTFOUND', syscall, hostname });
}
