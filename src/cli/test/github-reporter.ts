import { appendFileSync } from 'node:fs';
import { failureText, titleOf } from './failure-text.ts';
import type { CaseReport, Reporter, SuiteReport, Write } from './report.ts';

/** GitHub's workflow commands: a mark on the line of each failing case, and a summary of the step. */
export function createGithubReporter(write: Write, env: NodeJS.ProcessEnv): Reporter {
  const summarise = (text: string) => {
    if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, text);
  };
  return {
    end(report) {
      for (const each of report.cases.filter(({ status }) => status === 'failed')) {
        write(error(each, titleOf(each), failureText(each)));
      }
      summarise(markdown(report));
    },
    mistakes(mistakes) {
      for (const mistake of mistakes) {
        write(
          error(
            mistake,
            'Mistake in a fixture file',
            [mistake.path, mistake.message].filter(Boolean).join(': '),
          ),
        );
      }
      summarise(`### drawbridge test\n\nNothing was run: ${mistakes.length} mistakes in the fixture files\n`);
    },
  };
}

function error(
  { file, line, column }: Pick<CaseReport, 'file' | 'line' | 'column'>,
  title: string,
  text: string,
) {
  const where = `file=${property(file)},line=${line},col=${column},title=${property(title)}`;
  return `::error ${where}::${data(text)}\n`;
}

const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

function markdown({ passed, failed, skipped, notRun, durationMs, cases }: SuiteReport): string {
  const rows = cases
    .filter(({ status }) => status === 'failed')
    .map(
      (each) =>
        `| ${cell(titleOf(each))} | ${cell(`${each.file}:${each.line}`)} | ${cell(each.failures[0]?.message ?? '')} |`,
    );
  const table =
    rows.length === 0 ? '' : `\n| case | where | reason |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  const more = `${skipped > 0 ? `, ${skipped} skipped` : ''}${notRun > 0 ? `, ${notRun} not run` : ''}`;
  return `### drawbridge test\n\n${failed} failed, ${passed} passed${more} (${(durationMs / 1000).toFixed(2)} s)\n${table}`;
}

const cell = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('\n', ' ');
