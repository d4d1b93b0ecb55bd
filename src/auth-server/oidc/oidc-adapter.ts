import type { DatabaseSync } from 'node:sqlite';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';

/**
 * Logins under way live in memory: what an application sends along with one (`login_hint`, say) may name a person,
 * and the file holds nobody.
 */
const inMemory = new Set(['Interaction', 'PushedAuthorizationRequest', 'ReplayDetection']);
const MOST_IN_MEMORY = 10_000;

interface MemoryRecord {
  payload: AdapterPayload;
  expiresAt: number;
}

/** Where oidc-provider keeps its records; one for all domains. */
export function createOidcAdapters(database: DatabaseSync): (model: string) => Adapter {
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
  const payloadOf = (row: unknown) =>
    row ? (JSON.parse((row as { payload: string }).payload) as AdapterPayload) : undefined;
  let sweptAt = 0;

  function sweep(): void {
    if (Date.now() - sweptAt < 60_000) return;
    sweptAt = Date.now();
    removeOld.run();
  }

  return (model) =>
    inMemory.has(model)
      ? memoryAdapter()
      : {
          async upsert(id, payload, expiresIn) {
            sweep();
            const expiresAt = expiresIn ? Math.floor(Date.now() / 1000) + expiresIn : null;
            upsert.run(
              model,
              id,
              JSON.stringify(payload),
              payload.grantId ?? null,
              payload.uid ?? null,
              expiresAt,
            );
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
        };
}

function memoryAdapter(): Adapter {
  const records = new Map<string, MemoryRecord>();
  const find = async (id: string) => {
    const record = records.get(id);
    return record && record.expiresAt > Date.now() ? record.payload : undefined;
  };
  return {
    async upsert(id, payload, expiresIn = 3600) {
      records.delete(id);
      records.set(id, { payload, expiresAt: Date.now() + expiresIn * 1000 });
      const [oldest] = records.keys();
      if (records.size > MOST_IN_MEMORY && oldest !== undefined) records.delete(oldest);
    },
    find,
    findByUid: async (uid) => [...records.values()].find(({ payload }) => payload.uid === uid)?.payload,
    findByUserCode: async () => undefined,
    async consume(id) {
      const payload = await find(id);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => void records.delete(id),
    async revokeByGrantId(grantId) {
      for (const [id, { payload }] of records) if (payload.grantId === grantId) records.delete(id);
    },
  };
}
