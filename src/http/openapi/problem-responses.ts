import { type ErrorCode, errorTable } from '../../errors.ts';
import { content, type Json, type Schemas } from './schemas.ts';

/** Codes that any endpoint can answer whose callers need a key. */
const ofAny: readonly ErrorCode[] = ['unauthorized', 'forbidden', 'internal_error', 'overloaded'];

const ofBodies: readonly ErrorCode[] = ['invalid_request', 'payload_too_large', 'unsupported_media_type'];

interface Answering {
  path: string;
  body?: unknown;
  /** Codes of its own. */
  errors?: readonly ErrorCode[];
}

/** The answers that are errors, by status. */
export function problemResponses({ path, body, errors = [] }: Answering, { problem }: Schemas): Json {
  const ofConnections: readonly ErrorCode[] = path.includes('/:connection') ? ['connection_not_found'] : [];
  const codes = [...ofAny, ...(body ? ofBodies : []), ...ofConnections, ...errors];
  const byStatus = Map.groupBy(codes, (code) => errorTable[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      { description: all.join(', '), ...content(problem, 'application/problem+json') },
    ]),
  );
}
