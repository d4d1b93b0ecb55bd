/**
 * How much a connection may begin at a time while others are served and the way to the scripts is crowded. Executions
 * that wait for their upstream cost nobody anything; each that begins queues up on the same threads as everybody else's,
 * and so does each that ends. So beginnings are what is bounded, however soon they end: bounding what is under way would
 * let quick scripts take all that the machine has.
 */
export interface Bursts {
  /** Whether the connection has begun so many lately that others would feel one more. */
  full(connection: string): boolean;
  begin(connection: string): void;
  /** How long an execution spent on its way, there and back: neither in its script nor waiting for a place. */
  onTheWay(ms: number): void;
}

/** What has begun within one to two generations counts. */
export const GENERATION_MS = 20;
const CROWDED_ABOVE_MS = 3;
/** What the process says of its own times is not trusted further. */
const MOST_WAY_MS = 1_000;
const NEWEST = 0.1;
const ADAPT_EVERY_MS = 50;
/** Others are served when one of them has begun within the last seconds. */
const SERVED_WITHIN_MS = 5_000;
/** Connections that are remembered; the oldest generations are forgotten when there are more. */
const MANY = 1_000;

interface Lately {
  generation: number;
  newest: number;
  older: number;
}

/**
 * Each connection may begin between `least` and `most`: fewer while it is crowded, and more only when somebody wanted more
 * and it was not, so that a flood that comes all at once meets a bound that is low.
 */
export function createBursts({
  least,
  most,
  now = () => performance.now(),
}: {
  least: number;
  most: number;
  now?: () => number;
}): Bursts {
  const lately = new Map<string, Lately>();
  const atRest = Math.min(most, 2 * least);
  let limit = atRest;
  let wanted = false;
  let wayMs = 0;
  let adaptedAt = now();
  let last = { connection: '', at: Number.NEGATIVE_INFINITY };
  let lastOther = last;

  const generation = () => Math.floor(now() / GENERATION_MS);

  function latelyOf(connection: string): Lately | undefined {
    const found = lately.get(connection);
    if (!found) return undefined;
    const age = generation() - found.generation;
    if (age > 0) {
      found.older = age === 1 ? found.newest : 0;
      found.newest = 0;
      found.generation += age;
    }
    return found;
  }

  function forgetSome(): void {
    const before = generation() - 1;
    for (const [connection, { generation }] of lately) if (generation < before) lately.delete(connection);
  }

  function othersAreServed(connection: string): boolean {
    const other = last.connection === connection ? lastOther : last;
    return now() - other.at < SERVED_WITHIN_MS;
  }

  function adapt(): void {
    if (wayMs > CROWDED_ABOVE_MS) limit = Math.max(least, limit / 2);
    else if (wanted) limit = Math.min(most, limit * 1.1);
    else limit = Math.max(Math.min(limit, atRest), limit * 0.95);
    wanted = false;
  }

  return {
    full(connection) {
      const found = latelyOf(connection);
      if (!found || found.newest + found.older < limit || !othersAreServed(connection)) return false;
      wanted = true;
      return true;
    },
    begin(connection) {
      if (last.connection !== connection) lastOther = last;
      last = { connection, at: now() };
      let found = latelyOf(connection);
      if (!found) {
        if (lately.size >= MANY) forgetSome();
        found = { generation: generation(), newest: 0, older: 0 };
        lately.set(connection, found);
      }
      found.newest++;
    },
    onTheWay(ms) {
      wayMs += NEWEST * (Math.min(Math.max(ms, 0), MOST_WAY_MS) - wayMs);
      if (now() - adaptedAt < ADAPT_EVERY_MS) return;
      adaptedAt = now();
      adapt();
    },
  };
}
