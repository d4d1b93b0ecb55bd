import type { ServiceError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Call } from './call.ts';

/** Only what the caller is not told needs a line of its own; the code of the rest is in the access log. */
export function reportError(error: ServiceError, call: Call, logger: Logger): void {
  if (error.code !== 'internal_error') return;
  const { requestId: request, executionId: execution, connection, script } = call;
  logger.error({ err: error.cause ?? error, request, execution, connection, script }, 'internal error');
}
