import type { Patch } from './patch.ts';

const file = /\/bson\/lib\/(?:bson\/)?bson\.c?js$/;

/**
 * bson writes documents into a buffer of 17 MB, the largest document there may be, that it makes when it is loaded.
 * Every context of an isolate would have one, and few of them fit an isolate's memory. Patched, the buffer begins
 * small and grows: what does not fit shows by an index at its end, because writes past the end do nothing or throw.
 */
export const growingBuffer: Patch[] = [
  { file, find: /MAXSIZE = 1024 \* 1024 \* 17;/g, replace: 'MAXSIZE = 64 * 1024;' },
  {
    file,
    find: /(?:const|var) serializationIndex = ((?:\(0, serializer_1\.serializeInto\)|serializeInto|serializer)\(\s*buffer,[^;]*\));/g,
    replace: `let serializationIndex;
for (const largest = 1024 * 1024 * 17; ; buffer = Buffer.alloc(Math.min(largest, buffer.length * 16))) {
  try {
    serializationIndex = $1;
  } catch (error) {
    if (!(error instanceof RangeError) || buffer.length >= largest) throw error;
    continue;
  }
  if (serializationIndex + 4 < buffer.length || buffer.length >= largest) break;
}`,
  },
];
