import type { Account } from 'oidc-provider';
import type { BridgeClient, Organization, User } from '../bridge/bridge-client.ts';

/** Asked anew each time: a user who is gone from the store, or blocked there, gets nothing more. Throws BridgeError. */
export async function findAccount(
  bridge: BridgeClient,
  sub: string,
  organization?: Organization,
): Promise<Account | undefined> {
  const user = await bridge.findByUserId(sub, organization);
  if (!user || user.blocked) return undefined;
  return { accountId: sub, claims: () => claimsOf(user) };
}

const ofPerson = ['name', 'given_name', 'family_name', 'nickname', 'picture'];

/** Which claims each scope brings (OpenID Connect Core §5.4). */
export const claimsOfScopes = {
  openid: ['sub', 'amr', 'auth_time'],
  profile: [...ofPerson, 'preferred_username', 'user_metadata'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
};

/** A profile under the names of OpenID Connect. */
export function claimsOf(user: User): { sub: string } & Record<string, unknown> {
  const claims: { sub: string } & Record<string, unknown> = { sub: user.user_id };
  for (const name of [...ofPerson, 'email', 'email_verified', 'phone_number', 'user_metadata'])
    if (user[name] !== undefined) claims[name] = user[name];
  if (user.username !== undefined) claims.preferred_username = user.username;
  if (user.phone_verified !== undefined) claims.phone_number_verified = user.phone_verified;
  return claims;
}
