import type { ErrorCode } from '../errors.ts';
import { judgeFailure, judgeFound, judgeNotFound, judgeProfile, type Verdict } from './verdicts.ts';

/** What vitest and jest hand to a matcher, as far as it is used here. */
interface MatcherContext {
  isNot?: boolean;
}

interface MatcherResult {
  pass: boolean;
  message(): string;
  actual?: unknown;
  expected?: unknown;
}

/**
 * For `expect.extend(matchers)` of vitest, jest and others with the same protocol. `.not` says the opposite of what
 * was answered: of a run that failed, `not.toBeFound()` fails too.
 */
export const matchers = {
  /** get_user found a user. */
  toBeFound(this: MatcherContext, received: unknown): MatcherResult {
    return resultOf(judgeFound(received), this.isNot);
  },
  /** get_user answered that there is no such user, which an error is not. */
  toBeNotFound(this: MatcherContext, received: unknown): MatcherResult {
    return resultOf(judgeNotFound(received), this.isNot);
  },
  /** The profile has these fields, and may have others. */
  toReturnProfile(
    this: MatcherContext,
    received: unknown,
    profile: Readonly<Record<string, unknown>>,
  ): MatcherResult {
    return resultOf(judgeProfile(received, profile), this.isNot);
  },
  /** The run failed with this code, and `message` is in its message. */
  toFailWith(
    this: MatcherContext,
    received: unknown,
    code: ErrorCode,
    message?: string | RegExp,
  ): MatcherResult {
    return resultOf(judgeFailure(received, code, message), this.isNot);
  },
};

function resultOf({ kind, message, ...values }: Verdict, isNot = false): MatcherResult {
  // What can be said neither way fails both ways.
  return { pass: kind === 'holds' || (kind === 'unfit' && isNot), message: () => message, ...values };
}
