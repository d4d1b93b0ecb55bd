/**
 * The error classes that Auth0's sandbox gives to scripts as globals. The host tells them apart by class, so a
 * script's own error of the same name is only an Error.
 */

type Identifier = string | null | undefined;

/** Login refuses. A truthy identifier says that the user is known and the password is not. */
export class WrongUsernameOrPasswordError extends Error {
  /** User name, email address or user id. */
  readonly identifier: Identifier;

  constructor(userNameOrEmailOrUserId?: Identifier, message?: string) {
    super(message);
    this.identifier = userNameOrEmailOrUserId;
    named(this, 'WrongUsernameOrPasswordError');
  }
}

/** The input is refused; `user_exists` is the code that Create uses. */
export class ValidationError extends Error {
  readonly code: string;

  constructor(code: string, message?: string) {
    super(message);
    this.code = code;
    named(this, 'ValidationError');
  }
}

/** Access is denied, with a message for the user. */
export class UnauthorizedError extends Error {
  constructor(message?: string) {
    super(message);
    named(this, 'UnauthorizedError');
  }
}

export const errorClasses = { WrongUsernameOrPasswordError, ValidationError, UnauthorizedError };

/** As Error's own: not enumerable, so that it does not show among an error's fields in logs. */
function named(error: Error, name: string): void {
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
}
