import type { ScriptFailure, SourcePlace } from '../contract/outcome.ts';

/** In UTF-16 units: what the guest keeps of a text by itself, unless the script has replaced String.prototype.slice. */
const MAX_TEXT = 4096;
const MAX_FRAMES = 20;
const MAX_FRAME = 1024;

/** A failure cut to what is worth sending on: a message of a hundred megabytes would hold up both processes. */
export function boundFailure(failure: ScriptFailure): ScriptFailure {
  const { name, message, code, stack, place } = failure;
  return {
    ...failure,
    name: name.slice(0, MAX_TEXT),
    message: message.slice(0, MAX_TEXT),
    ...(code === undefined ? {} : { code: code.slice(0, MAX_TEXT) }),
    stack: stack.slice(0, MAX_FRAMES).map((frame) => frame.slice(0, MAX_FRAME)),
    ...(place ? { place: { ...place, file: place.file.slice(0, MAX_FRAME) } } : {}),
  };
}

/** isolated-vm's own words: what is below in a stack is this process's, and may name a folder like the connection. */
const BOUNDARY = 'at (<isolated-vm boundary>)';

/** The first frames of a stack that are of the given files. Short ones only: a pattern is matched against them. */
export function ownFrames(stack: string, files: string): string[] {
  const [above = ''] = stack.slice(0, 16 * MAX_TEXT).split(BOUNDARY);
  return above
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length <= MAX_FRAME && line.startsWith('at ') && line.includes(files))
    .slice(0, MAX_FRAMES);
}

export function placeOf(frame: string | undefined): SourcePlace | undefined {
  const match = /\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(frame ?? '');
  return match?.[1] ? { file: match[1], line: Number(match[2]), column: Number(match[3]) } : undefined;
}
