import { chmodSync, closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * What the auth server keeps of its own: passkeys, decisions on enrolling them, sessions; extensions add their tables. A
 * user is a `user_id` here and nothing else: no name, no address, no password; whoever wants more asks the bridge.
 */
const schema = `
  CREATE TABLE passkeys (
    credential_id TEXT PRIMARY KEY,
    user_handle TEXT NOT NULL,
    -- Null from the ceremony until the user is created: such a passkey logs nobody in.
    user_id TEXT,
    rp_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    counter INTEGER NOT NULL,
    transports TEXT NOT NULL,
    device_type TEXT NOT NULL,
    backed_up INTEGER NOT NULL,
    aaguid TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT;
  CREATE INDEX passkeys_of_user ON passkeys (user_id);

  CREATE TABLE enrollment_decisions (
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    ask_again_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, kind)
  ) STRICT;

  -- What oidc-provider keeps, by the names of its models.
  CREATE TABLE oidc_records (
    model TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    grant_id TEXT,
    uid TEXT,
    expires_at INTEGER,
    PRIMARY KEY (model, id)
  ) STRICT;
  CREATE INDEX oidc_records_of_grant ON oidc_records (grant_id);
  CREATE INDEX oidc_records_of_uid ON oidc_records (model, uid);

  CREATE TABLE server_keys (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  PRAGMA user_version = 1;
`;

/** "DBAS" in ASCII. A database of something else is told by it, and left as it is. */
const APPLICATION_ID = 0x44424153;

/** Opens or makes the file, readable by its owner alone. Throws an Error that names it and says what is wrong. */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // SQLite itself would make it readable by others.
    if (file !== ':memory:') closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600));
    database = new DatabaseSync(file);
    const isNew = numberFrom(database, 'SELECT count(*) FROM sqlite_schema') === 0;
    if (!isNew) refuseOthers(database);
    if (file !== ':memory:') chmodSync(file, 0o600);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    if (isNew) database.exec(`BEGIN; ${schema} PRAGMA application_id = ${APPLICATION_ID}; COMMIT`);
    return database;
  } catch (error) {
    database?.close();
    throw new Error(`databaseFile ${file} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function refuseOthers(database: DatabaseSync): void {
  if (numberFrom(database, 'PRAGMA application_id') !== APPLICATION_ID)
    throw new Error('it is a database of something else; name a file of its own');
  const version = numberFrom(database, 'PRAGMA user_version');
  if (version !== 1) throw new Error(`it is of another version of Drawbridge (${version})`);
}

const numberFrom = (database: DatabaseSync, sql: string) =>
  Object.values(database.prepare(sql).get() ?? {}).map(Number)[0];
