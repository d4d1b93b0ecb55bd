import type { DatabaseSync } from 'node:sqlite';

/** A handle that has waited for its user for too long is as good as gone before it has been swept away. */
const alive = '(user_id IS NOT NULL OR created_at > :oldest)';

/** Times are milliseconds since 1970; `:oldest` is when an unbound handle must have been made to count. */
export function prepareStatements(database: DatabaseSync) {
  return {
    /** A few at a time, so that no call takes long; each mint adds but one. */
    sweep: database.prepare(
      `DELETE FROM user_handles WHERE handle IN (
         SELECT handle FROM user_handles WHERE user_id IS NULL AND created_at <= :oldest LIMIT 100)`,
    ),
    insert: database.prepare(
      'INSERT INTO user_handles (handle, connection, created_at) VALUES (:handle, :connection, :now)',
    ),
    handleOf: database.prepare(
      'SELECT handle FROM user_handles WHERE connection = :connection AND user_id = :userId',
    ),
    /** Another process may have been faster: then its handle is the user's. */
    insertBound: database.prepare(
      `INSERT INTO user_handles (handle, connection, user_id, created_at, bound_at)
       VALUES (:handle, :connection, :userId, :now, :now)
       ON CONFLICT (connection, user_id) WHERE user_id IS NOT NULL
       DO UPDATE SET user_id = excluded.user_id RETURNING handle`,
    ),
    userOf: database.prepare(
      `SELECT user_id FROM user_handles WHERE handle = :handle AND connection = :connection AND ${alive}`,
    ),
    /** Changes no row where the user has another handle. */
    bind: database.prepare(
      `UPDATE OR IGNORE user_handles SET user_id = :userId, bound_at = :now
       WHERE handle = :handle AND connection = :connection AND user_id IS NULL AND ${alive}`,
    ),
    forget: database.prepare('DELETE FROM user_handles WHERE connection = :connection AND user_id = :userId'),
  };
}
