import { inspect } from 'node-inspect-extracted';

const INDEX = '(index)';
const VALUE = 'Values';

/** Rows and columns as text, for `console.table`; what is no object is printed as it is. */
export function tableText(data: unknown, wanted?: string[]): string {
  if (typeof data !== 'object' || data === null) return inspect(data);
  const rows = Object.entries(data).map(([index, row]) => cellsOf(index, row));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (column) => column === INDEX || !wanted || wanted.includes(column),
  );
  const lines = [Object.fromEntries(columns.map((column) => [column, column])), ...rows];
  const widths = columns.map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) => columns.map((column, at) => (line[column] ?? '').padEnd(widths[at] ?? 0)).join(' | '))
    .join('\n');
}

function cellsOf(index: string, row: unknown): Record<string, string> {
  if (typeof row !== 'object' || row === null) return { [INDEX]: index, [VALUE]: inspect(row) };
  const cells = Object.entries(row).map(([column, value]) => [column, inspect(value, { depth: 0 })]);
  return { [INDEX]: index, ...Object.fromEntries(cells) };
}
