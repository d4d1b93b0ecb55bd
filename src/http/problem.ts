import { type ErrorCode, errorTable, type Issue, ServiceError } from '../errors.ts';
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';

/** RFC 9457 problem details with the extension members of docs/http-api.md. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail?: string;
  instance: string;
  retryable: boolean;
  connection?: string;
  script?: string;
  execution_id?: string;
  issues?: readonly Issue[];
  log_code?: string;
  script_code?: string;
  stack?: readonly string[];
}

/** A reference relative to the service, which answers it with the page (RFC 9457 §3.1.1 allows these). */
function problemType(code: ErrorCode): string {
  return `/docs/errors.md#${code}`;
}

/** Errors of express and its router for requests that never reach a route: a path that cannot be decoded. */
function isClientError(error: unknown): boolean {
  return error instanceof Error && (error as Error & { status?: unknown }).status === 400;
}

/** What the caller may know of anything thrown: all of a ServiceError, nothing of the rest. */
export function serviceErrorFrom(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isClientError(error))
    return new ServiceError('invalid_request', { detail: 'The path cannot be decoded' });
  return new ServiceError('internal_error', { cause: error });
}

function challenge(error: ServiceError, withKey: boolean): string {
  if (error.code === 'forbidden') return 'Bearer realm="drawbridge", error="insufficient_scope"';
  return `Bearer realm="drawbridge"${withKey ? ', error="invalid_token"' : ''}`;
}

/** `path` is the request's, without its query. `withKey`: the request carried an Authorization header. */
export function problemAnswer(
  error: ServiceError,
  { call, path, withKey }: { call: Call; path: string; withKey: boolean },
): Answer {
  const { status, title, retryable } = errorTable[error.code];
  const { details } = error;
  const connection = details.connection ?? call.connection;
  const script = details.script ?? call.script;
  const executionId = details.executionId ?? call.executionId;
  const problem: ProblemDetails = {
    type: problemType(error.code),
    title,
    status,
    code: error.code,
    ...(details.detail !== undefined ? { detail: details.detail } : {}),
    instance: path,
    retryable,
    ...(connection !== undefined ? { connection } : {}),
    ...(script !== undefined ? { script } : {}),
    ...(executionId !== undefined ? { execution_id: executionId } : {}),
    ...(details.issues ? { issues: details.issues } : {}),
    ...(details.logCode !== undefined ? { log_code: details.logCode } : {}),
    ...(details.scriptCode !== undefined ? { script_code: details.scriptCode } : {}),
    ...(details.scriptStack ? { stack: details.scriptStack } : {}),
  };
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json; charset=utf-8' };
  if (error.code === 'unauthorized' || error.code === 'forbidden') {
    headers['WWW-Authenticate'] = challenge(error, withKey);
  }
  if (details.retryAfterS !== undefined || error.code === 'overloaded') {
    headers['Retry-After'] = String(Math.max(1, Math.ceil(details.retryAfterS ?? 1)));
  }
  return { status, headers, body: JSON.stringify(problem) };
}
