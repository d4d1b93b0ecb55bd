import { z } from 'zod';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Issue } from '../errors.ts';
import type { ActionInputs } from './actions.ts';
import { issuesOf } from './input-issues.ts';

/**
 * What a caller may give for each action, wherever it comes in: the HTTP API puts `organization` beside these, and the
 * testkit takes them as they are. Strict, so that a misspelt field is never left unnoticed.
 */

/** No identifier is longer: an email has 254 characters at most (RFC 5321 §4.5.3.1.3). */
export const Identifier = z.string().min(1).max(1024);
export const Password = z.string().min(1).max(4096);
/** As long as a profile's user_id may be. */
export const UserId = z.string().min(1).max(255);
export const IdentifierType = z.enum(['email', 'username', 'phone_number']);

export const NewUser = z
  .looseObject({
    email: Identifier.optional(),
    username: Identifier.optional(),
    phone_number: Identifier.optional(),
    password: Password.optional(),
    user_metadata: z.record(z.string(), z.unknown()).optional(),
    app_metadata: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'NewUser', description: 'The user to create; fields beyond these reach the script too.' });

/** The two forms of a look-up; `lookupSchema` says which one a value is meant to be. */
export const lookupInputs = {
  byIdentifier: z.strictObject({ identifier: Identifier, identifier_type: IdentifierType.optional() }),
  byUserId: z.strictObject({ user_id: UserId }),
};

export const actionInputSchemas = {
  login: z.strictObject({ identifier: Identifier, password: Password }),
  get_user: z.union([lookupInputs.byIdentifier, lookupInputs.byUserId]),
  create: z.strictObject({
    user: NewUser,
    method: z
      .enum(['password', 'passkey'])
      .optional()
      .meta({ description: 'How the user will log in. A passkey signup has no password.' }),
    client_id: z.string().min(1).max(255).optional(),
  }),
  verify: z.strictObject({ email: Identifier }),
  delete: z.strictObject({ user_id: UserId }),
  change_password: z.strictObject({ identifier: Identifier, new_password: Password }),
  change_email: z.strictObject({ email: Identifier, new_email: Identifier, verified: z.boolean() }),
  change_username: z.strictObject({ username: Identifier, new_username: Identifier }),
  change_phone_number: z.strictObject({
    phone_number: Identifier,
    new_phone_number: Identifier,
    verified: z.boolean(),
  }),
} satisfies { [A in ActionName]: z.ZodType<ActionInputs[A]> };

/** Whose user it is, beside the input of every action. */
export const Organization = z
  .strictObject({
    id: z.string().min(1).max(255),
    name: z.string().max(255).exactOptional(),
    display_name: z.string().max(255).exactOptional(),
    metadata: z.record(z.string(), z.unknown()).exactOptional(),
  })
  .meta({ id: 'Organization', description: 'Becomes `context.organization` of the script.' });

const Neither = z.custom<never>(() => false, { error: 'must have either identifier or user_id' });
const Both = z.custom<never>(() => false, { error: 'has both identifier and user_id: give one of the two' });

/** Which form of a look-up to hold a value to. A plain union would answer every mistake with "Invalid input". */
export function lookupSchema<Input>(
  value: unknown,
  { byIdentifier, byUserId }: { byIdentifier: z.ZodType<Input>; byUserId: z.ZodType<Input> },
): z.ZodType<Input> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return byIdentifier;
  const hasUserId = 'user_id' in value;
  const hasIdentifier = 'identifier' in value;
  if (hasUserId && hasIdentifier) return Both;
  if (!hasUserId && !hasIdentifier) return Neither;
  return hasUserId ? byUserId : byIdentifier;
}

/** What is wrong with an action's input, field by field and without their values; empty when nothing is. */
export function checkActionInput(action: ActionName, input: unknown): Issue[] {
  const schema: z.ZodType =
    action === 'get_user' ? lookupSchema<unknown>(input, lookupInputs) : actionInputSchemas[action];
  const parsed = schema.safeParse(input);
  return parsed.success ? [] : issuesOf(parsed.error, schema, input);
}
