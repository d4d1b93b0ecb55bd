import type { Timings } from '../sandbox/contract/outcome.ts';

/**
 * The one table of error codes. `status` and `title` go on the wire as they stand here; `retryable` says
 * whether the same call may succeed when it is made again unchanged. docs/errors.md has one row per code.
 */
export const errorTable = {
  invalid_request: { status: 400, title: 'The request is not valid', retryable: false },
  unauthorized: { status: 401, title: 'No valid API key was given', retryable: false },
  wrong_username_or_password: { status: 401, title: 'Wrong username or password', retryable: false },
  forbidden: { status: 403, title: 'The API key does not allow this', retryable: false },
  access_denied: { status: 403, title: 'The script denied access', retryable: false },
  not_found: { status: 404, title: 'There is nothing at this path', retryable: false },
  connection_not_found: { status: 404, title: 'No such connection', retryable: false },
  script_not_found: { status: 404, title: 'The connection has no such script', retryable: false },
  recording_not_found: { status: 404, title: 'There is no recording of this execution', retryable: false },
  user_handle_not_found: {
    status: 404,
    title: 'The connection has no such user handle',
    retryable: false,
  },
  method_not_allowed: { status: 405, title: 'The path does not take this method', retryable: false },
  context_object_disabled: { status: 409, title: 'The script takes no context object', retryable: false },
  user_exists: { status: 409, title: 'The user exists already', retryable: false },
  user_handle_taken: { status: 409, title: 'The user handle is taken', retryable: false },
  user_handles_off: { status: 409, title: 'User handles are not kept', retryable: false },
  idempotency_key_reused: { status: 409, title: 'The idempotency key was used before', retryable: false },
  payload_too_large: { status: 413, title: 'The request body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'The request body is not JSON', retryable: false },
  script_rejected: { status: 422, title: 'The script refused the input', retryable: false },
  script_invalid: { status: 422, title: 'The script cannot be loaded', retryable: false },
  too_many_attempts: { status: 429, title: 'Too many logins have failed', retryable: true },
  internal_error: { status: 500, title: 'Drawbridge failed', retryable: true },
  invalid_profile: {
    status: 502,
    title: 'The script returned a profile that is not valid',
    retryable: false,
  },
  user_id_mismatch: { status: 502, title: 'The script returned another user', retryable: false },
  identifier_mismatch: { status: 502, title: 'The script returned another user', retryable: false },
  script_error: { status: 502, title: 'The script failed', retryable: false },
  script_no_callback: { status: 502, title: 'The script never called its callback', retryable: false },
  script_out_of_memory: { status: 502, title: 'The script ran out of memory', retryable: false },
  result_too_large: { status: 502, title: 'The script returned too much', retryable: false },
  overloaded: { status: 503, title: 'Too much is under way', retryable: true },
  connection_quarantined: { status: 503, title: 'The connection is in quarantine', retryable: true },
  sandbox_crashed: { status: 503, title: 'The sandbox process died', retryable: true },
  script_timeout: { status: 504, title: 'The script took too long', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof errorTable;

/** One thing that is wrong with an input or a profile. `path` is dotted, '' for the whole. */
export interface Issue {
  path: string;
  message: string;
  code: string;
}

/** What problem details carry beside the table's row; see docs/errors.md. Nothing secret may be put here. */
export interface ErrorDetails {
  detail?: string;
  issues?: readonly Issue[];
  connection?: string;
  script?: string;
  executionId?: string;
  /** How long the execution took before it failed, for `Server-Timing`; absent when no script was run. */
  durationMs?: number;
  timings?: Timings;
  /** A script that writes had begun: to run it again might write twice, whatever the code says of trying again. */
  writeBegun?: boolean;
  /** The first argument of the script's own `ValidationError`. */
  scriptCode?: string;
  /** The tenant log's event code: `fp` or `fu` for a refused login. */
  logCode?: string;
  /** The script's own stack: lines of the tenant's script files only. */
  scriptStack?: readonly string[];
  /** Seconds, for `Retry-After`. */
  retryAfterS?: number;
  cause?: unknown;
}

/** An error that the caller may see. Everything else that is thrown becomes `internal_error`, without detail. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.detail ?? errorTable[code].title, { cause: details.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.details = details;
  }
}
