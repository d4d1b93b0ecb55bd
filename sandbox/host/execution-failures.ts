import type { ScriptFailure } from '../contract/outcome.ts';
import { ownFrames, placeOf } from './bound-failure.ts';
import type { EntryEnd } from './isolate.ts';

/** Buffers count to the memory limit as the heap does, but V8 tells the script of it by an error (kArrayBufferAllocationFailed). */
export function isBufferLimit({ name, message }: ScriptFailure): boolean {
  return name === 'RangeError' && message === 'Array buffer allocation failed';
}

/** An unhandled rejection was read by isolated-vm; only the tenant's own frames are kept of its stack. */
export function failureOf(end: EntryEnd & { kind: 'uncaught' }, file: string): ScriptFailure {
  const stack = ownFrames(end.stack, file.slice(0, file.lastIndexOf('/') + 1));
  const place = placeOf(stack[0]);
  return { kind: 'Error', name: end.name, message: end.message, stack, ...(place ? { place } : {}) };
}

export const brokeItsRuntime: ScriptFailure = {
  kind: 'Error',
  name: 'Error',
  message: 'The script broke its own runtime',
  stack: [],
};
