/**
 * WebAuthn user handles by connection. A handle says nothing of its user and is the same for the same user for ever
 * (WebAuthn Level 3 §14.6.1). On the wire and here it is base64url without padding; `userId` is a profile's user_id.
 */
export interface UserHandles {
  /** A new handle that is bound to nobody. It is forgotten when it is not bound within 24 hours. */
  mint(connection: string): string;
  /** The user's handle, made when there is none. Throws invalid_request. */
  handleOf(connection: string, userId: string): string;
  /** `null` when the handle is bound to nobody, `undefined` when the connection has no such handle. */
  userOf(connection: string, handle: string): string | null | undefined;
  /** Does nothing when that is how it is. Throws user_handle_not_found, user_handle_taken and invalid_request. */
  bind(connection: string, handle: string, userId: string): void;
  /** The next handle of this user_id is another one. */
  forget(connection: string, userId: string): void;
  close(): void;
}
