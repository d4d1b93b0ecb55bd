import type { Issue } from '../errors.ts';

/**
 * `unknown_action`: there is no action of this name. `invalid_input`: the action does not take this input.
 * `invalid_options`: of loadConnection, runScript, run or signup. `invalid_expectation`: a matcher or an assertion was
 * given something that it cannot judge.
 */
export type TestkitErrorCode = 'unknown_action' | 'invalid_input' | 'invalid_options' | 'invalid_expectation';

/** A mistake in the test itself, as opposed to what the script under test does: that is an answer, never thrown. */
export class TestkitError extends TypeError {
  override readonly name = 'TestkitError';
  readonly code: TestkitErrorCode;
  /** Field by field, where fields are wrong. */
  readonly issues: readonly Issue[];

  constructor(code: TestkitErrorCode, message: string, issues: readonly Issue[] = []) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}
