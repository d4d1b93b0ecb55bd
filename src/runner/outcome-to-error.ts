import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Outcome, ScriptFailure } from '../../sandbox/contract/outcome.ts';
import type { Connection } from '../connections/connection.ts';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { Mask } from '../masking/mask-secrets.ts';

/** How an execution can end other than with a result. */
export type FailedOutcome = Exclude<Outcome, { kind: 'returned' }>;

export interface FailureScope {
  connection: Connection;
  action: ActionName;
  mask: Mask;
  /** The wall-clock limit as configured; an outcome names what was left of it when the script began. */
  wallMs: number;
}

interface CodeAndDetails {
  code: ErrorCode;
  details: ErrorDetails;
}

/** A message longer than this is a dump; a stack longer than this is a recursion. */
const MESSAGE_MAX = 4000;
const STACK_LINES_MAX = 30;

/** What an outcome means to the caller: one row of docs/errors.md each. */
export function outcomeToError(outcome: FailedOutcome, scope: FailureScope): CodeAndDetails {
  const { action } = scope;
  switch (outcome.kind) {
    case 'rejected':
      return rejected(outcome.failure, scope);
    case 'uncaught':
      // An error class means what its page says only when the script hands it to its callback or throws it there.
      return scriptError(outcome.failure, scope);
    case 'invalid':
      return { code: 'script_invalid', details: described(outcome.failure, scope) };
    case 'no_callback':
      return because(
        'script_no_callback',
        `${action} and everything it started came to rest, and its callback was never called. Call callback(…) on every path, the failing ones included, and give every client back to its pool: who waits for one that is not given back is not called.`,
      );
    case 'timeout':
      return because(
        'script_timeout',
        outcome.limit === 'wall'
          ? `${action} ran longer than ${seconds(scope.wallMs)}`
          : `${action} used more than ${seconds(outcome.limitMs)} of CPU time`,
      );
    case 'out_of_memory':
      return because('script_out_of_memory', `${action} needed more than ${outcome.limitMb} MB`);
    case 'result_too_large':
      return because(
        'result_too_large',
        `${action} returned ${outcome.bytes} bytes or more; the limit is ${outcome.limitBytes}. Return the fields that applications need, not the whole record.`,
      );
    case 'crashed':
      return because(
        'sandbox_crashed',
        `The process that ran ${action} died under it; another has taken its place`,
      );
    case 'overloaded':
      return {
        code: 'overloaded',
        details: {
          detail: `${action} was not started${outcome.reason === undefined ? '' : `: ${outcome.reason}`}`,
          retryAfterS: outcome.retryAfterS,
        },
      };
    case 'quarantined':
      return {
        code: 'connection_quarantined',
        details: {
          detail: `${action} was not started: the connection is set aside, because ${outcome.reason}. It is tried again in ${outcome.retryAfterS} s, and as soon as its files change.`,
          retryAfterS: outcome.retryAfterS,
        },
      };
    default:
      return outcome satisfies never;
  }
}

function rejected(failure: ScriptFailure, scope: FailureScope): CodeAndDetails {
  switch (failure.kind) {
    case 'WrongUsernameOrPasswordError':
      return {
        code: 'wrong_username_or_password',
        details: { ...said(failure, scope), logCode: failure.userKnown ? 'fp' : 'fu' },
      };
    case 'ValidationError': {
      const code = failure.code === 'user_exists' ? 'user_exists' : 'script_rejected';
      const scriptCode = failure.code === undefined ? {} : { scriptCode: cut(scope.mask(failure.code)) };
      return { code, details: { ...said(failure, scope), ...scriptCode } };
    }
    case 'UnauthorizedError':
      return { code: 'access_denied', details: said(failure, scope) };
    case 'Error':
      return scriptError(failure, scope);
    default:
      return failure.kind satisfies never;
  }
}

function scriptError(failure: ScriptFailure, scope: FailureScope): CodeAndDetails {
  return { code: 'script_error', details: described(failure, scope) };
}

/** A message that the script means for its caller. Without one, the table's title has to do. */
function said(failure: ScriptFailure, { mask }: FailureScope): ErrorDetails {
  return failure.message === '' ? {} : { detail: cut(mask(failure.message)) };
}

/** A failure that the script's author has to look into: with the class of the error and the lines. */
function described(failure: ScriptFailure, scope: FailureScope): ErrorDetails {
  const plain = failure.name === 'Error' || failure.name === '';
  const text = [plain ? '' : failure.name, failure.message].filter((part) => part !== '').join(': ');
  const { place } = failure;
  const at = place ? [`at ${place.file}:${place.line}:${place.column}`] : [];
  const stack = tenantLines(failure.stack.length > 0 ? failure.stack : at, scope);
  return {
    detail: text === '' ? `${scope.action} failed without a message` : cut(scope.mask(text)),
    ...(stack.length > 0 ? { scriptStack: stack } : {}),
  };
}

/** Only lines that name a script of this connection or a helper file: the rest of a stack is nobody's business outside. */
function tenantLines(stack: readonly string[], { connection, mask }: FailureScope): string[] {
  const files = Object.values(connection.scripts).flatMap(({ file, helpers = [] }) => [
    file,
    ...helpers.map((helper) => helper.file),
  ]);
  const masked = stack.flatMap((line) => {
    const file = files.find((each) => line.includes(`${each}:`));
    // The name of the file is no secret: `login.js` is where it says, though the password be "login".
    return file === undefined ? [] : [cut(line.split(file).map(mask).join(file))];
  });
  return masked.slice(0, STACK_LINES_MAX);
}

function because(code: ErrorCode, detail: string): CodeAndDetails {
  return { code, details: { detail } };
}

function seconds(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

function cut(text: string): string {
  return text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX)}…` : text;
}
