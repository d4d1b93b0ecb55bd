import { z } from 'zod';
import { type Issue, ServiceError } from '../errors.ts';

type ZodIssue = z.core.$ZodIssue;

function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of [...path, undefined]) {
    while (current instanceof z.ZodOptional || current instanceof z.ZodExactOptional) {
      current = current.def.innerType;
    }
    if (!(current instanceof z.ZodObject)) return [];
    if (step === undefined) return Object.keys(current.shape);
    current = current.shape[String(step)];
  }
  return [];
}

const article = (type: string) => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return article(Array.isArray(value) ? 'array' : typeof value);
}

const isNumber = ({ origin }: { origin: string }) => origin === 'number' || origin === 'int';

function describe(issue: ZodIssue, value: unknown): Omit<Issue, 'path'> {
  switch (issue.code) {
    case 'invalid_type': {
      if (value === undefined) return { code: 'required', message: 'is required' };
      const expected = issue.expected === 'record' ? 'object' : issue.expected;
      return { code: 'wrong_type', message: `must be ${article(expected)}, is ${kindOf(value)}` };
    }
    case 'invalid_value':
      return { code: 'invalid_value', message: `must be one of ${issue.values.map(String).join(', ')}` };
    case 'too_small':
      if (isNumber(issue)) return { code: 'invalid_value', message: `must be ${issue.minimum} at least` };
      return {
        code: 'too_short',
        message: issue.minimum === 1 ? 'must not be empty' : `must have ${issue.minimum} characters at least`,
      };
    case 'too_big':
      if (isNumber(issue)) return { code: 'invalid_value', message: `must be ${issue.maximum} at most` };
      return { code: 'too_long', message: `must have ${issue.maximum} characters at most` };
    default:
      return { code: 'invalid_value', message: issue.message };
  }
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** Fields by path, never their values: a body holds passwords. */
export function issuesOf(error: z.ZodError, schema: z.ZodType, value: unknown): Issue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const allowed = fieldsAt(schema, issue.path).join(', ');
      return issue.keys.map((key) => ({
        path: [...issue.path, key].join('.'),
        message: `is not a known field; allowed here: ${allowed}`,
        code: 'unknown_field',
      }));
    }
    return [{ path: issue.path.join('.'), ...describe(issue, valueAt(value, issue.path)) }];
  });
}

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
