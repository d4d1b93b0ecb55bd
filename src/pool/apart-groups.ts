import type { ProcessGroup } from './process-group.ts';

/** Processes beside the shared ones, started when they are needed and ended when nobody has used them for a while. */
export interface ApartGroups {
  /** The ward of that number, for connections under suspicion. */
  ward(number: number): ProcessGroup;
  /** The process that is this connection's alone. None when there are too many and all of them are busy. */
  own(connection: string): ProcessGroup | undefined;
  /** Whether `own` would find or start one. */
  hasRoomFor(connection: string): boolean;
  groups(): Iterable<ProcessGroup>;
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 10_000;
const WARD_IDLE_MS = 60_000;
const OWN_IDLE_MS = 10 * 60_000;

export function createApartGroups(options: {
  createGroup(): ProcessGroup;
  maxOwn: number;
  now?: () => number;
}): ApartGroups {
  const { createGroup, maxOwn, now = () => performance.now() } = options;
  const wards = new Map<number, ProcessGroup>();
  const owns = new Map<string, ProcessGroup>();
  const sweeping = setInterval(() => {
    endIdle(wards, WARD_IDLE_MS);
    endIdle(owns, OWN_IDLE_MS);
  }, SWEEP_EVERY_MS).unref();

  function endIdle<Key>(groups: Map<Key, ProcessGroup>, idleMs: number): void {
    for (const [key, group] of groups) if (now() - group.lastUsedAt() >= idleMs) end(groups, key, group);
  }

  function end<Key>(groups: Map<Key, ProcessGroup>, key: Key, group: ProcessGroup): boolean {
    if (group.underWay() > 0) return false;
    groups.delete(key);
    void group.close();
    return true;
  }

  /** Ends the one that has not been used for longest. */
  function makeRoom(): boolean {
    if (owns.size < maxOwn) return true;
    const byUse = [...owns].sort(([, one], [, other]) => one.lastUsedAt() - other.lastUsedAt());
    return byUse.some(([connection, group]) => end(owns, connection, group));
  }

  return {
    ward(number) {
      const group = wards.get(number) ?? createGroup();
      wards.set(number, group);
      return group;
    },
    own(connection) {
      const known = owns.get(connection);
      if (known || !makeRoom()) return known;
      const group = createGroup();
      owns.set(connection, group);
      return group;
    },
    hasRoomFor: (connection) =>
      owns.has(connection) ||
      owns.size < maxOwn ||
      [...owns.values()].some((group) => group.underWay() === 0),
    *groups() {
      yield* wards.values();
      yield* owns.values();
    },
    async close() {
      clearInterval(sweeping);
      await Promise.all([...wards.values(), ...owns.values()].map((group) => group.close()));
    },
  };
}
