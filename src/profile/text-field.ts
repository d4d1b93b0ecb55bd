import { z } from 'zod';
import { valueKind } from './value-kind.ts';

/**
 * A field that is text. `advice` tells the author what to return, as a sentence. zod's own issue kinds become the
 * codes `<field>_type`, `<field>_too_short` and `<field>_too_long`; other rules state their code with `coded`.
 */
export function textField(field: string, advice: string, range?: { min?: number; max?: number }) {
  let schema = z.string({
    error: ({ input }) =>
      input === undefined
        ? `${field} is missing, and this connection requires it. ${advice}`
        : `${field} is ${valueKind(input)}, not a string. ${advice}`,
  });
  const { min, max } = range ?? {};
  if (min !== undefined && min > 0)
    schema = schema.min(min, `${field} is shorter than ${min} characters. ${advice}`);
  if (max !== undefined) schema = schema.max(max, `${field} is longer than ${max} characters. ${advice}`);
  return schema;
}

/** A refinement's message and its stable code. */
export function coded(code: string, message: string): { error: string; params: { code: string } } {
  return { error: message, params: { code } };
}
