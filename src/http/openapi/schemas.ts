import { z } from 'zod';
import { Problem } from '../schemas.ts';

export type Json = Record<string, unknown>;

/** zod puts what has an id under $defs of each schema; OpenAPI has one place for all of them. */
function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const jsonSchema = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    // z.custom() has no JSON Schema; nothing on the wire is made of it.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // An answer may get fields later; a client made from this document must not refuse them.
      if (io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const text = JSON.stringify(jsonSchema, (key, value) => {
    if (typeof value !== 'string') return value;
    if (key === 'id') return undefined;
    return key === '$ref' ? value.replace('#/$defs/', '#/components/schemas/') : value;
  });
  const { $schema: _dialect, $defs = {}, ...rest } = JSON.parse(text);
  for (const [id, inner] of Object.entries($defs)) components[id] ??= inner;
  return rest;
}

/** The schemas of one document: what has an id is in `components`, everything else where it is used. */
export function createSchemas() {
  const components: Json = {};
  const input = (schema: z.ZodType) => jsonSchemaOf(schema, 'input', components);
  const output = (schema: z.ZodType) => jsonSchemaOf(schema, 'output', components);
  /** Of an answer that has an id. */
  const referTo = (of: z.ZodType) => (output(z.object({ of })).properties as { of: Json }).of;
  return { components, input, output, referTo, problem: referTo(Problem) };
}

export type Schemas = ReturnType<typeof createSchemas>;

export const content = (schema: Json, type = 'application/json') => ({ content: { [type]: { schema } } });
