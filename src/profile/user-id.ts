import type { Findings } from './findings.ts';
import { coded, textField } from './text-field.ts';

const advice =
  "Return user_id: the user's permanent id in your store, as a string of 1 to 255 characters without spaces, " +
  'the same for login, get_user and create; for example user_id: String(row.id).';

/** What `String(undefined)` and its like make of a column that is not there: one id that all users would share. */
const madeOfNothing = /(^|\|)(undefined|null|NaN)$|\[object [A-Z]/;

/** 1 to 255 characters, `^\S+$`: the pattern of the users API and of passkey enrolment's identity_user_id. */
export const userIdSchema = textField('user_id', advice, { max: 255 })
  .refine((id) => id !== '', coded('user_id_empty', `user_id is an empty string. ${advice}`))
  .refine(
    (id) => !/[\s\p{Cc}]/u.test(id),
    coded('user_id_whitespace', `user_id has spaces or control characters in it. ${advice}`),
  )
  .refine(
    (id) => !madeOfNothing.test(id),
    coded(
      'user_id_placeholder',
      `user_id is the text of a value that is not there (such as String(undefined)), so every user would get the same one. ${advice}`,
    ),
  );

/** `id` stands in for user_id; whole numbers become strings. What cannot be converted is left for the schema. */
export function normalizeUserId(profile: Record<string, unknown>, findings: Findings): void {
  const id = profile.user_id ?? profile.id;
  if (typeof id !== 'number') {
    if (id === null || id === undefined) delete profile.user_id;
    else profile.user_id = id;
    return;
  }
  if (!Number.isInteger(id)) {
    findings.refuse('user_id', 'user_id_not_integer', `user_id is a number with a fraction. ${advice}`);
  } else if (!Number.isSafeInteger(id)) {
    findings.refuse(
      'user_id',
      'user_id_unsafe_number',
      'user_id is a number beyond 2^53, where digits get lost and two users can come out as one. ' +
        'Have your database or API give it as text, and return that string.',
    );
  } else {
    findings.warn(
      'user_id',
      'user_id_number',
      'user_id is a number; it was made a string. Return String(id), so that every script gives the same.',
    );
  }
  profile.user_id = String(id);
}
