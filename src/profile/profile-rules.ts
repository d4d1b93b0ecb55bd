import type { IdentifierType } from '../scripts/actions.ts';

/** The actions whose result is a profile. */
export type ProfileAction = 'login' | 'get_user' | 'create';

interface AttributeOptions {
  identifier?: { active?: boolean | null | undefined } | null | undefined;
  profile_required?: boolean | null | undefined;
}

/** The part of a connection's options that decides what its profiles must look like. */
export interface ProfileOptions {
  requires_username?: boolean | null | undefined;
  validation?: { username?: { min: number; max: number } | null | undefined } | null | undefined;
  attributes?:
    | {
        email?: AttributeOptions | null | undefined;
        phone_number?: AttributeOptions | null | undefined;
        username?:
          | (AttributeOptions & {
              validation?:
                | {
                    min_length?: number | null | undefined;
                    max_length?: number | null | undefined;
                    allowed_types?:
                      | { email?: boolean | null | undefined; phone_number?: boolean | null | undefined }
                      | null
                      | undefined;
                  }
                | null
                | undefined;
            })
          | null
          | undefined;
      }
    | null
    | undefined;
}

export interface UsernameRules {
  minLength: number;
  maxLength: number;
  mayBeEmail: boolean;
  mayBePhoneNumber: boolean;
}

export interface ProfileRules {
  /** Fields whose absence refuses the profile. `user_id` always is one and is not listed. */
  required: readonly IdentifierType[];
  /** Fields whose absence is worth a warning. */
  expected: readonly IdentifierType[];
  /** Of these at least one must be present; none when the connection states no active identifier. */
  identifiers: readonly IdentifierType[];
  /** Unset where the connection does not use usernames: then the field is any text of up to 128 characters. */
  username: UsernameRules | undefined;
}

/** The widest range that the API's own schema allows for a username. */
export const USERNAME_MAX_LENGTH = 128;

const attributeNames = ['email', 'phone_number', 'username'] as const;

const known = new WeakMap<ProfileOptions, Record<ProfileAction, ProfileRules>>();

/**
 * With `attributes`, login, get_user and create have the same rules. Without, user_id alone is required, and the
 * fields that people log in with are expected of login and get_user.
 */
export function profileRulesFor(options: ProfileOptions, action: ProfileAction): ProfileRules {
  let rules = known.get(options);
  if (!rules) {
    rules = attributesEnabled(options) ? attributeRules(options) : legacyRules(options);
    known.set(options, rules);
  }
  return rules[action];
}

export function attributesEnabled(options: ProfileOptions): boolean {
  return attributeNames.some((name) => options.attributes?.[name]);
}

function attributeRules(options: ProfileOptions): Record<ProfileAction, ProfileRules> {
  const attributes = options.attributes ?? {};
  const username = attributes.username;
  const rules: ProfileRules = {
    required: attributeNames.filter((name) => attributes[name]?.profile_required === true),
    expected: [],
    identifiers: attributeNames.filter((name) => attributes[name]?.identifier?.active === true),
    username: username
      ? {
          minLength: username.validation?.min_length ?? 1,
          maxLength: username.validation?.max_length ?? USERNAME_MAX_LENGTH,
          mayBeEmail: username.validation?.allowed_types?.email === true,
          mayBePhoneNumber: username.validation?.allowed_types?.phone_number === true,
        }
      : undefined,
  };
  return { login: rules, get_user: rules, create: rules };
}

function legacyRules(options: ProfileOptions): Record<ProfileAction, ProfileRules> {
  const range = options.validation?.username;
  const username =
    options.requires_username === true || range
      ? {
          minLength: range?.min ?? 1,
          maxLength: range?.max ?? USERNAME_MAX_LENGTH,
          mayBeEmail: false,
          mayBePhoneNumber: true,
        }
      : undefined;
  const create: ProfileRules = { required: [], expected: [], identifiers: [], username };
  const lookup: ProfileRules = {
    ...create,
    expected: options.requires_username === true ? ['email', 'username'] : ['email'],
  };
  return { login: lookup, get_user: lookup, create };
}
