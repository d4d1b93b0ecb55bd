import type { User } from '../bridge/bridge-client.ts';

/** Which claims each scope brings (OpenID Connect Core §5.4). */
export const claimsOfScopes = {
  openid: ['sub', 'amr', 'auth_time'],
  profile: [
    'name',
    'given_name',
    'family_name',
    'nickname',
    'picture',
    'preferred_username',
    'user_metadata',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
};

const carried = [
  'name',
  'given_name',
  'family_name',
  'nickname',
  'picture',
  'email',
  'email_verified',
  'phone_number',
];

/** A profile under the names of OpenID Connect. */
export function claimsOf(user: User): { sub: string } & Record<string, unknown> {
  const claims: { sub: string } & Record<string, unknown> = { sub: user.user_id };
  for (const name of carried) if (user[name] !== undefined) claims[name] = user[name];
  if (user.username !== undefined) claims.preferred_username = user.username;
  if (user.phone_verified !== undefined) claims.phone_number_verified = user.phone_verified;
  if (user.user_metadata !== undefined) claims.user_metadata = user.user_metadata;
  return claims;
}
