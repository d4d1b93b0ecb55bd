import type { User } from '../bridge/bridge-client.ts';
import { BridgeError } from '../bridge/bridge-error.ts';
import type { NewPasskey } from '../database/passkeys.ts';
import type { Parts } from '../parts.ts';

/**
 * The passkey is stored before the user is created, as nobody's, and given to the user afterwards. Create fails: it is
 * removed. We fail after Create: the bridge knows whose the handle is, and the first login with it puts that right.
 * Throws CeremonyError `passkey_exists` and what `createUser` throws.
 */
export async function signUpWithPasskey(
  { passkeys, onFault }: Pick<Parts, 'passkeys' | 'onFault'>,
  passkey: Omit<NewPasskey, 'userId'>,
  createUser: () => Promise<User>,
): Promise<User> {
  passkeys.add({ ...passkey, userId: undefined });
  const user = await createUser().catch((error) => {
    if (!mayHaveCreated(error)) passkeys.remove(passkey.credentialId);
    throw error;
  });
  try {
    passkeys.assign(passkey.credentialId, user.user_id);
  } catch (error) {
    onFault(error);
  }
  return user;
}

/** Whether a user may be there now, though the bridge answered an error or nothing. */
export const mayHaveCreated = (error: unknown) => !(error instanceof BridgeError) || error.isOutage;
