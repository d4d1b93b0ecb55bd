import type { ActionResults } from '../scripts/actions.ts';
import type { Execution } from './execution.ts';
import type { Returned } from './returned.ts';

/** `callback(null, true)`; any truthy value counts, since scripts pass on affected rows and the like. */
export function readChanged({ value }: Returned): { changed: boolean } {
  return { changed: Boolean(value) };
}

/** The wire has only a yes: a no is an answer of the script that the caller must not take for one. */
export function readVerified(execution: Execution, { value }: Returned): ActionResults['verify'] {
  if (value) return { verified: true };
  throw execution.error('script_rejected', 'verify', {
    detail:
      'verify answered that the email is not verified: it called callback(null, false), or callback(null) without a result. Call callback(null, true) when the user is marked as verified.',
  });
}

/** `true`, `false`, or `{ last_password_reset }` with a time in whatever form; it comes out as ISO 8601. */
export function readPasswordChanged(
  execution: Execution,
  { value }: Returned,
): ActionResults['change_password'] {
  const reset = lastPasswordReset(value);
  if (reset === undefined) return { changed: Boolean(value) };
  const time =
    typeof reset === 'string' || typeof reset === 'number' ? new Date(reset) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) {
    const message =
      'last_password_reset is not a time. Return a Date, its ISO 8601 text, or milliseconds since 1970.';
    throw execution.error('invalid_profile', 'change_password', {
      detail: message,
      issues: [{ path: 'last_password_reset', code: 'last_password_reset_malformed', message }],
    });
  }
  return { changed: true, last_password_reset: time.toISOString() };
}

function lastPasswordReset(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as { last_password_reset?: unknown }).last_password_reset ?? undefined;
}
