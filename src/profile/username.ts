import { isEmail } from './email.ts';
import type { Findings } from './findings.ts';
import { isPhoneNumber } from './phone-number.ts';
import { USERNAME_MAX_LENGTH, type UsernameRules } from './profile-rules.ts';
import { coded, textField } from './text-field.ts';

const advice = "Return the user's username as a string, or leave username out.";
const allowedCharacters = "letters a to z without accents, digits and @ ^ $ . ! ` - # + ' ~ _";
const allowed = /^[A-Za-z0-9@^$.!`\-#+'~_]*$/;

/** Without rules the connection does not use usernames, and the field is the store's own business. */
export function usernameSchema(rules: UsernameRules | undefined) {
  if (!rules) return textField('username', advice, { max: USERNAME_MAX_LENGTH });
  return textField('username', advice, { min: rules.minLength, max: rules.maxLength })
    .refine(
      (name) => allowed.test(name),
      coded(
        'username_characters',
        `username has characters other than ${allowedCharacters}. Return one that has these only.`,
      ),
    )
    .refine(
      (name) => rules.mayBeEmail || !looksLikeEmail(name),
      coded(
        'username_is_email',
        'username is an email address, which this connection does not allow. Return it as email and leave username ' +
          'out, or set attributes.username.validation.allowed_types.email.',
      ),
    )
    .refine(
      (name) => rules.mayBePhoneNumber || !isPhoneNumber(name),
      coded(
        'username_is_phone_number',
        'username is a phone number, which this connection does not allow. Return it as phone_number and leave ' +
          'username out, or set attributes.username.validation.allowed_types.phone_number.',
      ),
    );
}

/** `a@b` is a username like any other, since @ is allowed in them; a host with a dot makes it an address. */
function looksLikeEmail(name: string): boolean {
  return isEmail(name) && name.indexOf('.', name.lastIndexOf('@')) !== -1;
}

export function adviseUsername(
  username: unknown,
  rules: UsernameRules | undefined,
  findings: Findings,
): void {
  if (rules || typeof username !== 'string' || allowed.test(username)) return;
  findings.warn(
    'username',
    'username_characters',
    `username has characters other than ${allowedCharacters}. This connection does not use usernames; as soon as it does, the profile will be refused.`,
  );
}
