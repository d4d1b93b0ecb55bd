import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMParser } from '@xmldom/xmldom';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isDocument, wantedReporters } from '../../../src/cli/test/create-reporters.ts';
import { nameOf } from '../../../src/cli/test/failure-text.ts';
import { createGithubReporter } from '../../../src/cli/test/github-reporter.ts';
import { createJsonReporter } from '../../../src/cli/test/json-reporter.ts';
import { createJunitReporter } from '../../../src/cli/test/junit-reporter.ts';
import { createReadableReporter } from '../../../src/cli/test/readable-reporter.ts';
import { type CaseReport, type Reporter, summed, type Write } from '../../../src/cli/test/report.ts';
import { createTapReporter } from '../../../src/cli/test/tap-reporter.ts';

const base: CaseReport = {
  name: 'finds <jane> & "co" # 1',
  connection: 'acme',
  script: 'get_user',
  file: 'tenant/a,b.fixture.yaml',
  line: 3,
  column: 5,
  status: 'passed',
  durationMs: 12.3,
  failures: [],
  calls: [],
};
const cases: CaseReport[] = [
  base,
  {
    ...base,
    name: 'fails',
    line: 9,
    status: 'failed',
    failures: [
      {
        kind: 'outcome',
        message: 'expected a user: 100% <of> it',
        details: ['expected  found: true', 'received  \u0000\u001b]]>'],
        advice: 'do this\nor that',
      },
    ],
  },
  { ...base, name: 'waits', status: 'skipped', reason: 'for the store' },
];
const report = summed(cases, 1234);
const mistake = { file: 'a.yaml', line: 2, column: 3, path: 'cases[0].x', message: 'unknown field' };

function written(create: (write: Write) => Reporter, say: (reporter: Reporter) => void = tellAll): string {
  let text = '';
  say(
    create((more) => {
      text += more;
    }),
  );
  return text;
}

function tellAll(reporter: Reporter): void {
  for (const [index, each] of cases.entries()) reporter.caseDone?.(each, index + 1, cases.length);
  reporter.end(report);
}

const tellMistake = (reporter: Reporter) => reporter.mistakes([mistake]);

test('readable names each case, repeats those that fail with what to do, and counts', () => {
  const text = written((write) => createReadableReporter({ write, colours: false, live: false }));
  expect(text).toContain('  ✓ get_user finds <jane> & "co" # 1  12 ms');
  expect(text).toContain('  - get_user waits  skipped: for the store');
  expect(text).toContain('FAIL acme › get_user › fails\n     tenant/a,b.fixture.yaml:9\n');
  expect(text).toContain('  → do this\n      or that');
  expect(text).toContain('1 failed, 1 passed, 1 skipped (1 file, 1.23 s)');
  // Neither of its own nor out of a script's words.
  expect(text).not.toContain('\x1b');
});

test('readable colours where it may, and shows how far it is on a terminal', () => {
  const text = written((write) => createReadableReporter({ write, colours: true, live: true }));
  expect(text).toContain('\x1b[31m');
  expect(text).toContain('1 of 3');
});

test('json is the whole report', () => {
  expect(JSON.parse(written(createJsonReporter))).toMatchObject({
    ok: false,
    passed: 1,
    failed: 1,
    skipped: 1,
    mistakes: [],
  });
  expect(JSON.parse(written(createJsonReporter, tellMistake))).toMatchObject({
    ok: false,
    cases: [],
    mistakes: [mistake],
  });
});

