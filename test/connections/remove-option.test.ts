import { expect, test } from 'vitest';
import { removeOption } from '../../src/connections/remove-option.ts';

const file = (options: string) => `{\n  "name": "acme",\n  "options": {${options}}\n}\n`;
const shadow = '"shadow": { "dir": "./next" }';

test.each([
  ['in the middle', `\n    "a": 1,\n    ${shadow},\n    "b": @@B@@\n  `, '\n    "a": 1,\n    "b": @@B@@\n  '],
  ['at the end', `\n    "a": 1,\n    ${shadow}\n  `, '\n    "a": 1\n  '],
  ['at the beginning', ` ${shadow}, "b": 2 `, ' "b": 2 '],
  ['alone', ` ${shadow} `, '  '],
])('takes a key out %s and leaves the rest as it is', (_, before, after) => {
  expect(removeOption(file(before), 'shadow')).toBe(file(after));
});

test.each([
  ['has no such key', file('"a": 1')],
  ['has no options', '{ "name": "acme" }'],
  ['is no JSON', '{ "options": { '],
])('does nothing to a text that %s', (_, text) => {
  expect(removeOption(text, 'shadow')).toBeUndefined();
});
