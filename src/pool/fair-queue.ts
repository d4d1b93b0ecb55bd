/** Whose turn it is. `tenant` holds several connections, `connection` several jobs. */
export interface Owner {
  tenant: string;
  connection: string;
}

/**
 * What became of a job that was offered. `connection_full`, `tenant_full`: this owner has all that it may have at once.
 * `full`: nobody can begin anything.
 */
export type Offered = 'begun' | 'connection_full' | 'tenant_full' | 'full';

/** Jobs that wait, served in turns: one of each tenant, and within a tenant one of each connection. */
export interface FairQueue<Item> {
  add(owner: Owner, item: Item): void;
  remove(owner: Owner, item: Item): void;
  /** How many jobs of a connection wait. */
  waitingOf(owner: Owner): number;
  size(): number;
  /** Offers the first job of each connection, in turns, until nothing more begins. */
  offer(begin: (item: Item) => Offered): void;
}

export function createFairQueue<Item>(): FairQueue<Item> {
  /** In the order of their turns: who has had one goes to the end. */
  const tenants = new Map<string, Map<string, Item[]>>();
  let size = 0;

  /** What came of one tenant's turn: at most one job begins. */
  function turnOf(connections: Map<string, Item[]>, begin: (item: Item) => Offered): Offered {
    for (const [connection, items] of connections) {
      const offered = begin(items[0] as Item);
      if (offered === 'connection_full') continue;
      if (offered !== 'begun') return offered;
      size--;
      items.shift();
      connections.delete(connection);
      if (items.length > 0) connections.set(connection, items);
      return 'begun';
    }
    return 'tenant_full';
  }

  return {
    add({ tenant, connection }, item) {
      const connections = tenants.get(tenant) ?? new Map<string, Item[]>();
      tenants.set(tenant, connections);
      const items = connections.get(connection);
      if (items) items.push(item);
      else connections.set(connection, [item]);
      size++;
    },
    remove({ tenant, connection }, item) {
      const connections = tenants.get(tenant);
      const items = connections?.get(connection);
      const at = items?.indexOf(item) ?? -1;
      if (!connections || !items || at < 0) return;
      items.splice(at, 1);
      size--;
      if (items.length === 0) connections.delete(connection);
      if (connections.size === 0) tenants.delete(tenant);
    },
    waitingOf: ({ tenant, connection }) => tenants.get(tenant)?.get(connection)?.length ?? 0,
    size: () => size,
    offer(begin) {
      for (let progress = true; progress && size > 0; ) {
        progress = false;
        for (const [tenant, connections] of [...tenants]) {
          const offered = turnOf(connections, begin);
          if (offered === 'full') return;
          if (offered !== 'begun') continue;
          progress = true;
          tenants.delete(tenant);
          if (connections.size > 0) tenants.set(tenant, connections);
        }
      }
    },
  };
}
