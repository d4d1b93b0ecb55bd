import type { CheckedCode } from '../verdict.ts';

/** Of what scripts do when they run, in the order of the report. */
export const behaviourCodes = {
  user_id_lookup_fails: {
    severity: 'error',
    title: 'get_user finds nobody by the user_id that it gave',
    holds: 'get_user finds a user by the user_id that it gave',
    why: 'A login with a passkey knows the user_id alone. It fails for every user, though the passkey is good.',
    fix: 'Look up the user_id when context.identifierType is "user_id", in the field that the profile has its user_id from.',
  },
  lookups_disagree: {
    severity: 'error',
    title: 'The two look-ups of get_user give different users',
    holds: 'get_user gives the same user by identifier and by user_id',
    why: 'A login with a passkey would open the account of somebody else.',
    fix: 'Make the profile in one function for both look-ups, its user_id from a key that never changes.',
  },
  login_and_get_user_disagree: {
    severity: 'error',
    title: 'login and get_user give different user_ids',
    holds: 'login and get_user give the same user_id',
    why: 'One person becomes two users: the passkey belongs to the one, the password to the other.',
    fix: 'Return the same, permanent user_id from both scripts.',
  },
  outage_reported_as_not_found: {
    severity: 'error',
    title: 'get_user takes an outage for "not found"',
    holds: 'get_user tells an outage from "not found"',
    why: 'While the user store is down, a signup of somebody who has an account makes a second one, and logins say that there is no such user.',
    fix: 'Call callback(error) unless the store itself has said that there is no such user: callback(null) for its 404 or its empty result alone.',
  },
  not_found_reported_as_error: {
    severity: 'error',
    title: 'get_user fails for a user who does not exist',
    holds: 'get_user says calmly that a user does not exist',
    why: 'Every signup asks get_user first. It fails for everybody who is new.',
    fix: 'Call callback(null) when the store has no such user.',
  },
  passkey_signup_fails: {
    severity: 'error',
    title: 'create fails without a password',
    holds: 'create takes a user without a password',
    why: 'A signup with a passkey has no password: it fails for everybody.',
    fix: 'Store a user without a password where user.password is undefined, and let login refuse it.',
  },
  create_without_profile: {
    severity: 'error',
    title: 'create gives no profile',
    holds: 'create gives the profile of the new user',
    why: 'Without its user_id the passkey of the new user cannot be kept.',
    fix: 'Call callback(null, profile) with the fields that get_user returns.',
  },
  create_returns_other_profile: {
    severity: 'error',
    title: 'create gives another profile than get_user',
    holds: 'create gives the profile that get_user gives',
    why: 'The passkey is kept for the user that create names, and later logins look for another.',
    fix: 'Make the profile in the same way in both scripts.',
  },
  created_user_not_found: {
    severity: 'error',
    title: 'A user who was just created is not found',
    holds: 'a user who was just created is found',
    why: 'The first login after the signup fails, and so may every other.',
    fix: 'Return the user_id that get_user looks up, and read from a store that has seen the write.',
  },
  second_signup_not_refused: {
    severity: 'error',
    title: 'A second signup is not answered with user_exists',
    holds: 'a second signup is answered with user_exists',
    why: 'Two signups at once pass the look-up before create: there are two accounts then, or the user is told that the service is broken.',
    fix: 'Have a unique index on every identifier, and call callback(new ValidationError("user_exists", message)) when it objects.',
  },
  profile_invalid: {
    severity: 'error',
    title: 'A script gives a profile that is not valid',
    holds: 'the profiles are valid',
    why: 'The call fails: an auth server cannot work with this profile.',
    fix: 'Put right the fields that the message names; docs/profiles.md has the rules.',
  },
  callback_more_than_once: {
    severity: 'warning',
    title: 'A script calls its callback more than once',
    holds: 'the scripts call their callback once',
    why: 'Only the first call counts, and which one is first may depend on how fast the store answers.',
    fix: 'Return after each call of the callback, and keep it out of a try block whose catch calls it again.',
  },
  slow: {
    severity: 'warning',
    title: 'Look-ups are slow',
    holds: 'look-ups are fast enough',
    why: 'A login with a passkey waits for a look-up at every step, and so does the user.',
    fix: 'Put an index on what is looked up, keep connections open between calls, and have the store near.',
  },
} as const satisfies Record<string, CheckedCode>;

export type BehaviourCode = keyof typeof behaviourCodes;
