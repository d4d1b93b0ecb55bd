import { z } from 'zod';
import type { Issue } from '../errors.ts';

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

/** zod's words for types, where they are not everybody's. */
const plainTypes: Record<string, string> = { record: 'object', int: 'integer' };

const article = (type: string) => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return article(Array.isArray(value) ? 'array' : typeof value);
}

function describe(issue: ZodIssue, value: unknown): Omit<Issue, 'path'> {
  switch (issue.code) {
    case 'invalid_type': {
      if (value === undefined) return { code: 'required', message: 'is required' };
      const expected = plainTypes[issue.expected] ?? issue.expected;
      return { code: 'wrong_type', message: `must be ${article(expected)}, is ${kindOf(value)}` };
    }
    case 'invalid_value':
      return { code: 'invalid_value', message: `must be one of ${issue.values.map(String).join(', ')}` };
    case 'too_small':
      if (issue.origin !== 'string') {
        const least = issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`;
        return { code: 'out_of_range', message: `must be ${least}` };
      }
      return {
        code: 'too_short',
        message: issue.minimum === 1 ? 'must not be empty' : `must have ${issue.minimum} characters at least`,
      };
    case 'too_big':
      if (issue.origin !== 'string')
        return { code: 'out_of_range', message: `must be ${issue.maximum} or less` };
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

/** What zod found, in words. Fields by path, never their values: inputs hold passwords. */
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
