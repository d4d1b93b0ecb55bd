import { randomUUID } from 'node:crypto';
import bcrypt from 'bcrypt';
import { z } from 'zod';

const profileFields = {
  email: z.email(),
  email_verified: z.boolean(),
  username: z.string().min(1).max(128),
  phone_number: z.string().regex(/^\+[0-9]{1,15}$/, 'must be + and at most 15 digits'),
  phone_verified: z.boolean(),
  name: z.string(),
  given_name: z.string(),
  family_name: z.string(),
  nickname: z.string(),
  picture: z.string(),
  user_metadata: z.record(z.string(), z.unknown()),
  app_metadata: z.record(z.string(), z.unknown()),
};

/** bcrypt reads 72 bytes and drops the rest: a longer password would be accepted with any ending. */
const Password = z
  .string()
  .min(1)
  .refine((password) => Buffer.byteLength(password) <= 72, 'must not be longer than 72 bytes');

export const NewUser = z.strictObject({ ...profileFields, password: Password }).partial();
export type NewUser = z.infer<typeof NewUser>;

export const UserChanges = NewUser;
export type UserChanges = NewUser;

const StoredUser = z.object({ user_id: z.string(), ...z.object(profileFields).partial().shape });
export type StoredUser = z.infer<typeof StoredUser>;

export type WriteResult = { ok: true; user: StoredUser } | { ok: false; reason: 'not_found' | 'taken' };

/** Users in memory, found by `user_id` or by any identifier; passwords as bcrypt hashes. */
export interface UserRecords {
  byId(userId: string): StoredUser | undefined;
  byIdentifier(identifier: string): StoredUser | undefined;
  /** False as well for a user without a password: one who signed up with a passkey. */
  passwordMatches(userId: string, password: string): Promise<boolean>;
  create(newUser: NewUser, userId?: string): Promise<WriteResult>;
  change(userId: string, changes: UserChanges): Promise<WriteResult>;
  remove(userId: string): boolean;
}

const identifierFields = ['email', 'username', 'phone_number'] as const;

export function createUserRecords(bcryptRounds = 10): UserRecords {
  const users = new Map<string, StoredUser>();
  const passwordHashes = new Map<string, string>();

  function byIdentifier(identifier: string): StoredUser | undefined {
    const email = foldCase(identifier);
    for (const user of users.values()) {
      if (user.username === identifier || user.phone_number === identifier) return user;
      if (user.email !== undefined && foldCase(user.email) === email) return user;
    }
    return undefined;
  }

  function takenByAnother(userId: string, changes: NewUser): boolean {
    return identifierFields.some((field) => {
      const value = changes[field];
      const owner = value === undefined ? undefined : byIdentifier(value);
      return owner !== undefined && owner.user_id !== userId;
    });
  }

  async function write(userId: string, before: StoredUser, changes: NewUser): Promise<WriteResult> {
    const { password, ...fields } = changes;
    const passwordHash = password === undefined ? undefined : await bcrypt.hash(password, bcryptRounds);
    // Looked up after the hashing, with nothing awaited before the write: two signups at once make one user.
    if (takenByAnother(userId, changes)) return { ok: false, reason: 'taken' };
    const user = { ...before, ...fields };
    users.set(userId, user);
    if (passwordHash !== undefined) passwordHashes.set(userId, passwordHash);
    return { ok: true, user };
  }

  return {
    byId: (userId) => users.get(userId),
    byIdentifier,
    async passwordMatches(userId, password) {
      const hash = passwordHashes.get(userId);
      return hash !== undefined && (await bcrypt.compare(password, hash));
    },
    create: (newUser, userId = randomUUID()) => write(userId, { user_id: userId }, newUser),
    async change(userId, changes) {
      const before = users.get(userId);
      return before ? write(userId, before, changes) : { ok: false, reason: 'not_found' };
    },
    remove(userId) {
      passwordHashes.delete(userId);
      return users.delete(userId);
    },
  };
}

/** A to Z only: toLowerCase would make a k of the Kelvin sign, and find another's address (CWE-178). */
function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
