export type IdentifierType = 'email' | 'username' | 'phone_number';

/** A profile as the rules left it; unknown fields pass through. */
export type UserProfile = { user_id: string } & Record<string, unknown>;

/** What a caller gives for each action; the wire's field names. */
export interface ActionInputs {
  login: { identifier: string; password: string };
  get_user: { identifier: string; identifier_type?: IdentifierType | undefined } | { user_id: string };
  create: {
    user: Record<string, unknown>;
    method?: 'password' | 'passkey' | undefined;
    client_id?: string | undefined;
  };
  verify: { email: string };
  delete: { user_id: string };
  change_password: { identifier: string; new_password: string };
  change_email: { email: string; new_email: string; verified: boolean };
  change_username: { username: string; new_username: string };
  change_phone_number: { phone_number: string; new_phone_number: string; verified: boolean };
}

/** What the caller gets: the wire's bodies without `execution`. */
export interface ActionResults {
  login: { user: UserProfile };
  get_user: { found: true; user: UserProfile } | { found: false; user: null };
  create: { user: UserProfile };
  verify: { verified: true };
  delete: Record<string, never>;
  change_password: { changed: boolean; last_password_reset?: string };
  change_email: { changed: boolean };
  change_username: { changed: boolean };
  change_phone_number: { changed: boolean };
}
