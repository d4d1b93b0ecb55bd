import { AssertionError } from 'node:assert';
import type { ErrorCode } from '../errors.ts';
import type { UserProfile } from '../scripts/actions.ts';
import type { RunFailure, RunSuccess } from './run-result.ts';
import { judgeFailure, judgeFound, judgeNotFound, judgeProfile, type Verdict } from './verdicts.ts';

/** For node:test and others without matchers: they throw an AssertionError that says what came instead. */

/** get_user found a user. */
export function assertFound(
  answer: unknown,
): asserts answer is RunSuccess<{ found: true; user: UserProfile }> {
  uphold(judgeFound(answer), assertFound);
}

/** get_user answered that there is no such user, which an error is not. */
export function assertNotFound(answer: unknown): asserts answer is RunSuccess<{ found: false; user: null }> {
  uphold(judgeNotFound(answer), assertNotFound);
}

/** The profile has these fields, and may have others. */
export function assertProfile(
  answer: unknown,
  profile: Readonly<Record<string, unknown>>,
): asserts answer is RunSuccess<{ user: UserProfile }> {
  uphold(judgeProfile(answer, profile), assertProfile);
}

/** The run failed with this code, and `message` is in its message. */
export function assertFailsWith(
  answer: unknown,
  code: ErrorCode,
  message?: string | RegExp,
): asserts answer is RunFailure {
  uphold(judgeFailure(answer, code, message), assertFailsWith);
}

function uphold({ kind, ...failure }: Verdict, caller: (...args: never[]) => void): void {
  if (kind === 'holds') return;
  throw new AssertionError({ ...failure, operator: caller.name, stackStartFn: caller });
}
