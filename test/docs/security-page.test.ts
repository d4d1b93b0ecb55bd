import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

/** The rows of the tables whose second column says what shows the promise in the first. */
const promises = [...page.matchAll(/^\| promise \| shown by \|\n\|---\|---\|\n((?:\|.*\|\n)+)/gm)]
  .flatMap(([, rows = '']) => rows.trim().split('\n'))
  .map((row) => {
    const [promise = '', shownBy = ''] = row
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return { promise, tests: [...shownBy.matchAll(/`([^`]+)`/g)].map(([, file]) => file as string) };
  });

test('docs/security.md promises something', () => {
  expect(promises.length).toBeGreaterThan(20);
});

test.each(promises)('a test shows: $promise', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0);
  for (const file of tests) {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(file).toMatch(/^test\/.*\.test\.ts$/);
    expect(source).toMatch(/\b(?:test|it|describeFamilies)(?:\.each)?\(/);
  }
});
