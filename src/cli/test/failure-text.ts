import type { CaseFailure } from '../../fixtures/case-failure.ts';
import type { CaseReport } from './report.ts';

/** `acme › get_user › finds a user` */
export function titleOf(report: CaseReport): string {
  return printable(`${report.connection} › ${report.script} › ${nameOf(report)}`);
}

/** Without the script, which is shown before it, where the author has written that as well. */
export function nameOf({ script, name }: Pick<CaseReport, 'script' | 'name'>): string {
  const [, rest] = /^(?:\s|:|›|-)+(.+)$/.exec(name.startsWith(script) ? name.slice(script.length) : '') ?? [];
  return rest ?? name;
}

/** A script's words, and a fixture's, are not to steer a terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
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
