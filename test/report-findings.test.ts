import { expect, test } from 'vitest';
import type { Problem } from '../src/connections/connection.ts';
import type { Logger } from '../src/log.ts';
import { logChange, problemLine } from '../src/report-findings.ts';

const problem: Problem = {
  connection: 'acme',
  file: 'database-connections/acme/database.json',
  path: 'options.configuration.PORT',
  message: 'must be a string, not a number; put it in quotes',
  keepsLastGood: true,
};
const place = `${problem.file}: ${problem.path}`;

function logged(change: Parameters<typeof logChange>[1]): string[] {
  const lines: string[] = [];
  const write = (level: string) => (_fields: object, message: string) =>
    void lines.push(`${level} ${message}`);
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  logChange(logger, change);
  return lines;
}

test('a problem names file, path and reason, and what is served meanwhile', () => {
  expect(logged({ kind: 'problem', problem })).toEqual([
    `error ${place}: ${problem.message} (the last good version is still served)`,
  ]);
});

test('a problem that is solved is named as it was', () => {
  expect(logged({ kind: 'solved', problem })).toEqual([`info solved: ${place}: ${problem.message}`]);
});

test('a problem of the directory itself names no file', () => {
  const gone = { ...problem, file: '.', path: '', message: 'The directory is gone', keepsLastGood: false };
  expect(problemLine(gone)).toBe('The directory is gone');
});
