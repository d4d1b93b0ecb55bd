import { createCounts } from './counts.ts';
import type { Owner } from './fair-queue.ts';

/** What each connection and each tenant has under way, and whether it may have more. */
export interface Shares {
  full(owner: Owner): 'connection_full' | 'tenant_full' | undefined;
  underWay(owner: Owner): number;
  begin(owner: Owner): void;
  end(owner: Owner): void;
}

export function createShares(ofConnection: number, ofTenant: number): Shares {
  const connections = createCounts();
  const tenants = createCounts();
  return {
    full({ tenant, connection }) {
      if (tenants.of(tenant) >= ofTenant) return 'tenant_full';
      return connections.of(connection) >= ofConnection ? 'connection_full' : undefined;
    },
    underWay: ({ connection }) => connections.of(connection),
    begin({ tenant, connection }) {
      connections.add(connection, 1);
      tenants.add(tenant, 1);
    },
    end({ tenant, connection }) {
      connections.add(connection, -1);
      tenants.add(tenant, -1);
    },
  };
}
