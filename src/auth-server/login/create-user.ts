import type { NewUser, User } from '../bridge/bridge-client.ts';
import { BridgeError } from '../bridge/bridge-error.ts';
import type { NewPasskey } from '../database/passkeys.ts';
import type { By } from '../parts.ts';
import { tell } from './tell.ts';

/** Creates the user in their own store, and tells of it. Throws BridgeError. */
export async function createUser(by: By, newUser: Omit<NewUser, 'clientId' | 'organization'>): Promise<User> {
  const { organization } = by.login;
  const user = await by.parts.bridge.signUp({ ...newUser, clientId: by.client.client_id, organization });
  return created(by, user, newUser.method === 'passkey' ? 'passkey' : 'pwd');
}

/**
 * The passkey is stored before the user is created, as nobody's, and given to the user afterwards. No user comes of it: it
 * is removed. We fail after Create: the bridge knows whose the handle is, and the next try or login puts that right.
 * Throws CeremonyError `passkey_exists` and BridgeError.
 */
export async function createUserWithPasskey(
  by: By,
  passkey: Omit<NewPasskey, 'userId'>,
  newUser: Pick<NewUser, 'user' | 'idempotencyKey'>,
): Promise<User> {
  const { passkeys, onFault } = by.parts;
  const { credentialId, userHandle } = passkey;
  passkeys.add({ ...passkey, userId: undefined });
  const user = await createUser(by, { ...newUser, method: 'passkey', userHandle }).catch((error) =>
    madeAfterAll(by, passkey, error),
  );
  try {
    passkeys.assign(credentialId, user.user_id);
  } catch (error) {
    onFault(error);
  }
  return user;
}

/**
 * A sign-up failed, but this or an earlier try may have made the user. If the bridge has seen that, the handle is bound,
 * and it is this sign-up's alone. If it has not, a user with the identifier may be somebody else's: docs/decisions/0015.
 */
async function madeAfterAll(
  by: By,
  { credentialId, userHandle }: Pick<NewPasskey, 'credentialId' | 'userHandle'>,
  error: unknown,
): Promise<User> {
  const { bridge, passkeys } = by.parts;
  const userId = await bridge.userIdOf(userHandle);
  if (userId === undefined && error instanceof BridgeError && !error.isOutage) passkeys.remove(credentialId);
  if (userId === undefined) throw error;
  const user = await bridge
    .findByUserId(userId, by.login.organization)
    .catch(({ code, message }: BridgeError) => {
      // There is a user, so this is no refusal of the sign-up, whatever the look-up says.
      throw new BridgeError({ code, status: 502, detail: message });
    });
  if (!user) throw error;
  return created(by, user, 'passkey');
}

function created(by: By, user: User, method: 'passkey' | 'pwd'): User {
  for (const extension of by.parts.extensions) extension.afterSignUp?.(by, user);
  tell(by, 'ss', { userId: user.user_id, details: { authentication_methods: [method] } });
  return user;
}
