import type { z } from 'zod';
import { type Issue, ServiceError } from '../errors.ts';
import { issuesOf } from '../scripts/input-issues.ts';

/** A body of a megabyte has room for fifty thousand unknown fields: told of all, its sender gets ten megabytes. */
const MAX_ISSUES = 50;

export function invalidRequest(found: readonly Issue[]): ServiceError {
  const issues = found.slice(0, MAX_ISSUES);
  const more = found.length > MAX_ISSUES ? `; and ${found.length - MAX_ISSUES} more` : '';
  const detail = issues
    .map(({ path, message }) => `${path === '' ? 'The body' : path} ${message}`)
    .join('; ');
  return new ServiceError('invalid_request', { detail: `${detail}${more}`, issues });
}

/** Throws invalid_request, with an issue for each field that is wrong. */
export function validateBody<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidRequest(issuesOf(parsed.error, schema, value));
}
