import type { Connection } from '../../connections/connection.ts';

const FRAME = /\(?([^\s()]+\.[cm]?js):(\d+):(\d+)\)?/;
const AROUND = 1;
const LINE_MAX = 160;

/**
 * Three lines of the source around a stack's innermost place, the middle one marked; undefined where the stack names
 * no file of the connection. The sources have values of the environment in them: mask what is shown.
 */
export function codeFrame(stack: readonly string[], connection: Connection): string | undefined {
  for (const frame of stack) {
    const [, file = '', line = '', column = ''] = FRAME.exec(frame) ?? [];
    const source = sourceOf(connection, file);
    if (source !== undefined) return draw(source.split('\n'), Number(line), Number(column));
  }
  return undefined;
}

function sourceOf({ definition }: Connection, file: string): string | undefined {
  const helpers = definition.helperSets?.flat() ?? [];
  return [...definition.scripts, ...helpers].find((each) => each.file === file)?.source;
}

function draw(lines: readonly string[], line: number, column: number): string {
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const width = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = (lines[number - 1] ?? '').replaceAll('\t', ' ').slice(0, LINE_MAX);
    shown.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`.trimEnd());
    if (number === line && column <= LINE_MAX)
      shown.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`);
  }
  return shown.join('\n');
}
