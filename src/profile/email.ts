import { coded, textField } from './text-field.ts';

const advice = "Return the user's address as a string like jane@example.com, or leave email out.";

/** Local part at most 64 characters, the whole at most 254 (RFC 5321 §4.5.3.1, RFC 3696 erratum 1690). */
const LOCAL_PART_MAX = 64;
const ADDRESS_MAX = 254;

export const emailSchema = textField('email', advice, { max: ADDRESS_MAX })
  .refine(
    (email) => email.lastIndexOf('@') <= LOCAL_PART_MAX,
    coded('email_too_long', `email has more than ${LOCAL_PART_MAX} characters before the @. ${advice}`),
  )
  .refine(isEmail, coded('email_malformed', `email is not an email address. ${advice}`));

/** Everything but spaces, control characters and what RFC 5322 allows in quotes only. Dots where they like. */
const localPart = /^[^\s\p{Cc}@"(),:;<>[\]\\]+$/u;
const label = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?$/u;

/**
 * Practical, not RFC-perfect: non-ASCII is right (RFC 6531), so are dots that old Japanese carriers gave out
 * (`a..b.@example.jp`) and hosts without a dot; quoted local parts and address literals are not.
 */
export function isEmail(value: string): boolean {
  const at = value.lastIndexOf('@');
  return (
    at > 0 &&
    localPart.test(value.slice(0, at)) &&
    value
      .slice(at + 1)
      .split('.')
      .every((part) => part.length <= 63 && label.test(part))
  );
}
