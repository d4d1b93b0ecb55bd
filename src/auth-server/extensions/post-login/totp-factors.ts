import type { DatabaseSync } from 'node:sqlite';

export interface TotpFactors {
  /** The secret in base32, or undefined where the user has no authenticator app. */
  secretOf(userId: string): string | undefined;
  /** Of the code that confirmed it. False when the user has one already: it is not replaced. */
  add(userId: string, secret: string, step: number): boolean;
  /** False for a time step that is no later than the last: each code works once (RFC 6238 §5.2). */
  use(userId: string, step: number): boolean;
}

const table = `
  CREATE TABLE IF NOT EXISTS totp_factors (
    user_id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0,
    last_step INTEGER NOT NULL DEFAULT 0
  ) STRICT`;

/** Confirmed secrets alone; until then a secret is the login's own. */
export function createTotpFactors(database: DatabaseSync): TotpFactors {
  database.exec(table);
  const find = database.prepare('SELECT secret FROM totp_factors WHERE user_id = ? AND confirmed = 1');
  const add = database.prepare(
    'INSERT INTO totp_factors (user_id, secret, confirmed, last_step) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING',
  );
  const use = database.prepare('UPDATE totp_factors SET last_step = ? WHERE user_id = ? AND last_step < ?');
  return {
    secretOf: (userId) => (find.get(userId) as { secret: string } | undefined)?.secret,
    add: (userId, secret, step) => add.run(userId, secret, step).changes === 1,
    use: (userId, step) => use.run(step, userId, step).changes === 1,
  };
}
