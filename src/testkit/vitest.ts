/** `drawbridge/testkit/vitest`: imported for its effect, it gives vitest's `expect` the matchers, and their types. */
import { expect } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { matchers } from './matchers.ts';

declare module 'vitest' {
  // The parameters are vitest's own: declarations that merge must have the same ones.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** get_user found a user. */
    toBeFound(): R;
    /** get_user answered that there is no such user, which an error is not. */
    toBeNotFound(): R;
    /** The profile has these fields, and may have others; `expect.any(String)` and the like may stand in it. */
    toReturnProfile(profile: Readonly<Record<string, unknown>>): R;
    /** The run failed with this code, and `message` is in its message. */
    toFailWith(code: ErrorCode, message?: string | RegExp): R;
  }
}

expect.extend(matchers);
