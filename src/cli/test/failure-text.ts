import type { CaseFailure } from '../../fixtures/case-failure.ts';
import { printable } from '../printable.ts';
import type { CaseReport } from './report.ts';

/** `acme › get_user › finds a user` */
export function titleOf(report: CaseReport): string {
  return onOneLine(`${report.connection} › ${report.script} › ${nameOf(report)}`);
}

/** Without the script, which is shown before it, where the author has written that as well. */
export function nameOf({ script, name }: Pick<CaseReport, 'script' | 'name'>): string {
  const [, rest] = /^(?:\s|:|›|-)+(.+)$/.exec(name.startsWith(script) ? name.slice(script.length) : '') ?? [];
  return rest ?? name;
}

/** A line that a name begins may be a command to whoever reads the output, such as `::error::`. */
export function onOneLine(text: string): string {
  return printable(text).replace(/\s*\n\s*/g, ' ');
}

/** A failure as lines of plain text. */
export function failureLines({ message, details, advice }: CaseFailure): string[] {
  const todo =
    advice === undefined ? [] : advice.split('\n').map((line, at) => `${at === 0 ? '→ ' : '    '}${line}`);
  const lines = [
    message,
    ...details.flatMap((detail) => detail.split('\n')).map((line) => `  ${line}`),
    ...todo,
  ];
  return lines.map(printable);
}

export function failureText({ failures }: CaseReport): string {
  return failures.map((failure) => failureLines(failure).join('\n')).join('\n\n');
}
