/**
 * Types for action scripts, for editors and `tsc` with `checkJs`; docs/testing.md says how to switch them on. An entry
 * function is given its type by `@type {DrawbridgeScripts.GetUser}` in the comment before it.
 */
/// <reference path="./globals.d.ts" />
/// <reference path="./web-globals.d.ts" />

declare namespace DrawbridgeScripts {
  /** The object before the callback, where the connection has `enable_script_context`. */
  interface Context {
    /** `'user_id'` when get_user is asked for a user_id; not set for a look-up by identifier. */
    identifierType?: 'user_id';
    /** Set when the caller named an organization. */
    organization?: {
      id: string;
      name?: string;
      display_name?: string;
      metadata: Record<string, any>;
    };
  }

  /** docs/profiles.md has the rules. Further fields pass through to the caller. */
  interface UserProfile {
    /** Never changes, and is never given to another person. */
    user_id: string;
    email?: string | null;
    email_verified?: boolean | null;
    username?: string | null;
    /** `+` and at most 15 digits. */
    phone_number?: string | null;
    phone_verified?: boolean | null;
    name?: string | null;
    given_name?: string | null;
    family_name?: string | null;
    nickname?: string | null;
    picture?: string | null;
    user_metadata?: object | null;
    app_metadata?: object | null;
    [field: string]: unknown;
  }

  /** The first argument of create. */
  interface NewUser {
    tenant: string;
    connection: string;
    email?: string;
    username?: string;
    phone_number?: string;
    /** A signup with a passkey has none. */
    password?: string;
    user_metadata?: Record<string, any>;
    app_metadata?: Record<string, any>;
    client_id?: string;
    [field: string]: any;
  }

  /** Every error ends the script; which class it is of says what the caller is told. */
  type Failure = WrongUsernameOrPasswordError | ValidationError | UnauthorizedError | Error;
  type NoError = null | undefined;

  interface ProfileCallback {
    (error: Failure): void;
    (error: NoError, profile: UserProfile): void;
  }
  /** `callback(null)` is "not found", which an outage never is. */
  type LookupCallback = (error: Failure | NoError, profile?: UserProfile | null) => void;
  type DeleteCallback = (error: Failure | NoError) => void;
  interface VerifyCallback {
    (error: Failure): void;
    (error: NoError, verified: boolean): void;
  }
  /** `false`: nothing was changed, because there is no such user. */
  interface ChangeCallback {
    (error: Failure): void;
    (error: NoError, changed: boolean): void;
  }
  interface PasswordCallback {
    (error: Failure): void;
    (error: NoError, changed: boolean | { last_password_reset: Date | string | number }): void;
  }

  type Login = (identifier: string, password: string, context: Context, callback: ProfileCallback) => any;
  type GetUser = (identifierValue: string, context: Context, callback: LookupCallback) => any;
  type Create = (user: NewUser, context: Context, callback: ProfileCallback) => any;
  type Verify = (email: string, context: Context, callback: VerifyCallback) => any;
  type Delete = (userId: string, context: Context, callback: DeleteCallback) => any;
  type ChangePassword = (
    identifier: string,
    newPassword: string,
    context: Context,
    callback: PasswordCallback,
  ) => any;
  type ChangeEmail = (
    email: string,
    newEmail: string,
    verified: boolean,
    context: Context,
    callback: ChangeCallback,
  ) => any;
  type ChangeUsername = (
    username: string,
    newUsername: string,
    context: Context,
    callback: ChangeCallback,
  ) => any;
  type ChangePhoneNumber = (
    phoneNumber: string,
    newPhoneNumber: string,
    verified: boolean,
    context: Context,
    callback: ChangeCallback,
  ) => any;

  /** The same for connections without `enable_script_context`: `{DrawbridgeScripts.WithoutContext.Login}`. */
  namespace WithoutContext {
    type Login = (identifier: string, password: string, callback: ProfileCallback) => any;
    type GetUser = (email: string, callback: LookupCallback) => any;
    type Create = (user: NewUser, callback: ProfileCallback) => any;
    type Verify = (email: string, callback: VerifyCallback) => any;
    type Delete = (userId: string, callback: DeleteCallback) => any;
    type ChangePassword = (identifier: string, newPassword: string, callback: PasswordCallback) => any;
    type ChangeEmail = (email: string, newEmail: string, verified: boolean, callback: ChangeCallback) => any;
    type ChangeUsername = (username: string, newUsername: string, callback: ChangeCallback) => any;
    type ChangePhoneNumber = (
      phoneNumber: string,
      newPhoneNumber: string,
      verified: boolean,
      callback: ChangeCallback,
    ) => any;
  }
}
