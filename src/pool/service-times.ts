/** How long the executions of each connection take, lately: what a waiting one has to expect. */
export interface ServiceTimes {
  took(connection: string, ms: number): void;
  /**
   * Milliseconds until a further execution would end, were it put behind `ahead` others that `atOnce` places work off.
   * Undefined while nothing is known of the connection.
   */
  expectedMs(
    connection: string,
    ahead: number,
    atOnce: number,
  ): { waitMs: number; endMs: number } | undefined;
  forget(connection: string): void;
}

/** The weight of the newest: after some ten executions the mean is theirs. */
const NEWEST = 0.2;

export function createServiceTimes(): ServiceTimes {
  const meanMs = new Map<string, number>();
  return {
    took(connection, ms) {
      const mean = meanMs.get(connection);
      meanMs.set(connection, mean === undefined ? ms : mean + NEWEST * (ms - mean));
    },
    expectedMs(connection, ahead, atOnce) {
      const mean = meanMs.get(connection);
      if (mean === undefined) return undefined;
      const waitMs = (mean * (ahead + 1)) / Math.max(1, atOnce);
      return { waitMs, endMs: waitMs + mean };
    },
    forget: (connection) => void meanMs.delete(connection),
  };
}
