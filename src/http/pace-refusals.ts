/**
 * When a refusal is to be told. One costs little, thousands a second cost everybody, and whoever asks again as soon as
 * it has been refused asks the faster the sooner it is told. So the first ones of a connection are told at once, and what
 * comes on top a little later, up to a second.
 */
export interface RefusalPace {
  turn(connection: string): Promise<void>;
}

const PER_SECOND = 100;
const MOST_MS = 1_000;

export function createRefusalPace(now: () => number = () => performance.now()): RefusalPace {
  /** When the next refusal of each connection may be told. */
  const next = new Map<string, number>();
  return {
    async turn(connection) {
      const at = Math.max(next.get(connection) ?? 0, now() - MOST_MS);
      const waitMs = Math.min(MOST_MS, at - now());
      next.set(connection, Math.min(at + 1_000 / PER_SECOND, now() + MOST_MS));
      const told = waitMs < MOST_MS ? waitMs : (MOST_MS * (1 + Math.random())) / 2;
      if (told > 0) await new Promise((resolve) => setTimeout(resolve, told));
    },
  };
}
