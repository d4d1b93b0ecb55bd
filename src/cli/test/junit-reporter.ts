import { formatMistake } from '../../fixtures/mistake.ts';
import { failureText } from './failure-text.ts';
import type { CaseReport, Reporter, Write } from './report.ts';

/** JUnit's XML as Jenkins, GitLab and others read it: a suite for each file. */
export function createJunitReporter(write: Write): Reporter {
  return {
    end({ cases, passed, failed, skipped, notRun, durationMs }) {
      const files = [...new Set(cases.map(({ file }) => file))];
      const suites = files.map((file) =>
        suite(
          file,
          cases.filter((each) => each.file === file),
        ),
      );
      const total = passed + failed + skipped + notRun;
      const counts = attributes({
        tests: total,
        failures: failed,
        errors: 0,
        skipped: skipped + notRun,
        time: seconds(durationMs),
      });
      write(document(`<testsuites name="drawbridge"${counts}>\n${suites.join('')}</testsuites>`));
    },
    mistakes(mistakes) {
      const counts = { name: 'drawbridge', tests: mistakes.length, failures: 0, errors: mistakes.length };
      const errors = mistakes.map((mistake) => {
        const names = attributes({ classname: mistake.file, name: mistake.path || mistake.file });
        const message = attributes({ message: mistake.message, type: 'fixture' });
        return `    <testcase${names}>\n      <error${message}>${escaped(formatMistake(mistake))}</error>\n    </testcase>\n`;
      });
      write(
        document(
          `<testsuites${attributes(counts)}>\n  <testsuite${attributes(counts)}>\n${errors.join('')}  </testsuite>\n</testsuites>`,
        ),
      );
    },
  };
}

function suite(file: string, cases: CaseReport[]): string {
  const count = (...statuses: CaseReport['status'][]) =>
    cases.filter(({ status }) => statuses.includes(status)).length;
  const head = attributes({
    name: file,
    tests: cases.length,
    failures: count('failed'),
    errors: 0,
    skipped: count('skipped', 'not_run'),
    time: seconds(cases.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  });
  return `  <testsuite${head}>\n${cases.map(testcase).join('')}  </testsuite>\n`;
}

function testcase(report: CaseReport): string {
  const { name, connection, script, file, line, status, reason, durationMs, failures } = report;
  const head = attributes({
    name,
    classname: `${connection}.${script}`,
    file,
    line,
    time: seconds(durationMs),
  });
  switch (status) {
    case 'passed':
      return `    <testcase${head}/>\n`;
    case 'failed': {
      const message = attributes({ message: failures[0]?.message ?? '', type: failures[0]?.kind ?? '' });
      const body = escaped(`${file}:${line}\n${failureText(report)}`);
      return `    <testcase${head}>\n      <failure${message}>${body}</failure>\n    </testcase>\n`;
    }
    case 'skipped':
    case 'not_run': {
      const message = attributes({ message: reason ?? 'not run, after a failing case' });
      return `    <testcase${head}>\n      <skipped${message}/>\n    </testcase>\n`;
    }
    default:
      return status satisfies never;
  }
}

const document = (root: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;

const seconds = (ms: number) => (ms / 1000).toFixed(3);

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

/** XML 1.0 has no way to write most control characters, nor a surrogate that stands alone. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\r', '&#13;')
  );
}
