import { expect, test } from 'vitest';
import { positionOfJsonFault } from '../../src/http/json-position.ts';

test.each([
  ['', 1, 1],
  ['{', 1, 2],
  ['abc', 1, 1],
  ['{"a":x}', 1, 6],
  ['{"a":1,}', 1, 8],
  ['[1,]', 1, 4],
  ['[1 2]', 1, 4],
  ['{"a" 1}', 1, 6],
  ['{"a":1}}', 1, 8],
  ['{"a":01}', 1, 6],
  ['{"a":+1}', 1, 6],
  ['{"a":"\n"}', 1, 7],
  ['{"a":"\\q"}', 1, 7],
  ['[1}', 1, 3],
  ['{1:2}', 1, 2],
  ["{'a':1}", 1, 2],
  ['\n\n {"b":}', 3, 7],
  [`"${'x'.repeat(1_000_000)}`, 1, 1_000_002],
])('%.20j stops being JSON at %d:%d', (text, line, column) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(positionOfJsonFault(text)).toEqual({ line, column });
});
