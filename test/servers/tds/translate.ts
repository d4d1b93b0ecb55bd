import { SqlError, unsupported } from './sql-error.ts';
import { depths, nameOf, plainToken, type SqlToken } from './sql-tokens.ts';

/** T-SQL's ways of saying things, turned into SQLite's; on tokens, statement by statement. */

/** `dbo.users` and `database.dbo.users` mean `users`. */
function dropSchemas(tokens: SqlToken[]): SqlToken[] {
  const dropped = new Set<number>();
  for (const [index, token] of tokens.entries()) {
    if (nameOf(token.text).toLowerCase() !== 'dbo' || tokens[index + 1]?.text !== '.') continue;
    dropped.add(index).add(index + 1);
    if (tokens[index - 1]?.text === '.') dropped.add(index - 1).add(index - 2);
  }
  return tokens.filter((_, index) => !dropped.has(index));
}

/** `WITH (NOLOCK)` and its kin say nothing to a database that one client uses at a time. */
function dropTableHints(tokens: SqlToken[]): SqlToken[] {
  const kept: SqlToken[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const isHint = /^(NOLOCK|UPDLOCK|HOLDLOCK|ROWLOCK|READPAST|SERIALIZABLE)$/.test(
      tokens[index + 2]?.word ?? '',
    );
    if (tokens[index]!.word === 'WITH' && tokens[index + 1]?.text === '(' && isHint) {
      while (tokens[index]!.text !== ')') index += 1;
    } else kept.push(tokens[index]!);
  }
  return kept;
}

/** `SELECT TOP (n) …` becomes `SELECT … LIMIT n`, at its own level of parentheses. */
export function moveTop(tokens: SqlToken[]): SqlToken[] {
  const top = tokens.findIndex(({ word }, index) => {
    const before = tokens[index - 1]?.word;
    return word === 'TOP' && (before === 'SELECT' || before === 'DISTINCT');
  });
  if (top < 0) return tokens;
  const bracketed = tokens[top + 1]?.text === '(';
  const [count, end] = bracketed ? [tokens[top + 2], top + 4] : [tokens[top + 1], top + 2];
  if (!count || (bracketed && tokens[top + 3]?.text !== ')')) throw unsupported('TOP with an expression');
  if (tokens[end]?.word === 'PERCENT' || tokens[end]?.word === 'WITH')
    throw unsupported('TOP … PERCENT or WITH TIES');
  const rest = tokens.slice(end);
  const closing = depths(rest).findIndex((depth, index) => depth < 0 && rest[index]!.text === ')');
  const at = closing < 0 ? rest.length : closing;
  const limited = [...rest.slice(0, at), plainToken('LIMIT'), count, ...rest.slice(at)];
  return moveTop([...tokens.slice(0, top), ...limited]);
}

/** `OUTPUT INSERTED.id` and `OUTPUT DELETED.id` become `RETURNING id` at the end. */
function moveOutput(tokens: SqlToken[]): SqlToken[] {
  const levels = depths(tokens);
  const start = tokens.findIndex(({ word }, index) => word === 'OUTPUT' && levels[index] === 0);
  const first = tokens[0]?.word;
  if (start < 0 || !['INSERT', 'UPDATE', 'DELETE'].includes(first ?? '')) return tokens;
  const ends = ['VALUES', 'SELECT', 'WHERE', 'FROM', 'DEFAULT', 'INTO'];
  const found = tokens.findIndex(
    ({ word }, index) => index > start && levels[index] === 0 && ends.includes(word),
  );
  const end = found < 0 ? tokens.length : found;
  if (tokens[end]?.word === 'INTO') throw unsupported('OUTPUT … INTO');
  const clause = tokens.slice(start + 1, end);
  const source = first === 'DELETE' ? 'DELETED' : 'INSERTED';
  const returned = clause.filter((token, index) => {
    const isSource = (at: number) => /^(INSERTED|DELETED)$/i.test(nameOf(clause[at]?.text ?? ''));
    if (clause[index + 1]?.text === '.' && isSource(index)) {
      if (nameOf(token.text).toUpperCase() !== source) throw unsupported(`OUTPUT ${token.text} of ${first}`);
      return false;
    }
    return !(token.text === '.' && isSource(index - 1));
  });
  return [...tokens.slice(0, start), ...tokens.slice(end), plainToken('RETURNING'), ...returned];
}

