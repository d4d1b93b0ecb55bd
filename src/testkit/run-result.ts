import type { ExecutionEvent } from '../../sandbox/contract/messages.ts';
import { type ErrorCode, type Issue, ServiceError } from '../errors.ts';
import type { ActionAnswer } from '../runner/runner.ts';

/** A line that the script wrote to its console. */
export interface ConsoleLine {
  level: ExecutionEvent['level'];
  text: string;
}

export interface RunSuccess<Result> {
  ok: true;
  /** What the auth server would get, without `execution`. */
  result: Result;
  /** Advice for the script's author. */
  warnings: ActionAnswer<Result>['warnings'];
  durationMs: number;
  console: ConsoleLine[];
}

export interface RunFailure {
  ok: false;
  /** One of the codes of docs/errors.md, as `wrong_username_or_password`. */
  code: ErrorCode;
  message: string;
  /** What is wrong with the input or the profile, field by field. */
  issues: readonly Issue[];
  /** The script's own frames, innermost first. */
  stack: readonly string[];
  /** The first argument of the script's `ValidationError`. */
  scriptCode?: string;
  /** `fp` (wrong password) or `fu` (unknown user) for a refused login. */
  logCode?: string;
  console: ConsoleLine[];
}

export type RunResult<Result> = RunSuccess<Result> | RunFailure;

/** Makes an outcome of an answer or of a ServiceError. Any other error is thrown on: it is a fault of the kit. */
export async function toRunResult<Result>(
  answer: Promise<ActionAnswer<Result>>,
  console: ConsoleLine[],
): Promise<RunResult<Result>> {
  try {
    const { result, warnings, execution } = await answer;
    return { ok: true, result, warnings, durationMs: execution.durationMs, console };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { issues = [], scriptStack = [], scriptCode, logCode } = error.details;
    return {
      ok: false,
      code: error.code,
      message: error.message,
      issues,
      stack: scriptStack,
      ...(scriptCode === undefined ? {} : { scriptCode }),
      ...(logCode === undefined ? {} : { logCode }),
      console,
    };
  }
}
