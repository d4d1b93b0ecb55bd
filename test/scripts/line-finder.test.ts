import { expect, it } from 'vitest';
import { createLineFinder } from '../../src/scripts/line-finder.ts';

it('counts lines as ECMAScript ends them, and columns in UTF-16 units', () => {
  const text = 'a\nbc\r\nd\re\u2028f\u2029\u{1F600}g';
  const placeAt = createLineFinder(text);
  const places = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => placeAt(text.indexOf(letter)));
  expect(places.map(({ line, column }) => `${line}:${column}`)).toEqual([
    '1:1',
    '2:1',
    '2:2',
    '3:1',
    '4:1',
    '5:1',
    '6:3',
  ]);
});
