import type { Mask } from './mask-secrets.ts';

/**
 * Names that the contract gives to fields, of inputs, answers and profiles. They are the same for everybody: masking
 * one because somebody's password is spelt like it would hide nothing, and tell the password.
 */
export const ownNames: ReadonlySet<string> = new Set(
  (
    'user found verified changed created identifier identifier_type method password new_password organization ' +
    'user_id id email email_verified username phone_number phone_verified name nickname given_name family_name picture ' +
    'blocked user_metadata app_metadata metadata mfa_factors access_token refresh_token identities client_id tenant ' +
    'connection new_email new_username new_phone_number passkey'
  ).split(' '),
);

/** Of a profile's issue what the script has named: its path. Code and sentence are the rules' own. */
export function maskIssue<Found extends { path?: string; message: string }>(issue: Found, mask: Mask): Found {
  const { path = '' } = issue;
  const masked = maskPath(path, mask);
  if (masked === path) return issue;
  const { message } = issue;
  return {
    ...issue,
    path: masked,
    message: message.startsWith(path) ? masked + message.slice(path.length) : message,
  };
}

/** `user_metadata.plan`: the first name stays where it is a field of the contract. */
function maskPath(path: string, mask: Mask): string {
  const [first = ''] = path.split('.', 1);
  if (!ownNames.has(first) || mask(first) === first) return mask(path);
  return first + mask(path.slice(first.length));
}
