import { TOTP } from 'otpauth';
import type { Stack } from './start-stack.ts';

/** What an authenticator app shows after the clock went ahead: of a time step that nobody has used. */
export function nextCode(stack: Stack, secret: string): string {
  stack.advance(60_000);
  return new TOTP({ secret }).generate({ timestamp: stack.now() });
}
