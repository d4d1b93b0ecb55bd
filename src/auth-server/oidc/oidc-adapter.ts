import type { DatabaseSync } from 'node:sqlite';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { openDatabase } from '../database/open-database.ts';

/**
 * Logins under way live in memory: what an application sends along with one (`login_hint`, say) may name a person,
 * and the file holds nobody.
 */
const inMemory = new Set(['Interaction', 'ReplayDetection']);
const MOST_IN_MEMORY = 10_000;

/** Where oidc-provider keeps its records; one for all domains. */
export function createOidcAdapters(file: DatabaseSync): (model: string) => Adapter {
  const lasting = createRecords(file);
  const passing = createRecords(openDatabase(':memory:'), MOST_IN_MEMORY);
  return (model) => (inMemory.has(model) ? passing(model) : lasting(model));
}

/** Of more than `most` the oldest go. */
function createRecords(database: DatabaseSync, most?: number): (model: string) => Adapter {
  const upsert = database.prepare(
    `INSERT INTO oidc_records (model, id, payload, grant_id, uid, expires_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
       uid = excluded.uid, expires_at = excluded.expires_at`,
  );
  const alive = '(expires_at IS NULL OR expires_at > unixepoch())';
  const find = database.prepare(`SELECT payload FROM oidc_records WHERE model = ? AND id = ? AND ${alive}`);
  const findByUid = database.prepare(
    `SELECT payload FROM oidc_records WHERE model = ? AND uid = ? AND ${alive}`,
  );
  const consume = database.prepare(
    `UPDATE oidc_records SET payload = json_set(payload, '$.consumed', unixepoch())
     WHERE model = ? AND id = ? AND json_extract(payload, '$.consumed') IS NULL`,
  );
  const remove = database.prepare('DELETE FROM oidc_records WHERE model = ? AND id = ?');
  const revoke = database.prepare('DELETE FROM oidc_records WHERE grant_id = ?');
  const removeOld = database.prepare('DELETE FROM oidc_records WHERE expires_at < unixepoch()');
  const removeOldest = database.prepare(
    'DELETE FROM oidc_records WHERE rowid <= (SELECT max(rowid) FROM oidc_records) - ?',
  );
  const payloadOf = (row: unknown) =>
    row ? (JSON.parse((row as { payload: string }).payload) as AdapterPayload) : undefined;
  let sweptAt = 0;

  function sweep(): void {
    if (most !== undefined) removeOldest.run(most);
    if (Date.now() - sweptAt < 60_000) return;
    sweptAt = Date.now();
    removeOld.run();
  }

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      const { grantId = null, uid = null } = payload;
      const expiresAt = expiresIn ? Math.floor(Date.now() / 1000) + expiresIn : null;
      upsert.run(model, id, JSON.stringify(payload), grantId, uid, expiresAt);
      sweep();
    },
    find: async (id) => payloadOf(find.get(model, id)),
    findByUid: async (uid) => payloadOf(findByUid.get(model, uid)),
    findByUserCode: async () => undefined,
    // oidc-provider looked before it asked the user store: whoever came meanwhile with the same was faster.
    async consume(id) {
      if (consume.run(model, id).changes === 1) return;
      throw new errors.InvalidGrant(`${model} was used before`);
    },
    destroy: async (id) => void remove.run(model, id),
    revokeByGrantId: async (grantId) => void revoke.run(grantId),
  });
}
