/** Node's own errors: same class, code and wording, since scripts and libraries look at them. */

type ErrorClass = new (message: string) => Error;

export function nodeError(Type: ErrorClass, code: string, message: string): Error & { code: string } {
  return Object.assign(new Type(message), { code });
}

/** "The "data" argument must be …. Received …". */
export function invalidArgType(name: string, expected: string, value: unknown): Error {
  const kind = name.includes('.') ? 'property' : 'argument';
  const message = `The "${name}" ${kind} must be ${expected}. Received ${describe(value)}`;
  return nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

export function outOfRange(name: string, range: string, value: unknown): Error {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${shown(value)}`;
  return nodeError(RangeError, 'ERR_OUT_OF_RANGE', message);
}

export function invalidState(operation: string): Error {
  return nodeError(Error, 'ERR_CRYPTO_INVALID_STATE', `Invalid state for operation ${operation}`);
}

/** A function that exists so that asking for it fails by name and not as `undefined is not a function`. */
export function notAvailable(name: string): () => never {
  return () => {
    const message = `${name} is not available to action scripts`;
    throw nodeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', message);
  };
}

export function checkString(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw invalidArgType(name, 'of type string', value);
}

export type Callback = (error: Error | null, ...results: unknown[]) => void;

export function checkCallback(value: unknown): asserts value is Callback {
  if (typeof value !== 'function') throw invalidArgType('callback', 'of type function', value);
}

/** Throws ERR_INVALID_ARG_TYPE or ERR_OUT_OF_RANGE as Node's validateInteger. */
export function checkInteger(
  value: unknown,
  name: string,
  min: number,
  max: number,
): asserts value is number {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'function ';
  if (typeof value === 'object') {
    const name = value.constructor?.name;
    return name ? `an instance of ${name}` : 'an instance of Object';
  }
  if (typeof value === 'string') {
    const text = value.length > 28 ? `${value.slice(0, 25)}...` : value;
    return `type string ('${text}')`;
  }
  return `type ${typeof value} (${shown(value)})`;
}

/** Node groups the digits of large numbers in these messages. */
function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 32)
    return String(value).replace(/\B(?=(\d{3})+$)/g, '_');
  return String(value);
}
