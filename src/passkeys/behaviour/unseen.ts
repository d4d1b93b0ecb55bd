import type { BehaviourCode } from './behaviour-codes.ts';

/** Where observations come from: fixtures beside the scripts, the command line or the HTTP API with a test user. */
export type ObservedFrom = 'fixtures' | 'live' | 'api';

const fixtures: Record<BehaviourCode, string> = {
  user_id_lookup_fails: 'no fixture looks a user up by user_id: add one',
  lookups_disagree: 'no two fixtures look the same user up by identifier and by user_id: add them',
  login_and_get_user_disagree: 'no two fixtures log the same user in and look the user up: add them',
  outage_reported_as_not_found: 'no fixture finds a user through an HTTP call: add one',
  not_found_reported_as_error: 'no fixture looks for a user who does not exist: add one',
  passkey_signup_fails: 'no fixture creates a user without a password: add one',
  create_without_profile: 'no fixture creates a user: add one',
  create_returns_other_profile: 'no fixture looks a user up whom another creates, by user_id: add one',
  created_user_not_found: 'no fixture looks a user up whom another creates, by user_id: add one',
  second_signup_not_refused: 'no fixture creates a user who exists and expects user_exists: add one',
  profile_invalid: 'no fixture gives a profile: add one',
  callback_more_than_once: 'the fixtures do not tell',
  slow: 'fixtures say nothing of time: check with --live',
};

const create = 'nobody was created: give --create-identifier with one that is free';

const live: Record<BehaviourCode, string> = {
  user_id_lookup_fails: 'nobody was found: give --identifier of a user who exists',
  lookups_disagree: 'nobody was found by both: give --identifier of a user who exists',
  login_and_get_user_disagree: 'nobody logged in: give --identifier and the password of a user who exists',
  outage_reported_as_not_found: 'nothing was looked up while the store was out of reach: give --identifier',
  not_found_reported_as_error: 'somebody has the unknown identifier: give another --unknown-identifier',
  passkey_signup_fails: create,
  create_without_profile: create,
  create_returns_other_profile: create,
  created_user_not_found: create,
  second_signup_not_refused: create,
  profile_invalid: 'no script gave a profile: give --identifier of a user who exists',
  callback_more_than_once: 'nothing was run',
  slow: 'too few look-ups succeeded to tell',
};

const api: Record<BehaviourCode, string> = {
  ...live,
  user_id_lookup_fails: 'nobody was found: give the test_user of somebody who exists',
  lookups_disagree: 'nobody was found by both: give the test_user of somebody who exists',
  login_and_get_user_disagree: 'nobody logged in: give test_user.password',
  outage_reported_as_not_found: 'nothing was looked up while the store was out of reach',
  not_found_reported_as_error: 'the look-up of an unknown user was not made',
  passkey_signup_fails: 'the API creates nobody: use "drawbridge check --live --create-identifier"',
  create_without_profile: 'the API creates nobody: use "drawbridge check --live --create-identifier"',
  create_returns_other_profile: 'the API creates nobody: use "drawbridge check --live --create-identifier"',
  created_user_not_found: 'the API creates nobody: use "drawbridge check --live --create-identifier"',
  second_signup_not_refused: 'the API creates nobody: use "drawbridge check --live --create-identifier"',
  profile_invalid: 'no script gave a profile',
  callback_more_than_once: 'the API does not tell; the log does, as late_callback',
};

/** What to do to see a behaviour that nothing has shown. */
export const unseen: Record<ObservedFrom, Record<BehaviourCode, string>> = { fixtures, live, api };
