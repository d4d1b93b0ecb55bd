import { unsupported } from './sql-error.ts';
import { depths, nameOf, plainToken, type SqlToken, sqlOf } from './sql-tokens.ts';
import { translateStatement } from './translate.ts';

export interface SchemaChange {
  sql: string;
  /** The columns of a new table with their types as declared. */
  table?: { name: string; columns: Map<string, string> };
}

const texts = /^(N?VAR)?N?CHAR$|^UNIQUEIDENTIFIER$/;

function splitAtCommas(tokens: SqlToken[]): SqlToken[][] {
  const levels = depths(tokens);
  const items: SqlToken[][] = [[]];
  for (const [index, token] of tokens.entries()) {
    if (token.text === ',' && levels[index] === 0) items.push([]);
    else items.at(-1)!.push(token);
  }
  return items;
}

/** The index after a group in parentheses that begins here, or the index itself. */
function afterGroup(tokens: SqlToken[], start: number): number {
  if (tokens[start]?.text !== '(') return start;
  const levels = depths(tokens);
  return (
    tokens.findIndex(({ text }, index) => index > start && text === ')' && levels[index] === levels[start]) +
    1
  );
}

/** SQLite wants a default that is computed in parentheses. */
function wrapDefaults(tokens: SqlToken[]): SqlToken[] {
  return tokens.flatMap((token, index) => {
    const isCall = tokens[index - 1]?.word === 'DEFAULT' && tokens[index + 1]?.text === '(';
    if (isCall && tokens[index + 2]?.text === ')') return [plainToken('('), token];
    const closesCall =
      token.text === ')' && tokens[index - 1]?.text === '(' && tokens[index - 3]?.word === 'DEFAULT';
    return closesCall ? [token, plainToken(')')] : [token];
  });
}

/** One column: its type, made case-insensitive as SQL Server's texts are, and what follows. */
function translateColumn(tokens: SqlToken[]): { sql: SqlToken[]; name: string; type: string } {
  const [name, typeName] = tokens;
  if (!name || !typeName) throw unsupported('a column without a type');
  const typeEnd = afterGroup(tokens, 2);
  const type = sqlOf(tokens.slice(1, typeEnd));
  const typeWord = nameOf(typeName.text).toUpperCase();
  const identity = tokens.findIndex(({ word }) => word === 'IDENTITY');
  const rest = tokens
    .filter(
      (_, index) =>
        index >= typeEnd && !(identity > 0 && index >= identity && index < afterGroup(tokens, identity + 1)),
    )
    .filter(({ word }) => !/^(NON)?CLUSTERED$/.test(word));
  const collate = rest.findIndex(({ word }) => word === 'COLLATE');
  const isExact = collate >= 0 && /_(BIN2?|CS_)/i.test(rest[collate + 1]?.text ?? '');
  if (collate >= 0) rest.splice(collate, 2);
  const key = rest.findIndex(({ word }) => word === 'KEY');
  if (identity > 0 && key >= 0) rest.splice(key + 1, 0, plainToken('AUTOINCREMENT'));
  const declared =
    identity > 0
      ? [plainToken('INTEGER')]
      : tokens.slice(1, typeEnd).map(({ text }) => plainToken(nameOf(text)));
  const ignoreCase = texts.test(typeWord) && !isExact ? [plainToken('COLLATE'), plainToken('NOCASE')] : [];
  return { sql: [name, ...declared, ...ignoreCase, ...wrapDefaults(rest)], name: nameOf(name.text), type };
}

const isConstraint = ([first]: SqlToken[]) =>
  /^(CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK|INDEX)$/.test(first?.word ?? '');

function createTable(tokens: SqlToken[]): SchemaChange {
  const open = tokens.findIndex(({ text }) => text === '(');
  const close = afterGroup(tokens, open) - 1;
  const name = nameOf(tokens[open - 1]?.text ?? '');
  const columns = new Map<string, string>();
  const items = splitAtCommas(tokens.slice(open + 1, close)).map((item) => {
    if (isConstraint(item)) return sqlOf(item.filter(({ word }) => !/^((NON)?CLUSTERED|ASC)$/.test(word)));
    const column = translateColumn(item);
    columns.set(column.name.toLowerCase(), column.type);
    return sqlOf(column.sql);
  });
  return { sql: `CREATE TABLE "${name}" (${items.join(', ')})`, table: { name, columns } };
}

/** CREATE, DROP and ALTER. */
export function translateSchemaChange(tokens: SqlToken[]): SchemaChange {
  const plain = translateStatement(tokens).filter(({ word }) => !/^(NON)?CLUSTERED$/.test(word));
  if (plain[0]?.word === 'CREATE' && plain[1]?.word === 'TABLE') return createTable(plain);
  return { sql: sqlOf(plain) };
}
