import { askHost, askHostLater, type Parts, toBytes } from './crypto-bytes.ts';
import { checkCallback, checkInteger, checkString, invalidArgType, nodeError } from './crypto-errors.ts';

const MAX_UINT32 = 2 ** 32 - 1;
const algorithms = ['argon2d', 'argon2i', 'argon2id'];

/** Throws what Node's argon2 throws, in its order. */
function argon2Call(algorithm: unknown, input: unknown) {
  checkString(algorithm, 'algorithm');
  if (!algorithms.includes(algorithm)) {
    const known = algorithms.map((name) => `'${name}'`).join(', ');
    const message = `The argument 'algorithm' must be one of: ${known}. Received '${algorithm}'`;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalidArgType('parameters', 'of type object', input);
  }
  const parameters = input as Record<string, unknown>;
  const { parallelism, tagLength, memory, passes } = parameters;
  const message = bytesOf(parameters, 'message');
  const nonce = bytesOf(parameters, 'nonce');
  checkInteger(nonce.byteLength, 'parameters.nonce.byteLength', 8, MAX_UINT32);
  checkInteger(parallelism, 'parameters.parallelism', 1, 2 ** 24 - 1);
  checkInteger(tagLength, 'parameters.tagLength', 4, MAX_UINT32);
  checkInteger(memory, 'parameters.memory', 8 * parallelism, MAX_UINT32);
  checkInteger(passes, 'parameters.passes', 1, MAX_UINT32);
  const parts: Parts = {
    message,
    nonce,
    secret: parameters.secret === undefined ? undefined : bytesOf(parameters, 'secret'),
    associatedData:
      parameters.associatedData === undefined ? undefined : bytesOf(parameters, 'associatedData'),
  };
  return ['crypto.argon2', { algorithm, parallelism, tagLength, memory, passes }, parts] as const;
}

function bytesOf(parameters: Record<string, unknown>, name: string): Uint8Array {
  return toBytes(parameters[name], `parameters.${name}`);
}

/** The key derivation of RFC 9106, as Node has it since 24.7; up to 64 MiB, 16 lanes. */
export function argon2(algorithm: unknown, parameters: unknown, callback: unknown): void {
  const call = argon2Call(algorithm, parameters);
  checkCallback(callback);
  askHostLater(...call, (error, answer) => (error ? callback(error) : callback(null, answer!.bytes)));
}

/** As the asynchronous one, with fewer passes: it holds the host's thread. */
export function argon2Sync(algorithm: unknown, parameters: unknown): Uint8Array {
  return askHost(...argon2Call(algorithm, parameters)).bytes;
}
