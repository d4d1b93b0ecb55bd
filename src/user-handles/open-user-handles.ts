import { randomBytes } from 'node:crypto';
import { ServiceError } from '../errors.ts';
import { openDatabase } from './open-database.ts';
import { userHandleNotFound, userHandleTaken } from './refusals.ts';
import { prepareStatements } from './statements.ts';
import type { UserHandles } from './user-handles.ts';

/** As many as a user handle may have, as the specification recommends (WebAuthn Level 3 §14.6.1). */
const HANDLE_BYTES = 64;
/** A signup that takes longer has been given up. */
const UNBOUND_MS = 24 * 60 * 60 * 1000;

const newHandle = () => randomBytes(HANDLE_BYTES).toString('base64url');

/**
 * The handles in an SQLite file. Node's SQLite is synchronous, so each call is a statement or two by an index.
 * Throws UserHandlesFileError.
 */
export function openUserHandles(options: { file: string; now?: () => number }): UserHandles {
  const { file, now = Date.now } = options;
  const database = openDatabase(file);
  const statements = prepareStatements(database);
  const oldestUnbound = () => now() - UNBOUND_MS;

  function userOf(connection: string, handle: string): string | null | undefined {
    const row = statements.userOf.get({ connection, handle, oldest: oldestUnbound() });
    if (!row) return undefined;
    return row.user_id === null ? null : String(row.user_id);
  }

  return {
    userOf,
    mint(connection) {
      const handle = newHandle();
      statements.sweep.run({ oldest: oldestUnbound() });
      statements.insert.run({ connection, handle, now: now() });
      return handle;
    },
    handleOf(connection, userId) {
      refuseUnstorable(userId);
      const known = statements.handleOf.get({ connection, userId });
      if (known) return String(known.handle);
      const made = { connection, userId, handle: newHandle(), now: now() };
      // To the end: what only `get` steps into is committed without a word when the disk is full.
      const [row] = statements.insertBound.all(made);
      return String(row?.handle);
    },
    bind(connection, handle, userId) {
      refuseUnstorable(userId);
      const time = { now: now(), oldest: oldestUnbound() };
      if (statements.bind.run({ connection, handle, userId, ...time }).changes === 1) return;
      const bound = userOf(connection, handle);
      if (bound === userId) return;
      if (bound === undefined) throw userHandleNotFound();
      throw userHandleTaken(
        bound === null ? 'The user has another user handle' : 'The user handle is bound to another user',
      );
    },
    forget(connection, userId) {
      if (userId.isWellFormed()) statements.forget.run({ connection, userId });
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

/** SQLite keeps UTF-8, in which all halves of surrogate pairs are one and the same: users would share a handle. */
function refuseUnstorable(userId: string): void {
  if (userId.isWellFormed()) return;
  const message = 'has half of a surrogate pair in it, which is no character';
  throw new ServiceError('invalid_request', {
    detail: `user_id ${message}`,
    issues: [{ path: 'user_id', code: 'invalid_value', message }],
  });
}
