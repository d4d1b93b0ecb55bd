import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { ScriptEndpoint } from '../endpoints/script-endpoint.ts';
import { Execution } from '../schemas.ts';
import { pathParameters } from './path-parameters.ts';
import { problemResponses } from './problem-responses.ts';
import { content, type Json, type Schemas } from './schemas.ts';

/** Codes that any script endpoint can answer, beyond those of any endpoint. */
const ofScripts: readonly ErrorCode[] = [
  'access_denied',
  'script_not_found',
  'script_rejected',
  'script_invalid',
  'script_error',
  'script_no_callback',
  'script_out_of_memory',
  'result_too_large',
  'connection_quarantined',
  'sandbox_crashed',
  'script_timeout',
];

const idempotencyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key and body within 24 h returns the first answer and runs nothing.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const executionHeaders = {
  'X-Execution-Id': { schema: { type: 'string' } },
  'Server-Timing': { description: 'queue, sandbox, script, upstream', schema: { type: 'string' } },
};

export function scriptOperation(endpoint: ScriptEndpoint, schemas: Schemas): Json {
  const { operationId, path, summary, description, body, status, answer, idempotent } = endpoint;
  const success = {
    description: status === 204 ? 'Done' : summary,
    headers: executionHeaders,
    ...(answer ? content(schemas.output(z.object({ ...answer, execution: Execution }))) : {}),
  };
  return {
    operationId,
    tags: ['scripts'],
    summary,
    ...(description ? { description } : {}),
    parameters: [...pathParameters(path), ...(idempotent ? [idempotencyParameter] : [])],
    requestBody: { required: true, ...content(schemas.input(body)) },
    responses: {
      [status]: success,
      ...problemResponses({ path, body, errors: [...ofScripts, ...endpoint.errors] }, schemas),
    },
  };
}
