import { z } from 'zod';

/**
 * Paths of keys below `value` that the schema does not list. Such keys are kept, for a newer API may know them, but
 * `identifer: {active: true}` should not go unnoticed.
 */
export function findUnknownKeys(schema: unknown, value: unknown, path: readonly string[] = []): string[] {
  const object = unwrap(schema);
  if (!(object instanceof z.ZodObject) || typeof value !== 'object' || value === null) return [];
  const shape = object.shape as Record<string, unknown>;
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    // A password's rules are the auth server's business: their keys are not listed here.
    if (!Object.hasOwn(shape, key)) return Object.keys(shape).length === 0 ? [] : [at.join('.')];
    return findUnknownKeys(shape[key], inner, at);
  });
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap();
  return inner;
}
