import type { CaseFailure } from '../../fixtures/case-failure.ts';
import type { CaseReport } from './report.ts';

/** `acme › get_user › finds a user` */
export function titleOf({ connection, script, name }: CaseReport): string {
  return printable(`${connection} › ${script} › ${name}`);
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
