import type { DatabaseSync } from 'node:sqlite';
import { CeremonyError } from '../passkeys/ceremony-error.ts';

export interface Passkey {
  /** base64url, as WebAuthn's JSON has it. */
  credentialId: string;
  userHandle: string;
  /** Undefined until the user is created: such a passkey logs nobody in. */
  userId: string | undefined;
  /** The domain that it was made for; it works nowhere else. */
  rpId: string;
  /** COSE. */
  publicKey: Uint8Array<ArrayBuffer>;
  counter: number;
  transports: readonly string[];
  deviceType: string;
  backedUp: boolean;
  aaguid: string;
}

const columns = `credential_id AS credentialId, user_handle AS userHandle, user_id AS userId, rp_id AS rpId,
  public_key AS publicKey, counter, transports, device_type AS deviceType, backed_up AS backedUp, aaguid`;

export function createPasskeys(database: DatabaseSync, now: () => number = Date.now) {
  const select = `SELECT ${columns} FROM passkeys WHERE`;
  const find = database.prepare(`${select} credential_id = ?`);
  const ofUser = database.prepare(`${select} user_id = ? ORDER BY created_at`);
  const unassigned = database.prepare(`${select} user_id IS NULL AND created_at < ?`);
  const add = database.prepare(
    `INSERT INTO passkeys (credential_id, user_handle, user_id, rp_id, public_key, counter, transports, device_type,
       backed_up, aaguid, created_at)
     VALUES (:credentialId, :userHandle, :userId, :rpId, :publicKey, :counter, :transports, :deviceType,
       :backedUp, :aaguid, :now) ON CONFLICT (credential_id) DO NOTHING`,
  );
  const assign = database.prepare(
    'UPDATE passkeys SET user_id = ? WHERE credential_id = ? AND user_id IS NULL',
  );
  const used = database.prepare(
    `UPDATE passkeys SET counter = :counter, backed_up = :backedUp, last_used_at = :now
     WHERE credential_id = :credentialId AND (counter < :counter OR counter = 0 AND :counter = 0)`,
  );
  const remove = database.prepare('DELETE FROM passkeys WHERE credential_id = ?');

  return {
    find(credentialId: string): Passkey | undefined {
      const row = find.get(credentialId);
      return row && passkeyOf(row);
    },
    ofUser: (userId: string): Passkey[] => ofUser.all(userId).map(passkeyOf),
    unassigned: (before: Date): Passkey[] => unassigned.all(before.getTime()).map(passkeyOf),
    /** Throws CeremonyError `passkey_exists`. */
    add(passkey: Passkey): void {
      const added = add.run({
        ...passkey,
        userId: passkey.userId ?? null,
        transports: JSON.stringify(passkey.transports),
        backedUp: Number(passkey.backedUp),
        now: now(),
      });
      if (added.changes === 0) throw new CeremonyError('passkey_exists');
    },
    /** Of a sign-up's passkey: now there is a user. */
    assign: (credentialId: string, userId: string): void => void assign.run(userId, credentialId),
    /** False, and nothing is kept, where a higher count came in meanwhile or the passkey is gone. */
    used: (credentialId: string, counter: number, backedUp: boolean): boolean =>
      used.run({ credentialId, counter, backedUp: Number(backedUp), now: now() }).changes === 1,
    remove: (credentialId: string): void => void remove.run(credentialId),
  };
}

export type Passkeys = ReturnType<typeof createPasskeys>;

const passkeyOf = (row: Record<string, unknown>) =>
  ({
    ...row,
    userId: row.userId ?? undefined,
    transports: JSON.parse(String(row.transports)),
    backedUp: row.backedUp === 1,
  }) as Passkey;
