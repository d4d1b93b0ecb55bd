import { z } from 'zod';
import type { IdentifierType } from '../scripts/actions.ts';
import { emailSchema } from './email.ts';
import type { Findings } from './findings.ts';
import { flagSchemas } from './flags.ts';
import { metadataSchemas } from './metadata.ts';
import { nameSchemas } from './names.ts';
import { phoneNumberSchema } from './phone-number.ts';
import type { ProfileRules } from './profile-rules.ts';
import { userIdSchema } from './user-id.ts';
import { usernameSchema } from './username.ts';

type Fields = Record<string, unknown>;

const built = new WeakMap<ProfileRules, z.ZodType>();

/** Puts what breaks the rules into `findings`. The fields are checked where they are; unknown ones are not. */
export function checkFields(profile: Fields, rules: ProfileRules, findings: Findings): void {
  let schema = built.get(rules);
  if (!schema) {
    schema = buildSchema(rules);
    built.set(rules, schema);
  }
  const parsed = schema.safeParse(profile);
  if (parsed.success) return;
  for (const issue of parsed.error.issues)
    findings.refuse(issue.path.map(String).join('.'), codeOf(issue, profile), issue.message);
}

function buildSchema(rules: ProfileRules) {
  const whenRequired = <T extends z.ZodType>(field: IdentifierType, schema: T) =>
    rules.required.includes(field) ? schema : schema.optional();
  return z.object({
    user_id: userIdSchema,
    email: whenRequired('email', emailSchema),
    phone_number: whenRequired('phone_number', phoneNumberSchema),
    username: whenRequired('username', usernameSchema(rules.username)),
    ...optional(nameSchemas),
    ...optional(flagSchemas),
    ...optional(metadataSchemas),
  });
}

function optional(schemas: Record<string, z.ZodType>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(schemas).map(([field, schema]) => [field, schema.optional()]));
}

/** The stable code: the rule's own, or the field's name with what zod found. */
function codeOf(issue: z.core.$ZodIssue, profile: Fields): string {
  const field = String(issue.path[0]);
  switch (issue.code) {
    case 'custom':
      return String(issue.params?.code);
    case 'too_big':
      return `${field}_too_long`;
    case 'too_small':
      return `${field}_too_short`;
    default:
      if (profile[field] !== undefined) return `${field}_type`;
      return field === 'user_id' ? 'user_id_missing' : 'attribute_required';
  }
}
