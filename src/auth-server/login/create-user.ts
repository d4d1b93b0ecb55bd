import { BridgeError, type NewUser, type User } from '../bridge/bridge-client.ts';
import type { Passkey } from '../database/passkeys.ts';
import type { LoginRequest, Parts } from '../parts.ts';
import { tell } from './tell.ts';

/** Creates the user in their own store, and tells of it. Throws BridgeError. */
export async function createUser(request: LoginRequest, newUser: NewUser): Promise<User> {
  const { parts, client, login } = request;
  const user = await parts.bridge.signUp(newUser, client.client_id, login.organization);
  return created(request, user, newUser.method);
}

/**
 * The passkey is stored before the user is created, as nobody's, and given to the user afterwards. No user comes of it: it
 * is removed. We fail after Create: the bridge knows whose the handle is, and the next try or login puts that right.
 * Throws CeremonyError `passkey_exists` and BridgeError.
 */
export async function createUserWithPasskey(
  request: LoginRequest,
  passkey: Passkey,
  newUser: Pick<NewUser, 'user' | 'idempotencyKey'>,
): Promise<User> {
  const { passkeys, onFault } = request.parts;
  const { credentialId, userHandle } = passkey;
  passkeys.add(passkey);
  const user = await createUser(request, { ...newUser, method: 'passkey', userHandle }).catch((error) =>
    madeAfterAll(request, passkey, error),
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
async function madeAfterAll(request: LoginRequest, passkey: Passkey, error: unknown): Promise<User> {
  const { bridge, passkeys } = request.parts;
  const userId = await bridge.userIdOf(passkey.userHandle);
  if (userId === undefined) {
    if (error instanceof BridgeError && !error.isOutage) passkeys.remove(passkey.credentialId);
    throw error;
  }
  const { organization } = request.login;
  const user = await bridge
    .findByUserId(userId, organization)
    .catch(({ code, message, executionId }: BridgeError) => {
      // There is a user, so this is no refusal of the sign-up, whatever the look-up says.
      throw new BridgeError(code, 502, message, { executionId });
    });
  if (!user) throw error;
  return created(request, user, 'passkey');
}

function created(request: LoginRequest, user: User, method: NewUser['method']): User {
  for (const extension of request.parts.extensions) extension.afterSignUp?.(request, user);
  const authentication_methods = [method === 'password' ? 'pwd' : method];
  tell(request, 'ss', { userId: user.user_id, details: { authentication_methods } });
  return user;
}

/** The bridge forgets a handle that was bound to nobody for as long as this: then no user can come of it. */
const UNFINISHED_MS = 24 * 3600_000;

/**
 * Passkeys of sign-ups that ended in the middle: where the bridge saw a user made they are that user's, where it did not
 * they are dropped. Throws BridgeError, and leaves the rest for the next time.
 */
export async function settleSignUps({ passkeys, bridge, now }: Parts): Promise<void> {
  for (const { credentialId, userHandle } of passkeys.unassigned(new Date(now() - UNFINISHED_MS))) {
    const userId = await bridge.userIdOf(userHandle);
    if (userId === undefined) passkeys.remove(credentialId);
    else passkeys.assign(credentialId, userId);
  }
}
