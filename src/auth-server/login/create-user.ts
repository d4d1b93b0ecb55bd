import type { NewUser, User } from '../bridge/bridge-client.ts';
import type { ClientSettings } from '../settings.ts';
import { type Told, tell } from './tell.ts';

/** Creates the user in their own store, and tells of it. Throws BridgeError. */
export async function createUser(
  by: Told & { client: ClientSettings },
  newUser: Omit<NewUser, 'clientId' | 'organization'>,
): Promise<User> {
  const { parts, client, login } = by;
  const { organization } = login;
  const user = await parts.bridge.signUp({ ...newUser, clientId: client.client_id, organization });
  const method = newUser.method === 'passkey' ? 'passkey' : 'pwd';
  tell(by, 'ss', { userId: user.user_id, details: { authentication_methods: [method] } });
  return user;
}
