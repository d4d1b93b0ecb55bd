import type { BridgeClient, NewUser, User } from '../bridge/bridge-client.ts';
import { BridgeError } from '../bridge/bridge-error.ts';
import { tell } from './tell.ts';
import type { Visit } from './visit.ts';

/** Creates the user in their own store, and tells of it. Throws BridgeError. */
export async function createUser(
  by: Visit,
  newUser: Omit<NewUser, 'clientId' | 'organization'>,
): Promise<User> {
  const { parts, client, login } = by;
  const { bridge } = parts;
  const whole = { ...newUser, clientId: client.client_id, organization: login.organization };
  const user = await bridge.signUp(whole).catch((error) => madeAfterAll(bridge, whole, error));
  const method = newUser.method === 'passkey' ? 'passkey' : 'pwd';
  tell(by, 'ss', { userId: user.user_id, details: { authentication_methods: [method] } });
  return user;
}

/**
 * This or an earlier try may have made the user, though it failed. If the bridge has seen that, the user handle is bound,
 * and it is this sign-up's alone. If it has not, a user with the identifier may be somebody else's: docs/decisions/0015.
 */
async function madeAfterAll(
  bridge: BridgeClient,
  { userHandle, organization }: NewUser,
  error: unknown,
): Promise<User> {
  const userId = userHandle === undefined ? undefined : await bridge.userIdOf(userHandle);
  if (userId === undefined) throw error;
  const user = await bridge.findByUserId(userId, organization).catch(({ code, message }: BridgeError) => {
    // There is a user, so this is no refusal of the sign-up, whatever the look-up says.
    throw new BridgeError({ code, status: 502, detail: message });
  });
  if (user) return user;
  throw error;
}