describe('junit', () => {
  const document = (text: string) =>
    new DOMParser({
      onError(level, message) {
        if (level !== 'warning') throw new Error(message);
      },
    }).parseFromString(text, 'text/xml');

  test('is XML in which everything is escaped', () => {
    const root = document(written(createJunitReporter)).documentElement!;
    expect(root.getAttribute('tests')).toBe('3');
    const [passed, failed, skipped] = [...root.getElementsByTagName('testcase')];
    expect(passed!.getAttribute('name')).toBe(base.name);
    expect(passed!.getAttribute('classname')).toBe('acme.get_user');
    const failure = failed!.getElementsByTagName('failure')[0]!;
    expect(failure.getAttribute('message')).toBe('expected a user: 100% <of> it');
    expect(failure.textContent).toContain('received  \ufffd\ufffd]]>');
    expect(skipped!.getElementsByTagName('skipped')[0]!.getAttribute('message')).toBe('for the store');
  });

  test('has mistakes of fixture files as errors', () => {
    const root = document(written(createJunitReporter, tellMistake)).documentElement!;
    expect(root.getElementsByTagName('error')[0]!.textContent).toContain(
      'a.yaml:2:3: cases[0].x: unknown field',
    );
  });
});

test('tap is version 14, with diagnostics as YAML', () => {
  const text = written(createTapReporter);
  expect(text.split('\n').slice(0, 3)).toEqual([
    'TAP version 14',
    '1..3',
    'ok 1 - acme › get_user › finds <jane> & "co" \\# 1',
  ]);
  expect(text).toContain('ok 3 - acme › get_user › waits # SKIP for the store');
  const [, block = ''] = /not ok 2.*\n {2}---\n([\s\S]*?) {2}\.\.\.\n/.exec(text) ?? [];
  expect(parse(block)).toMatchObject({ at: 'tenant/a,b.fixture.yaml:9', severity: 'fail' });
  expect(written(createTapReporter, tellMistake)).toContain(
    'Bail out! a.yaml:2:3: cases[0].x: unknown field',
  );
});

test('github marks lines and writes the summary of the step', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'drawbridge-github-'));
  try {
    const env = { GITHUB_STEP_SUMMARY: join(directory, 'summary.md') };
    const text = written((write) => createGithubReporter(write, env));
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).toContain(
      '::error file=tenant/a%2Cb.fixture.yaml,line=9,col=5,title=acme › get_user › fails::',
    );
    expect(text).toContain('100%25 <of> it%0A');
    expect(await readFile(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('| acme › get_user › fails |');
    expect(written((write) => createGithubReporter(write, {}), tellMistake)).toContain(
      'file=a.yaml,line=2,col=3',
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

describe('flags', () => {
  test('take several reporters, each but one with a file', () => {
    expect(wantedReporters({ reporter: ['readable', 'junit=a.xml,json=b.json'] })).toEqual([
      { kind: 'readable', file: undefined },
      { kind: 'junit', file: 'a.xml' },
      { kind: 'json', file: 'b.json' },
    ]);
    expect(wantedReporters({ reporter: ['tap'], output: 'a.tap' })).toEqual([{ kind: 'tap', file: 'a.tap' }]);
    expect(wantedReporters({ reporter: [], json: true })).toEqual([{ kind: 'json', file: undefined }]);
  });

  test.each([
    [{ reporter: ['xml'] }, 'allowed: readable, json, junit, tap, github'],
    [{ reporter: ['readable', 'json'] }, 'has the standard output to itself'],
    [{ reporter: ['readable', 'github'], output: 'a' }, '--output is for one reporter'],
    [{ reporter: ['json='] }, 'names no file'],
  ])('refuse %j', (flags, message) => {
    expect(() => wantedReporters(flags)).toThrow(message);
  });
});

test.each([
  ['get_user finds her', 'finds her'],
  ['get_user: finds her', 'finds her'],
  ['get_users', 'get_users'],
  ['get_user', 'get_user'],
])('shows the name %j without the script that is before it', (name, shown) => {
  expect(nameOf({ script: 'get_user', name })).toBe(shown);
});

test('leaves the standard output to a reporter that writes a document', () => {
  expect(isDocument(wantedReporters({ reporter: ['json'] }))).toBe(true);
  expect(isDocument(wantedReporters({ reporter: ['readable', 'json=a.json'] }))).toBe(false);
});
