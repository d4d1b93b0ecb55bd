import type { DatabaseSync } from 'node:sqlite';

/** `progressive`: the first passkey, after a password. `local`: one more, after a passkey on another device. */
export type Enrollment = 'progressive' | 'local';

const POSTPONED_MS = 30 * 24 * 3600_000;

export function createEnrollmentDecisions(database: DatabaseSync, now: () => number) {
  const postpone = database.prepare(
    'INSERT OR REPLACE INTO enrollment_decisions (user_id, kind, ask_again_at) VALUES (?, ?, ?)',
  );
  const find = database.prepare(
    'SELECT 1 FROM enrollment_decisions WHERE user_id = ? AND kind = ? AND ask_again_at > ?',
  );
  return {
    /** "Not now": the user is asked again after 30 days. */
    postpone: (userId: string, kind: Enrollment): void =>
      void postpone.run(userId, kind, now() + POSTPONED_MS),
    isPostponed: (userId: string, kind: Enrollment): boolean => find.get(userId, kind, now()) !== undefined,
  };
}

export type EnrollmentDecisions = ReturnType<typeof createEnrollmentDecisions>;
