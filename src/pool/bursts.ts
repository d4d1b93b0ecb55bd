/**
 * How much a connection may begin at a time while others are served and the way to the scripts is crowded. Executions
 * that wait for their upstream cost nobody anything; those that begin, and those that end soon after, queue up on the
 * same threads as everybody else's. So only the young ones count.
 */
export interface Bursts {
  /** Whether the connection has begun so many lately that others would feel one more. */
  full(connection: string): boolean;
  begin(connection: string): Begun;
  end(connection: string, begun: Begun): void;
  /** How long an execution spent on its way, there and back: neither in its script nor waiting for a place. */
  onTheWay(ms: number): void;
}

/** The generation that an execution belongs to. */
export type Begun = number;

/** An execution is young for one to two generations. */
export const GENERATION_MS = 20;
const CROWDED_ABOVE_MS = 3;
const NEWEST = 0.1;
const ADAPT_EVERY_MS = 50;
/** Others are served when one of them has begun within the last seconds. */
const SERVED_WITHIN_MS = 5_000;

interface Young {
  generation: number;
  newest: number;
  older: number;
}

/** Each connection may have between `least` and `most` young ones: fewer while it is crowded, more again when it is not. */
export function createBursts({
  least,
  most,
  now = () => performance.now(),
}: {
  least: number;
  most: number;
  now?: () => number;
}): Bursts {
  const young = new Map<string, Young>();
  let limit = most;
  let wayMs = 0;
  let adaptedAt = now();
  let last = { connection: '', at: Number.NEGATIVE_INFINITY };
  let lastOther = last;

  const generation = () => Math.floor(now() / GENERATION_MS);

  function youngOf(connection: string): Young | undefined {
    const found = young.get(connection);
    if (!found) return undefined;
    const age = generation() - found.generation;
    if (age > 0) {
      found.older = age === 1 ? found.newest : 0;
      found.newest = 0;
      found.generation += age;
    }
    return found;
  }

  function othersAreServed(connection: string): boolean {
    const other = last.connection === connection ? lastOther : last;
    return now() - other.at < SERVED_WITHIN_MS;
  }

  return {
    full(connection) {
      const found = youngOf(connection);
      return found !== undefined && found.newest + found.older >= limit && othersAreServed(connection);
    },
    begin(connection) {
      if (last.connection !== connection) lastOther = last;
      last = { connection, at: now() };
      const found = youngOf(connection) ?? { generation: generation(), newest: 0, older: 0 };
      young.set(connection, found);
      found.newest++;
      return found.generation;
    },
    end(connection, begun) {
      const found = youngOf(connection);
      if (!found) return;
      if (begun === found.generation) found.newest--;
      else if (begun === found.generation - 1) found.older--;
      if (found.newest + found.older === 0) young.delete(connection);
    },
    onTheWay(ms) {
      wayMs += NEWEST * (ms - wayMs);
      if (now() - adaptedAt < ADAPT_EVERY_MS) return;
      adaptedAt = now();
      const wanted = wayMs > CROWDED_ABOVE_MS ? limit / 2 : limit * 1.1;
      limit = Math.min(most, Math.max(least, wanted));
    },
  };
}
