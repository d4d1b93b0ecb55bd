import * as z from 'zod';
import type { Answer, AsyncOperation, OperationScope, SyncOperation } from '../operations.ts';

/**
 * The byte strings of one call by name. They cross as one buffer; `parts` in the params lists name and length in
 * order. What is absent was not given, which for a salt or a passphrase is not the same as empty.
 */
export interface Parts {
  get(name: string): Buffer | undefined;
  /** Throws ERR_MISSING_ARGS when the guest did not send it. */
  need(name: string): Buffer;
}

const PartList = z.object({ parts: z.array(z.tuple([z.string(), z.int().nonnegative()])).optional() });

export function syncOperation<Schema extends z.ZodType>(
  schema: Schema,
  run: (params: z.output<Schema>, parts: Parts) => Answer,
): SyncOperation {
  return (params, bytes) => run(parseParams(schema, params), readParts(params, bytes));
}

export function asyncOperation<Schema extends z.ZodType>(
  schema: Schema,
  run: (params: z.output<Schema>, parts: Parts, scope: OperationScope) => Promise<Answer>,
): AsyncOperation {
  return async (params, bytes, scope) => run(parseParams(schema, params), readParts(params, bytes), scope);
}

/** An Error as Node's own modules throw it: `code` is Node's, `type` the class the guest rebuilds it with. */
export function codedError(type: ErrorConstructor, code: string, message: string): Error {
  return Object.assign(new type(message), { code });
}

/** Throws Node's ERR_OUT_OF_RANGE when `value` is above `maximum`. */
export function atMost(name: string, value: number, maximum: number): void {
  if (value <= maximum) return;
  const message = `The value of "${name}" is out of range. It must be <= ${maximum} in an action script. Received ${value}`;
  throw codedError(RangeError, 'ERR_OUT_OF_RANGE', message);
}

function parseParams<Schema extends z.ZodType>(schema: Schema, params: unknown): z.output<Schema> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  // The path alone: a value could be a key.
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw codedError(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument '${path}' is invalid`);
}

function readParts(params: unknown, bytes: Uint8Array | undefined): Parts {
  const { parts = [] } = parseParams(PartList, params);
  const byName = new Map<string, Buffer>();
  let offset = 0;
  for (const [name, length] of parts) {
    if (offset + length > (bytes?.byteLength ?? 0)) break;
    byName.set(name, bytes ? Buffer.from(bytes.buffer, bytes.byteOffset + offset, length) : Buffer.alloc(0));
    offset += length;
  }
  return {
    get: (name) => byName.get(name),
    need(name) {
      const part = byName.get(name);
      if (!part) throw codedError(TypeError, 'ERR_MISSING_ARGS', `The "${name}" argument must be specified`);
      return part;
    },
  };
}
