import { expect, test } from 'vitest';
import { isFixtureFile } from '../../../src/cli/test/find-fixtures.ts';
import { readTestOptions, type TestFlags } from '../../../src/cli/test/test-options.ts';

const read = (flags: Partial<TestFlags>, env = {}) => readTestOptions([], { reporter: [], ...flags }, env);

test('takes flags before variables before defaults', () => {
  expect(read({})).toMatchObject({ directory: './tenant', egressAllow: [], concurrency: 8, bail: false });
  const env = { DRAWBRIDGE_DIR: '/a', DRAWBRIDGE_EGRESS_ALLOW: '10.0.0.1:5432' };
  expect(read({}, env)).toMatchObject({ directory: '/a', egressAllow: ['10.0.0.1:5432'] });
  expect(read({ dir: '/b', egressAllow: 'localhost' }, env)).toMatchObject({
    directory: '/b',
    egressAllow: ['localhost'],
  });
});

test.each<[Partial<TestFlags>, string]>([
  [{ name: '(' }, '--name is "("; allowed: a regular expression'],
  [{ concurrency: '0' }, '--concurrency is "0"; allowed: a whole number from 1 to 64'],
  [{ egressAllow: 'a b' }, '--egress-allow is not a list'],
  [{ watch: true, coverage: true }, 'leave --watch away'],
  [{ watch: true, json: true }, '--watch is for people'],
  [{ coverageDir: 'a' }, '--coverage-dir is of use with --coverage alone'],
  [{ coverage: true, coverageReporter: 'lcof' }, '--coverage-reporter has "lcof"; allowed: text,'],
])('refuses %j', (flags, message) => {
  expect(() => read(flags)).toThrow(message);
});

test.each([
  ['acme/acme.fixture.yaml', true],
  ['acme/a.fixture.yml', true],
  ['acme/a.fixture.json', true],
  ['acme/fixtures.yaml', true],
  ['acme/fixtures/login/a.yaml', true],
  ['acme/database.json', false],
  ['acme/fixture.yaml', false],
  ['acme/fixtures/README.md', false],
  ['acme/my-fixtures.yaml', false],
])('takes %s for a fixture file: %s', (path, expected) => {
  expect(isFixtureFile(path)).toBe(expected);
});
