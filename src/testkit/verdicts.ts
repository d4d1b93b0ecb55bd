import { misspelt } from '../../sandbox/contract/nearest-module.ts';
import { type ErrorCode, errorTable } from '../errors.ts';
import { describeAnswer, isNotFound } from './describe-answer.ts';
import { findMismatches } from './match-partially.ts';
import type { RunResult } from './run-result.ts';
import { TestkitError } from './testkit-error.ts';

/**
 * Whether an answer is as expected. `unfit`: neither the expectation nor its opposite holds. An outage is neither
 * "found" nor "not found", and a test of the one must not pass because of it.
 */
export interface Verdict {
  kind: 'holds' | 'fails' | 'unfit';
  /** What came instead; of `holds`, what came, for whoever expected the opposite. */
  message: string;
  actual?: unknown;
  expected?: unknown;
}

export function judgeFound(received: unknown): Verdict {
  return judgeLookup('Expected get_user to find a user.', received, true);
}

export function judgeNotFound(received: unknown): Verdict {
  return judgeLookup('Expected get_user to find nobody.', received, false);
}

function judgeLookup(expectation: string, received: unknown, expected: boolean): Verdict {
  const answer = answerOf(received);
  const message = `${expectation}\n${describeAnswer(answer)}`;
  const found = answer.ok ? (answer.result as { found?: unknown }).found : undefined;
  if (typeof found !== 'boolean') {
    const hint = answer.ok ? '\nNext: only get_user answers "found"; see toReturnProfile.' : '';
    return { kind: 'unfit', message: message + hint };
  }
  return { kind: found === expected ? 'holds' : 'fails', message };
}

/** Of login, get_user, create and signup: whether the profile has what `pattern` has. */
export function judgeProfile(received: unknown, pattern: unknown): Verdict {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new TestkitError('invalid_expectation', 'The profile to expect must be an object of fields');
  }
  const answer = answerOf(received);
  const user = answer.ok ? (answer.result as { user?: unknown }).user : undefined;
  const described = `Expected the script to return a profile.\n${describeAnswer(answer)}`;
  if (typeof user !== 'object' || user === null) {
    const hasNone = answer.ok && !isNotFound(answer.result);
    const hint = '\nNext: only login, get_user, create and signup answer with a profile.';
    return { kind: 'unfit', message: described + (hasNone ? hint : '') };
  }
  const mismatches = findMismatches(user, pattern);
  if (mismatches.length === 0)
    return { kind: 'holds', message: `Expected another profile.\n${describeAnswer(answer)}` };
  const lines = mismatches.map((mismatch) => `  - ${mismatch}`).join('\n');
  const message = `Expected another profile:\n${lines}\n${describeAnswer(answer)}`;
  return { kind: 'fails', message, actual: user, expected: pattern };
}

/** Whether the run failed with this code of docs/errors.md, and a message that has `pattern` in it. */
export function judgeFailure(received: unknown, code: ErrorCode, pattern?: string | RegExp): Verdict {
  if (!Object.hasOwn(errorTable, code)) {
    const codes = Object.keys(errorTable);
    const nearest = misspelt(String(code).toLowerCase(), codes);
    const hint = nearest === undefined ? `the codes are ${codes.join(', ')}` : `Did you mean "${nearest}"?`;
    throw new TestkitError('invalid_expectation', `There is no error code "${String(code)}". ${hint}`);
  }
  const answer = answerOf(received);
  const message = (rest: string) => `Expected the run ${rest}.\n${describeAnswer(answer)}`;
  if (answer.ok || answer.code !== code) return { kind: 'fails', message: message(`to fail with ${code}`) };
  if (pattern === undefined || fits(answer.message, pattern))
    return { kind: 'holds', message: message(`not to fail with ${code}`) };
  const what = typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
  return { kind: 'fails', message: message(`to fail with ${what} in its message`) };
}

function fits(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0;
}

function answerOf(received: unknown): RunResult<unknown> {
  const isAnswer =
    typeof received === 'object' && received !== null && 'ok' in received && 'console' in received;
  if (isAnswer) return received as RunResult<unknown>;
  const what = received instanceof Promise ? 'a promise of one: await it' : `${typeof received}`;
  throw new TestkitError(
    'invalid_expectation',
    `Expected what run, signup or runScript answered; this is ${what}`,
  );
}
