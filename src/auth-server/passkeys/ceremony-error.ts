/** Why a ceremony failed; on the wire, in events and in the docs. */
export const ceremonyErrors = {
  response_invalid: 'The browser sent something that is no passkey response',
  challenge_unknown: 'The challenge was used before, is too old, or was made for another login',
  origin_not_allowed: 'The passkey was used on a page of another origin',
  rp_id_mismatch: 'The passkey belongs to another domain',
  user_not_verified: 'The passkey was used without a fingerprint, face or PIN',
  signature_invalid: 'The signature does not fit the passkey',
  counter_went_back: 'The passkey has been used elsewhere since: it may have been copied',
  passkey_unknown: 'Nobody has this passkey here',
  passkey_exists: 'This passkey is there already',
  user_handle_mismatch: 'The passkey was made for another user',
  passkey_of_another_user: 'The passkey belongs to another user than the one who is logging in',
  sign_up_unfinished: 'The sign-up that made the passkey did not come to an end',
  user_not_found: 'The user of this passkey is gone',
  user_blocked: 'The user of this passkey is blocked',
} as const;

export type CeremonyErrorCode = keyof typeof ceremonyErrors;

export class CeremonyError extends Error {
  override readonly name = 'CeremonyError';
  readonly code: CeremonyErrorCode;
  /** Whose passkey it was, where that is known. */
  readonly userId: string | undefined;

  constructor(code: CeremonyErrorCode, userId?: string) {
    super(ceremonyErrors[code]);
    this.code = code;
    this.userId = userId;
  }
}

/** The library tells its checks apart by sentences only; those that somebody can act on have a code here. */
export function codeOfMistake({ message }: Error): CeremonyErrorCode {
  if (message.startsWith('Unexpected RP ID')) return 'rp_id_mismatch';
  if (message.startsWith('User ')) return 'user_not_verified';
  return 'response_invalid';
}
