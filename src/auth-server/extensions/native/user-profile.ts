import { z } from 'zod';
import { emailSchema } from '../../../profile/email.ts';
import { nameLimits, nameSchemas } from '../../../profile/names.ts';
import { phoneNumberSchema } from '../../../profile/phone-number.ts';
import { USERNAME_MAX_LENGTH } from '../../../profile/profile-rules.ts';
import { usernameSchema } from '../../../profile/username.ts';
import type { ConnectionSettings, IdentifierType } from '../../bridge/bridge-client.ts';
import { activeIdentifiers } from '../../login/connection.ts';
import { NativeError } from './native-error.ts';

/** The rules are those of profiles, whose own messages are for people who write scripts. */
const field = (rule: z.ZodType, allowed: string) =>
  z.custom<string>((value) => rule.safeParse(value).success, `must be ${allowed}, or left out`).optional();
const text = (name: keyof typeof nameLimits) =>
  field(nameSchemas[name], `text of at most ${nameLimits[name]} characters`);

const UserProfile = z.strictObject({
  email: field(emailSchema, 'an email address'),
  phone_number: field(phoneNumberSchema, 'a phone number in E.164, such as +4930123456'),
  username: field(usernameSchema(undefined).min(1), `text of 1 to ${USERNAME_MAX_LENGTH} characters`),
  name: text('name'),
  given_name: text('given_name'),
  family_name: text('family_name'),
  nickname: text('nickname'),
  picture: field(nameSchemas.picture, 'an http, https or data URL'),
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
