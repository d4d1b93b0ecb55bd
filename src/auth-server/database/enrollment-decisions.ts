import type { DatabaseSync } from 'node:sqlite';

/** `progressive`: the first passkey, after a password. `local`: one more, after a passkey on another device. */
export type Enrollment = 'progressive' | 'local';

export interface EnrollmentDecisions {
  /** "Not now": the user is asked again after 30 days. */
  postpone(userId: string, kind: Enrollment): void;
  isPostponed(userId: string, kind: Enrollment): boolean;
}

const POSTPONED_MS = 30 * 24 * 3600_000;

export function createEnrollmentDecisions(
  database: DatabaseSync,
  now: () => number = Date.now,
): EnrollmentDecisions {
  const postpone = database.prepare(
    'INSERT OR REPLACE INTO enrollment_decisions (user_id, kind, ask_again_at) VALUES (?, ?, ?)',
  );
  const find = database.prepare(
    'SELECT 1 FROM enrollment_decisions WHERE user_id = ? AND kind = ? AND ask_again_at > ?',
  );
  return {
    postpone: (userId, kind) => void postpone.run(userId, kind, now() + POSTPONED_MS),
    isPostponed: (userId, kind) => find.get(userId, kind, now()) !== undefined,
  };
}
