import { chmodSync, closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** The file cannot be used. The message names it and says what is wrong. */
export class UserHandlesFileError extends Error {
  override readonly name = 'UserHandlesFileError';
}

/** "DBUH" in ASCII. A database of something else is told by it, and left as it is. */
const APPLICATION_ID = 0x44425548;

/** Each brings the schema one version further (`PRAGMA user_version`). What is there is never changed. */
const migrations = [
  `CREATE TABLE user_handles (
     handle TEXT NOT NULL PRIMARY KEY,
     connection TEXT NOT NULL,
     user_id TEXT,
     created_at INTEGER NOT NULL,
     bound_at INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX user_handles_of_users ON user_handles (connection, user_id) WHERE user_id IS NOT NULL;
   CREATE INDEX user_handles_unbound ON user_handles (created_at) WHERE user_id IS NULL;`,
];

/** How long another process that writes is waited for; this one answers nothing meanwhile. */
const BUSY_MS = 1_000;

/** Opens the file, or makes it, readable by its owner alone. Throws UserHandlesFileError. */
export function openDatabase(path: string): DatabaseSync {
  makeFile(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: BUSY_MS });
    refuseOthers(database, path);
    chmodSync(path, 0o600);
    database.exec('PRAGMA journal_mode = WAL');
    // Handles have to survive a power cut: a passkey that was made with a lost one is lost with it.
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA secure_delete = ON');
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof UserHandlesFileError) throw error;
    throw new UserHandlesFileError(`The file of user handles ${path} cannot be used: ${reasonOf(error)}`);
  }
}

/** SQLite itself would make it readable by others. Its folder is not made: a misspelt path would go unnoticed. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice =
      code === 'ENOENT'
        ? 'its folder does not exist; make the folder'
        : 'it has to be a file that this user may write';
    throw new UserHandlesFileError(
      `The file of user handles ${path} cannot be opened (${code}): ${advice}, or name another with --user-handles-file or DRAWBRIDGE_USER_HANDLES_FILE`,
    );
  }
}

function refuseOthers(database: DatabaseSync, path: string): void {
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {};
  if (tables === 0) return;
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    throw new UserHandlesFileError(
      `${path} is a database of something else; name a file of its own with --user-handles-file or DRAWBRIDGE_USER_HANDLES_FILE`,
    );
  }
  if (pragma(database, 'user_version') > migrations.length) {
    throw new UserHandlesFileError(
      `The file of user handles ${path} was written by a newer version of Drawbridge; start that one, or name another file`,
    );
  }
}

/** One that starts at the same moment waits, and finds nothing left to do. */
function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  for (const migration of migrations.slice(pragma(database, 'user_version'))) database.exec(migration);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  database.exec('COMMIT');
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** SQLite's own words say nothing of what is in the file. */
function reasonOf(error: unknown): string {
  const { message, errstr } = error as Error & { errstr?: string };
  return errstr ?? message;
}
