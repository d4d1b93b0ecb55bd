import type { ResultNote } from '../contract/outcome.ts';

/**
 * A result as JSON text, read here inside the isolate so that getters, Proxies and toJSON run under the script's
 * limits. What JSON cannot carry is noted by its path instead of being dropped in silence.
 */
export interface SerializedResult {
  json: string | undefined;
  notes: ResultNote[];
}

/** Thrown by the serializer when what it has written is too long already. */
export class ResultTooLong {
  readonly length: number;
  constructor(length: number) {
    this.length = length;
  }
}

const MAX_DEPTH = 64;
const MAX_NOTES = 50;
const quote = JSON.stringify;

/** Throws ResultTooLong as soon as there is more text than `maxLength`, and what the result's own code throws. */
export function serializeResult(value: unknown, maxLength: number): SerializedResult {
  const walk: Walk = { notes: [], above: [], written: 0, maxLength };
  const json = write(value, '', walk);
  return { json, notes: walk.notes };
}

interface Walk {
  notes: ResultNote[];
  /** The objects the value is inside of, to see circles. */
  above: object[];
  /** Characters so far, roughly. */
  written: number;
  maxLength: number;
}

/** Undefined when there is nothing to write, as JSON.stringify has it. */
function write(value: unknown, path: string, walk: Walk): string | undefined {
  switch (typeof value) {
    case 'string': {
      const text = quote(value);
      wrote(walk, text.length);
      return text;
    }
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? String(value) : refuse(walk, path, `is ${value}`);
    case 'bigint':
      note(walk, path, 'bigint_to_string', 'is a BigInt; it was made a string');
      return quote(String(value));
    case 'object':
      return value === null ? 'null' : writeObject(value as Record<string, unknown>, path, walk);
    default:
      return refuse(walk, path, `is a ${typeof value}`);
  }
}

function writeObject(value: Record<string, unknown>, path: string, walk: Walk): string {
  if (walk.above.includes(value)) {
    note(walk, path, 'circular', 'refers to an object it is inside of');
    return 'null';
  }
  if (walk.above.length >= MAX_DEPTH) return refuse(walk, path, `is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value.toHexString === 'function') {
    note(walk, path, 'object_id_to_string', 'is an ObjectId; it was made a string');
    return quote(String(value.toHexString()));
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return refuse(walk, path, 'is an invalid Date');
    note(walk, path, 'date_to_string', 'is a Date; it was made an ISO 8601 string');
    return quote(value.toISOString());
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return refuse(walk, path, 'is binary data');
  if (value instanceof Map || value instanceof Set)
    return refuse(walk, path, `is a ${value.constructor.name}`);
  walk.above.push(value);
  try {
    if (typeof value.toJSON === 'function') return write(value.toJSON(), path, walk) ?? 'null';
    return Array.isArray(value) ? writeArray(value, path, walk) : writeFields(value, path, walk);
  } finally {
    walk.above.pop();
  }
}

function writeArray(items: unknown[], path: string, walk: Walk): string {
  const parts: string[] = [];
  for (let index = 0; index < items.length; index++) {
    wrote(walk, 1);
    parts.push(write(items[index], path === '' ? String(index) : `${path}.${index}`, walk) ?? 'null');
  }
  return `[${parts.join(',')}]`;
}

function writeFields(value: Record<string, unknown>, path: string, walk: Walk): string {
  const parts: string[] = [];
  for (const key of Object.keys(value)) {
    const text = write(value[key], path === '' ? key : `${path}.${key}`, walk);
    if (text === undefined) continue;
    wrote(walk, key.length + 4);
    parts.push(`${quote(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

function wrote(walk: Walk, characters: number): void {
  walk.written += characters;
  if (walk.written > walk.maxLength) throw new ResultTooLong(walk.written);
}

function refuse(walk: Walk, path: string, what: string): string {
  note(walk, path, 'not_json', `${what}, which JSON cannot carry`);
  return 'null';
}

function note(walk: Walk, path: string, code: ResultNote['code'], message: string): void {
  if (walk.notes.length < MAX_NOTES) walk.notes.push({ path, code, message });
}
