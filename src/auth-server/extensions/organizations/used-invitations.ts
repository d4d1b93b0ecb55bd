import type { DatabaseSync } from 'node:sqlite';
import { LONGEST_MS } from './ticket.ts';

export interface UsedInvitations {
  has(id: string): boolean;
  add(id: string): void;
}

/** All that is kept of an invitation: its id, once it was used and for as long as it could be tried again. */
export function createUsedInvitations(database: DatabaseSync, now: () => number = Date.now): UsedInvitations {
  database.exec(
    'CREATE TABLE IF NOT EXISTS invitations_used (id TEXT PRIMARY KEY, used_at INTEGER NOT NULL) STRICT',
  );
  const find = database.prepare('SELECT 1 FROM invitations_used WHERE id = ?');
  const add = database.prepare(
    'INSERT INTO invitations_used (id, used_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const removeOld = database.prepare('DELETE FROM invitations_used WHERE used_at < ?');
  return {
    has: (id) => find.get(id) !== undefined,
    add(id) {
      removeOld.run(now() - LONGEST_MS);
      add.run(id, now());
    },
  };
}
