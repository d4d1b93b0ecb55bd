import type { Parts } from '../parts.ts';

/** The bridge forgets a handle that was bound to nobody for as long as this: then no user can come of it. */
const UNFINISHED_MS = 24 * 3600_000;

/**
 * Passkeys of sign-ups that ended in the middle: where the bridge saw a user made they are that user's, where it did not
 * they are dropped. Throws BridgeError, and leaves the rest for the next time.
 */
export async function settleSignUps({ passkeys, bridge, now }: Pick<Parts, 'passkeys' | 'bridge' | 'now'>) {
  for (const { credentialId, userHandle } of passkeys.unassigned(new Date(now() - UNFINISHED_MS))) {
    const userId = await bridge.userIdOf(userHandle);
    if (userId === undefined) passkeys.remove(credentialId);
    else passkeys.assign(credentialId, userId);
  }
}
