import { stringify } from 'yaml';
import { formatMistake } from '../../fixtures/mistake.ts';
import { failureText, titleOf } from './failure-text.ts';
import type { CaseReport, Reporter, Write } from './report.ts';

/** TAP, version 14 (testanything.org). */
export function createTapReporter(write: Write): Reporter {
  write('TAP version 14\n');
  let number = 0;
  return {
    caseDone: (report, _done, total) => {
      if (number === 0) write(`1..${total}\n`);
      write(testPoint(report, ++number));
    },
    end({ cases }) {
      if (cases.length === 0) write('1..0\n');
    },
    mistakes(mistakes) {
      write(`Bail out! ${oneLine(formatMistake(mistakes[0]!))}\n`);
      for (const mistake of mistakes.slice(1)) write(`# ${oneLine(formatMistake(mistake))}\n`);
    },
  };
}

function testPoint(report: CaseReport, number: number): string {
  const { status, reason, file, line, durationMs, failures } = report;
  const title = escaped(titleOf(report));
  switch (status) {
    case 'passed':
      return `ok ${number} - ${title}\n`;
    case 'skipped':
    case 'not_run':
      return `ok ${number} - ${title} # SKIP ${escaped(reason ?? 'not run, after a failing case')}\n`;
    case 'failed': {
      const diagnostics = {
        message: failures[0]?.message,
        severity: 'fail',
        at: `${file}:${line}`,
        duration_ms: durationMs,
        details: failureText(report),
      };
      return `not ok ${number} - ${title}\n  ---\n${stringify(diagnostics).replace(/^(?=.)/gm, '  ')}  ...\n`;
    }
    default:
      return status satisfies never;
  }
}

const oneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ');

/** A bare `#` would begin a directive. */
const escaped = (text: string) => oneLine(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
