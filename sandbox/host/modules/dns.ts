import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import * as z from 'zod';
import type { EgressPolicy } from '../egress.ts';
import { egressBlockReason, notFound } from '../egress-errors.ts';
import type { HostModule, OperationScope } from '../operations.ts';

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
 * hosts. What the egress policy keeps out of reach is not found. The names that other records lead to are judged when a
 * script looks them up or connects.
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

  /** Says in the log why the policy has refused. */
  function refused(error: unknown, hostname: string, { log }: OperationScope): unknown {
    const blocked = egressBlockReason(error);
    if (blocked) log('egress_blocked', 'warn', `dns ${hostname}: ${blocked}`);
    return error;
  }

  return {
    async: {
      async 'dns.lookup'(raw, _bytes, scope) {
        const { hostname, family } = Lookup.parse(raw);
        const version = isIP(hostname);
        if (version !== 0) return { value: [{ address: hostname, family: version }] };
        try {
          return { value: await policy.lookup(hostname, family) };
        } catch (error) {
          throw refused(error, hostname, scope);
        }
      },
      async 'dns.resolve'(raw, _bytes, scope) {
        const { hostname, type } = Resolve.parse(raw);
        try {
          policy.checkQuestion(hostname, type);
          const records = await resolve(hostname, type);
          if (type !== 'A' && type !== 'AAAA') return { value: records };
          const { addresses, refused: reason } = policy.known(hostname, records as string[]);
          const syscall = type === 'A' ? 'queryA' : 'queryAaaa';
          if (reason === undefined) return { value: addresses };
          const error = notFound(hostname, syscall, reason);
          if (addresses.length === 0) throw error;
          refused(error, hostname, scope);
          return { value: addresses };
        } catch (error) {
          throw refused(error, hostname, scope);
        }
      },
    },
  };
}
