import type { CaseFailure } from '../../fixtures/case-failure.ts';
import type { CaseReport } from './report.ts';

/** `get_user › finds a user` */
export function titleOf({ connection, script, name }: CaseReport): string {
  return `${connection} › ${script} › ${name}`;
}

/** A failure as lines of plain text. */
export function failureLines({ message, details, advice }: CaseFailure): string[] {
  const todo =
    advice === undefined ? [] : advice.split('\n').map((line, at) => `${at === 0 ? '→ ' : '    '}${line}`);
  return [message, ...details.flatMap((detail) => detail.split('\n')).map((line) => `  ${line}`), ...todo];
}

export function failureText({ failures }: CaseReport): string {
  return failures.map((failure) => failureLines(failure).join('\n')).join('\n\n');
}
