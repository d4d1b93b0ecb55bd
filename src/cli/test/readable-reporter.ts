import { styleText } from 'node:util';
import { formatMistake } from '../../fixtures/mistake.ts';
import { failureLines, nameOf, onOneLine, titleOf } from './failure-text.ts';
import type { CaseReport, Reporter, SuiteReport, Write } from './report.ts';

type Style = Parameters<typeof styleText>[0];

export interface ReadableOptions {
  write: Write;
  /** Whether the output takes colours. */
  colours: boolean;
  /** Whether the last line may be written over. */
  live: boolean;
}

const signs = { passed: '✓', failed: '✗', skipped: '-', not_run: '·' } as const;
const styles: Record<CaseReport['status'], Style> = {
  passed: 'green',
  failed: 'red',
  skipped: 'yellow',
  not_run: 'dim',
};

/** For people: the cases as they end, and at the end those that fail, with what to do. */
export function createReadableReporter({ write, colours, live }: ReadableOptions): Reporter {
  const paint = (style: Style, text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const clearLine = live ? '\r\x1b[2K' : '';
  let file: string | undefined;

  function caseLine(report: CaseReport): string {
    const { status, script, reason, durationMs } = report;
    const sign = paint(styles[status], signs[status]);
    const took =
      status === 'passed' || status === 'failed' ? paint('dim', `  ${Math.round(durationMs)} ms`) : '';
    const why = reason === undefined ? '' : paint('yellow', `  skipped: ${onOneLine(reason)}`);
    const left = status === 'not_run' ? paint('dim', '  not run') : '';
    return `  ${sign} ${paint('dim', script)} ${onOneLine(nameOf(report))}${took}${why}${left}\n`;
  }

  function failed(report: CaseReport): string {
    const head = `${paint(['red', 'bold'], 'FAIL')} ${titleOf(report)}\n${paint('cyan', `     ${report.file}:${report.line}`)}\n`;
    const body = report.failures.map((failure) =>
      failureLines(failure)
        .map((line) => `  ${paintLine(line)}\n`)
        .join(''),
    );
    return `${head}${body.join('\n')}\n`;
  }

  function paintLine(line: string): string {
    if (/^\s+expected {2}/.test(line)) return paint('green', line);
    if (/^\s+received {2}/.test(line)) return paint('red', line);
    if (line.startsWith('→')) return paint('cyan', line);
    return line.startsWith(' ') ? line : paint('bold', line);
  }

  return {
    caseDone(report, done, total) {
      const head = report.file === file ? '' : `${paint('bold', report.file)}\n`;
      file = report.file;
      const progress = live && done < total ? paint('dim', `${done} of ${total}`) : '';
      write(`${clearLine}${head}${caseLine(report)}${progress}`);
    },
    end(report) {
      const failures = report.cases.filter(({ status }) => status === 'failed');
      write(`${clearLine}\n${failures.map(failed).join('')}${summary(report, paint)}\n`);
    },
    mistakes(mistakes) {
      const lines = mistakes.map((mistake) => `  ${formatMistake(mistake)}\n`).join('');
      const files = [...new Set(mistakes.map(({ file }) => file))];
      const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
      const where = files.length === 1 ? files[0] : `${files.length} fixture files`;
      write(`${paint(['red', 'bold'], `Nothing was run: ${count} in ${where}`)}\n${lines}`);
    },
  };
}

function summary(report: SuiteReport, paint: (style: Style, text: string) => string): string {
  const { passed, failed, skipped, notRun, files, durationMs } = report;
  const counts = [
    failed > 0 ? paint(['red', 'bold'], `${failed} failed`) : '',
    paint('green', `${passed} passed`),
    skipped > 0 ? paint('yellow', `${skipped} skipped`) : '',
    notRun > 0 ? paint('dim', `${notRun} not run`) : '',
  ].filter(Boolean);
  const where = files === 1 ? '1 file' : `${files} files`;
  return `${counts.join(', ')} (${where}, ${(durationMs / 1000).toFixed(2)} s)`;
}
