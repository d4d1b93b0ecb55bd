interface EventMeaning {
  readonly description: string;
  readonly kind: 'success' | 'failure';
}

/**
 * The one table of event codes: those that Auth0's tenant logs use, so that what reads them can stay. The descriptions are
 * ours. docs/http-api.md says which of them the bridge emits, and when.
 */
export const eventTypes = {
  s: { description: 'Login', kind: 'success' },
  f: { description: 'Login failed', kind: 'failure' },
  fp: { description: 'Login failed: wrong password', kind: 'failure' },
  fu: { description: 'Login failed: no such user', kind: 'failure' },
  slo: { description: 'Logout', kind: 'success' },
  ss: { description: 'Signup', kind: 'success' },
  fs: { description: 'Signup failed', kind: 'failure' },
  scp: { description: 'Password changed', kind: 'success' },
  fcp: { description: 'Password change failed', kind: 'failure' },
  scpr: { description: 'Password change requested', kind: 'success' },
  fcpr: { description: 'Request for a password change failed', kind: 'failure' },
  sv: { description: 'Email address verified', kind: 'success' },
  fv: { description: 'Verification of an email address failed', kind: 'failure' },
  svr: { description: 'Verification email requested', kind: 'success' },
  fvr: { description: 'Request for a verification email failed', kind: 'failure' },
  sce: { description: 'Email address changed', kind: 'success' },
  fce: { description: 'Change of an email address failed', kind: 'failure' },
  scu: { description: 'Username changed', kind: 'success' },
  fcu: { description: 'Change of a username failed', kind: 'failure' },
  scpn: { description: 'Phone number changed', kind: 'success' },
  fcpn: { description: 'Change of a phone number failed', kind: 'failure' },
  sdu: { description: 'User deleted', kind: 'success' },
  fdu: { description: 'Deletion of a user failed', kind: 'failure' },
  fn: { description: 'A message could not be sent', kind: 'failure' },
  passkey_challenge_started: { description: 'Passkey challenge made', kind: 'success' },
  passkey_challenge_failed: { description: 'Passkey challenge could not be made', kind: 'failure' },
  gd_enrollment_complete: { description: 'Second factor or passkey enrolled', kind: 'success' },
  gd_webauthn_enrollment_failed: { description: 'Enrolment of a passkey failed', kind: 'failure' },
  gd_webauthn_challenge_failed: { description: 'Answer of a passkey refused', kind: 'failure' },
  mfar: { description: 'Second factor demanded', kind: 'success' },
  gd_auth_succeed: { description: 'Second factor passed', kind: 'success' },
  gd_auth_failed: { description: 'Second factor refused', kind: 'failure' },
  my_account_authentication_method_succeeded: {
    description: 'Authentication method of an account changed',
    kind: 'success',
  },
  my_account_authentication_method_failed: {
    description: 'Change of an authentication method of an account failed',
    kind: 'failure',
  },
  sepkoobft: { description: 'Passkey and out-of-band factor exchanged for tokens', kind: 'success' },
  sepkotpft: { description: 'Passkey and one-time password exchanged for tokens', kind: 'success' },
  sepkrcft: { description: 'Passkey and recovery code exchanged for tokens', kind: 'success' },
  sapi: { description: 'Management API: something was changed', kind: 'success' },
  mgmt_api_read: { description: 'Management API: something was read', kind: 'success' },
} as const satisfies Record<string, EventMeaning>;

export type EventType = keyof typeof eventTypes;

export const eventTypeNames = Object.keys(eventTypes) as [EventType, ...EventType[]];

export const isEventType = (text: string): text is EventType => Object.hasOwn(eventTypes, text);
