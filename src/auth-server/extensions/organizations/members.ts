import type { DatabaseSync } from 'node:sqlite';

export interface Members {
  has(organizationId: string, userId: string): boolean;
  /** Again: nothing more. */
  add(organizationId: string, userId: string): void;
}

const table = `
  CREATE TABLE IF NOT EXISTS members (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
  ) STRICT`;

/** Who came to an organization by an invitation. */
export function createMembers(database: DatabaseSync, now: () => number = Date.now): Members {
  database.exec(table);
  const find = database.prepare('SELECT 1 FROM members WHERE organization_id = ? AND user_id = ?');
  const add = database.prepare(
    'INSERT INTO members (organization_id, user_id, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  return {
    has: (organizationId, userId) => find.get(organizationId, userId) !== undefined,
    add: (organizationId, userId) => void add.run(organizationId, userId, now()),
  };
}
