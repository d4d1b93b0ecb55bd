import { z } from 'zod';
import { emailSchema } from '../../../profile/email.ts';
import { nameSchemas } from '../../../profile/names.ts';
import { phoneNumberSchema } from '../../../profile/phone-number.ts';
import { usernameSchema } from '../../../profile/username.ts';
import type { ConnectionSettings, IdentifierType } from '../../bridge/bridge-client.ts';
import { activeIdentifiers } from '../../login/identifier-type.ts';
import { NativeError } from './native-error.ts';

const { name, given_name, family_name, nickname, picture } = nameSchemas;

const UserProfile = z.strictObject({
  email: emailSchema.optional(),
  phone_number: phoneNumberSchema.optional(),
  username: usernameSchema(undefined).min(1, 'username is empty').optional(),
  name: name.optional(),
  given_name: given_name.optional(),
  family_name: family_name.optional(),
  nickname: nickname.optional(),
  picture: picture.optional(),
});
type UserProfile = z.infer<typeof UserProfile>;

export const NewUserBody = z.object({
  user_profile: UserProfile,
  user_metadata: z
    .record(z.string().min(1).max(100), z.string().max(500))
    .refine((fields) => Object.keys(fields).length <= 10, 'user_metadata has more than 10 fields')
    .optional(),
});

const identifierTypes = ['email', 'phone_number', 'username'] as const;

/** The identifiers of a new user. Throws NativeError where one that signing up requires is missing. */
export function checkIdentifiers(profile: UserProfile, connection: ConnectionSettings): string[] {
  const missing = requiredIdentifiers(connection).filter((type) => profile[type] === undefined);
  const given = activeIdentifiers(connection).flatMap((type) => profile[type] ?? []);
  const [type = given.length ? undefined : activeIdentifiers(connection).join(' or ')] = missing;
  if (type === undefined) return given;
  throw new NativeError(
    400,
    'invalid_request',
    `user_profile.${type}: is missing, and signing up requires it`,
  );
}

/** Email, and perhaps a username, where the connection has no attributes (the older form). */
function requiredIdentifiers({ attributes, requires_username }: ConnectionSettings): IdentifierType[] {
  if (!attributes) return requires_username ? ['email', 'username'] : ['email'];
  return identifierTypes.filter((type) => attributes[type]?.signup?.status === 'required');
}

/** What devices show the passkey under: the identifier that goes before the others in this connection. */
export function userNameOf(profile: UserProfile, { precedence }: ConnectionSettings): string {
  const [first = ''] = (precedence ?? identifierTypes).flatMap((type) => profile[type] ?? []);
  return first;
}
