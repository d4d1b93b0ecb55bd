const MOST = 10;
const WITHIN_MS = 15 * 60_000;

export interface WrongCodes {
  add(userId: string): void;
  /** No code of this user is tried until the oldest wrong one is 15 minutes old. */
  areTooMany(userId: string): boolean;
}

/** Wrong codes by user, in memory: six digits must not be guessed by beginning again and again. */
export function createWrongCodes(now: () => number): WrongCodes {
  const times = new Map<string, number[]>();
  const recent = (userId: string) => (times.get(userId) ?? []).filter((time) => time > now() - WITHIN_MS);
  return {
    add(userId) {
      const own = [...recent(userId), now()];
      // Those who erred last are at the end, so the sweep stops at the first that still counts.
      times.delete(userId);
      times.set(userId, own);
      for (const old of times.keys()) {
        if (recent(old).length > 0) break;
        times.delete(old);
      }
    },
    areTooMany: (userId) => recent(userId).length >= MOST,
  };
}
