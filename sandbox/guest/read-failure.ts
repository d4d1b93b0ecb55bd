import type { ScriptFailure } from '../contract/outcome.ts';
import { UnauthorizedError, ValidationError, WrongUsernameOrPasswordError } from './error-classes.ts';

/**
 * Errors are read here, inside the isolate, where a hostile getter runs under the script's own limits, and cross
 * as strings.
 */

const MAX_TEXT = 4096;
const MAX_FRAMES = 20;

let tenantFiles = '';

/** Frames are kept when they are of the connection's own files: `acme/login.js:3:9`. */
export function setTenantFiles(connection: string): void {
  tenantFiles = `${connection}/`;
}

export function readFailure(thrown: unknown): ScriptFailure {
  const fields = fieldsOf(thrown);
  const stack = framesOf(fields.stack);
  const place = placeOf(stack[0]);
  const kind = kindOf(thrown);
  return {
    kind,
    name: text(fields.name) || 'Error',
    message:
      kind === 'Error' ? withCause(messageOf(thrown, fields), fields.cause) : messageOf(thrown, fields),
    ...(typeof fields.code === 'string' ? { code: text(fields.code) } : {}),
    ...(kind === 'WrongUsernameOrPasswordError' ? { userKnown: Boolean(fields.userKnown) } : {}),
    stack,
    ...(place ? { place } : {}),
  };
}

/** What a script hands to its callback. A driver's error or a text has no line of the script: that of the call, then. */
export function readPassedFailure(passed: unknown): ScriptFailure {
  const failure = readFailure(passed);
  if (failure.stack.length > 0) return failure;
  const stack = framesOf(fieldsOf(new Error()).stack);
  const place = placeOf(stack[0]);
  return { ...failure, stack, ...(place ? { place } : {}) };
}

type Fields = Partial<
  Record<'name' | 'message' | 'code' | 'stack' | 'userKnown' | 'cause' | 'errors', unknown>
>;

function fieldsOf(thrown: unknown): Fields {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return {};
  const read = (key: string): unknown => {
    try {
      return (thrown as Record<string, unknown>)[key];
    } catch {
      return undefined;
    }
  };
  return {
    name: read('name'),
    message: read('message'),
    code: read('code'),
    stack: read('stack'),
    userKnown: read('identifier'),
    cause: read('cause'),
    errors: read('errors'),
  };
}

function kindOf(thrown: unknown): ScriptFailure['kind'] {
  try {
    if (thrown instanceof WrongUsernameOrPasswordError) return 'WrongUsernameOrPasswordError';
    if (thrown instanceof ValidationError) return 'ValidationError';
    if (thrown instanceof UnauthorizedError) return 'UnauthorizedError';
  } catch {
    // A Proxy whose getPrototypeOf throws.
  }
  return 'Error';
}

const MAX_CAUSES = 3;

/** `fetch failed` says nothing without its cause, nor does a driver that has tried several addresses. */
function withCause(message: string, cause: unknown): string {
  let whole = message;
  let next = cause;
  try {
    for (let depth = 0; depth < MAX_CAUSES && next instanceof Error; depth++) {
      const { message: said, cause: below, errors } = fieldsOf(next);
      const first = Array.isArray(errors) ? errors[0] : undefined;
      if (typeof said === 'string' && said !== '' && !whole.includes(said)) whole += `: ${said}`;
      next = below ?? first;
    }
  } catch {
    // A cause that cannot be read, a Proxy for one, must not lose the failure itself.
  }
  return text(whole);
}

/** mongodb 3 puts stacks into messages; what they tell of is inside this runtime and its libraries. */
function withoutFrames(message: string): string {
  if (!message.includes('\n    at ')) return message;
  const isFrame = (line: string) => line.startsWith('    at ') && !line.includes(tenantFiles);
  return message
    .split('\n')
    .filter((line) => !isFrame(line))
    .join('\n');
}

function messageOf(thrown: unknown, fields: Fields): string {
  if (typeof fields.message === 'string') return withoutFrames(text(fields.message));
  if (typeof thrown === 'string') return text(thrown);
  try {
    return text(typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown));
  } catch {
    return 'The script failed with a value that cannot be read';
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
}

function framesOf(stack: unknown): string[] {
  if (typeof stack !== 'string' || tenantFiles === '') return [];
  return stack
    .slice(0, 16 * MAX_TEXT)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at ') && line.includes(tenantFiles))
    .slice(0, MAX_FRAMES);
}

function placeOf(frame: string | undefined): ScriptFailure['place'] | undefined {
  const match = frame && /\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(frame);
  return match?.[1] ? { file: match[1], line: Number(match[2]), column: Number(match[3]) } : undefined;
}
