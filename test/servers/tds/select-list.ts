import { type ColumnType, parseType } from './column-type.ts';
import type { TypedValue } from './read-value.ts';
import { depths, type SqlToken, sqlOf } from './sql-tokens.ts';

/** What a select list says of a column that comes from no table. */
export interface SelectItem {
  named: boolean;
  type: ColumnType | undefined;
}

function splitList(tokens: SqlToken[]): SqlToken[][] {
  const levels = depths(tokens);
  const start = tokens[1]?.word === 'DISTINCT' ? 2 : 1;
  const end = tokens.findIndex(
    ({ word }, index) => levels[index] === 0 && /^(FROM|WHERE|LIMIT|ORDER|UNION)$/.test(word),
  );
  const items: SqlToken[][] = [[]];
  for (let index = start; index < (end < 0 ? tokens.length : end); index += 1) {
    if (tokens[index]!.text === ',' && levels[index] === 0) items.push([]);
    else items.at(-1)!.push(tokens[index]!);
  }
  return items;
}

const isName = (token: SqlToken | undefined) =>
  /^["[A-Za-z_]/.test(token?.text ?? '') && !/^(END|NULL)$/.test(token!.word);

/** Takes an alias off, with its AS or without. */
function withoutAlias(item: SqlToken[]): SqlToken[] {
  if (item.at(-2)?.word === 'AS') return item.slice(0, -2);
  const before = item.at(-2)?.text ?? '';
  return item.length > 1 && isName(item.at(-1)) && /^[\w\])'"@]/.test(before) ? item.slice(0, -1) : item;
}

function typeOf(expression: SqlToken[], parameters: Map<string, TypedValue>): ColumnType | undefined {
  const [first] = expression;
  if (expression.length === 1 && first?.text.startsWith('@'))
    return parameters.get(first.text.toLowerCase())?.type;
  const levels = depths(expression);
  const isCast = first?.word === 'CAST' && levels.lastIndexOf(0, -2) <= 1 && expression.at(-1)?.text === ')';
  if (!isCast) return undefined;
  const as = expression.findLastIndex(({ word }, index) => word === 'AS' && levels[index] === 1);
  return as < 0 ? undefined : parseType(sqlOf(expression.slice(as + 1, -1)));
}

/** The items of a SELECT's list; undefined where a star among them leaves open which is which. */
export function readSelectList(
  tokens: SqlToken[],
  parameters: Map<string, TypedValue>,
): SelectItem[] | undefined {
  if (tokens[0]?.word !== 'SELECT') return undefined;
  const items = splitList(tokens);
  if (items.some((item) => item.at(-1)?.text === '*')) return undefined;
  return items.map((item) => {
    const expression = withoutAlias(item);
    return { named: expression.length < item.length, type: typeOf(expression, parameters) };
  });
}
