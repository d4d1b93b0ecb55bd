import type { DatabaseSync } from 'node:sqlite';
import { CeremonyError } from '../passkeys/ceremony-error.ts';

export interface Passkey {
  /** base64url, as WebAuthn's JSON has it. */
  credentialId: string;
  userHandle: string;
  /** Undefined while the user is being created. */
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
  createdAt: Date;
  lastUsedAt: Date | undefined;
}

export type NewPasskey = Omit<Passkey, 'createdAt' | 'lastUsedAt'>;

export interface Passkeys {
  find(credentialId: string): Passkey | undefined;
  ofUser(userId: string): Passkey[];
  /** Throws CeremonyError `passkey_exists`. */
  add(passkey: NewPasskey): void;
  /** Of a sign-up's passkey: now there is a user. */
  assign(credentialId: string, userId: string): void;
  /** False, and nothing is kept, where a higher count came in meanwhile or the passkey is gone. */
  used(credentialId: string, counter: number, backedUp: boolean): boolean;
  remove(credentialId: string): void;
  /** How many passkeys were made for each relying party. */
  countByRelyingParty(): ReadonlyMap<string, number>;
  /** Those made before `before` that are nobody's still. */
  unassigned(before: Date): Passkey[];
}

type Row = Record<string, string | number | null | Uint8Array<ArrayBuffer>>;

export function createPasskeys(database: DatabaseSync, now: () => number = Date.now): Passkeys {
  const find = database.prepare('SELECT * FROM passkeys WHERE credential_id = ?');
  const ofUser = database.prepare('SELECT * FROM passkeys WHERE user_id = ? ORDER BY created_at');
  const add = database.prepare(
    `INSERT INTO passkeys (credential_id, user_handle, user_id, rp_id, public_key, counter, transports, device_type,
       backed_up, aaguid, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credential_id) DO NOTHING`,
  );
  const assign = database.prepare(
    'UPDATE passkeys SET user_id = ? WHERE credential_id = ? AND user_id IS NULL',
  );
  const used = database.prepare(
    `UPDATE passkeys SET counter = :counter, backed_up = :backedUp, last_used_at = :now
     WHERE credential_id = :credentialId AND (counter < :counter OR counter = 0 AND :counter = 0)`,
  );
  const remove = database.prepare('DELETE FROM passkeys WHERE credential_id = ?');
  const count = database.prepare('SELECT rp_id, count(*) AS n FROM passkeys GROUP BY rp_id');
  const unassigned = database.prepare('SELECT * FROM passkeys WHERE user_id IS NULL AND created_at < ?');

  return {
    find: (credentialId) => passkeyOf(find.get(credentialId) as Row | undefined),
    ofUser: (userId) => (ofUser.all(userId) as Row[]).map((row) => passkeyOf(row)!),
    add(passkey) {
      const added = add.run(
        passkey.credentialId,
        passkey.userHandle,
        passkey.userId ?? null,
        passkey.rpId,
        passkey.publicKey,
        passkey.counter,
        JSON.stringify(passkey.transports),
        passkey.deviceType,
        Number(passkey.backedUp),
        passkey.aaguid,
        now(),
      );
      if (added.changes === 0) throw new CeremonyError('passkey_exists');
    },
    assign: (credentialId, userId) => void assign.run(userId, credentialId),
    used: (credentialId, counter, backedUp) =>
      used.run({ credentialId, counter, backedUp: Number(backedUp), now: now() }).changes === 1,
    remove: (credentialId) => void remove.run(credentialId),
    countByRelyingParty: () =>
      new Map((count.all() as Row[]).map((row) => [String(row.rp_id), Number(row.n)])),
    unassigned: (before) => (unassigned.all(before.getTime()) as Row[]).map((row) => passkeyOf(row)!),
  };
}

function passkeyOf(row: Row | undefined): Passkey | undefined {
  if (!row) return undefined;
  return {
    credentialId: String(row.credential_id),
    userHandle: String(row.user_handle),
    userId: row.user_id === null ? undefined : String(row.user_id),
    rpId: String(row.rp_id),
    publicKey: row.public_key as Uint8Array<ArrayBuffer>,
    counter: Number(row.counter),
    transports: JSON.parse(String(row.transports)),
    deviceType: String(row.device_type),
    backedUp: row.backed_up === 1,
    aaguid: String(row.aaguid),
    createdAt: new Date(Number(row.created_at)),
    lastUsedAt: row.last_used_at === null ? undefined : new Date(Number(row.last_used_at)),
  };
}