/** `DELETE users` and `INSERT users` may leave their second words out. */
function addLeftOutWords(tokens: SqlToken[]): SqlToken[] {
  const [first, second] = tokens;
  const wanted = { DELETE: 'FROM', INSERT: 'INTO' }[first?.word ?? ''];
  return first && wanted && second?.word !== wanted
    ? [first, plainToken(wanted), ...tokens.slice(1)]
    : tokens;
}

/** `CONVERT(type, value)` is `CAST(value AS type)`. */
function rewriteCasts(tokens: SqlToken[]): SqlToken[] {
  const levels = depths(tokens);
  const start = tokens.findIndex(({ word }, index) => word === 'CONVERT' && tokens[index + 1]?.text === '(');
  if (start < 0) return tokens;
  const close = tokens.findIndex(
    ({ text }, index) => index > start + 1 && text === ')' && levels[index] === levels[start],
  );
  const comma = tokens.findIndex(
    ({ text }, index) => index > start && text === ',' && levels[index] === levels[start]! + 1,
  );
  const type = tokens.slice(start + 2, comma);
  const value = tokens.slice(comma + 1, close);
  const cast = [plainToken('CAST'), plainToken('('), ...value, plainToken('AS'), ...type, plainToken(')')];
  return rewriteCasts([...tokens.slice(0, start), ...cast, ...tokens.slice(close + 1)]);
}

/** Names to SQL Server, words with a meaning to SQLite. */
const reservedElsewhere = /^(NOTHING|NOTNULL|ISNULL|DEFERRABLE|AUTOINCREMENT)$/;

const names: Record<string, string> = {
  ISNULL: 'IFNULL',
  LEN: 'LENGTH',
  DATALENGTH: 'LENGTH',
  SYSUTCDATETIME: 'GETUTCDATE',
};

/** Sizes without a bound. A text of SQLite's has none anyway. */
const unbounded = '999999999';

/** Words that are spelt differently. `@@` variables are left to the session. */
function renameWords(tokens: SqlToken[]): SqlToken[] {
  return tokens.map((token, index) => {
    const { text, word } = token;
    const next = tokens[index + 1]?.text;
    if (/^N'/i.test(text)) return plainToken(text.slice(1));
    if (/^0x/i.test(text)) return plainToken(`x'${text.slice(2)}'`);
    if (word === 'MAX' && tokens[index - 1]?.text === '(' && next === ')') return plainToken(unbounded);
    if (reservedElsewhere.test(word) && next !== '(') return plainToken(`[${text}]`);
    return next === '(' && names[word] ? plainToken(names[word]) : token;
  });
}

const foreignWords = /^(LIMIT|RETURNING|CONFLICT|ILIKE|\|\||`)$/;

/** What SQLite would take, or take otherwise, and SQL Server would not. */
function refuseForeign(tokens: SqlToken[]): void {
  const levels = depths(tokens);
  for (const [index, { text, word }] of tokens.entries()) {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    if (foreignWords.test(word)) throw new SqlError(102, `Incorrect syntax near '${text}'.`, 15);
    if (word === 'TRUE' || word === 'FALSE') throw new SqlError(207, `Invalid column name '${text}'.`);
    if (word === 'IFNULL' && after?.text === '(') {
      throw new SqlError(195, `'${text}' is not a recognized built-in function name.`, 15);
    }
    const joinsTexts = text === '+' && [before, after].some((side) => /^N?'/i.test(side?.text ?? ''));
    if (joinsTexts) throw unsupported('the joining of texts by +');
    const assigns = text.startsWith('@') && after?.text === '=' && levels[index] === 0;
    if (assigns && /^(SELECT|SET|,)$/.test(before?.word ?? '')) throw unsupported('assignments to variables');
  }
}

/** A statement that reads or changes rows. Throws for what the double cannot say in SQLite's words. */
export function translateStatement(tokens: SqlToken[]): SqlToken[] {
  refuseForeign(tokens);
  return renameWords(rewriteCasts(moveOutput(moveTop(dropTableHints(dropSchemas(addLeftOutWords(tokens)))))));
}
