import { expect, it } from 'vitest';
import { readFatalLine } from '../../src/pool/read-fatal-line.ts';

it.each([
  [
    'FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory',
    'Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory',
  ],
  ['#\n# Fatal process out of memory: Zone\n#', 'Fatal process out of memory'],
  [
    'node:internal\n\nTypeError [ERR_INVALID_ARG_TYPE]: The "s3cr3t" argument',
    'TypeError ERR_INVALID_ARG_TYPE',
  ],
  ['RangeError: s3cr3t is out of range', 'RangeError'],
  ['s3cr3t: anything else', undefined],
])('takes the words of V8 and Node from %j', (text, expected) => {
  expect(readFatalLine(text)).toBe(expected);
});
