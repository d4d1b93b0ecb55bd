import { depths, type SqlToken, tokenizeSql } from './sql-tokens.ts';

const starters = /^(SELECT|INSERT|UPDATE|DELETE|SET|DECLARE|CREATE|DROP|ALTER|WAITFOR|COMMIT|ROLLBACK)$/;
const continuers = /^(UNION|ALL|EXCEPT|INTERSECT|AS|ON|FOR|THEN|BEGIN)$/;

/** Whether a statement that needs no semicolon before it begins here, at the top level of another one. */
function begins(statement: SqlToken[], next: SqlToken): boolean {
  const first = statement[0]?.word;
  const last = statement.at(-1);
  if (first === 'SET') return next.newLine;
  if (!starters.test(next.word) || continuers.test(last?.word ?? '')) return false;
  if (first === 'WITH' && last?.text === ')') return false;
  if (first === 'CREATE' || first === 'ALTER') return next.newLine;
  if (next.word === 'SET') return first !== 'UPDATE' || statement.some(({ word }) => word === 'SET');
  if (next.word === 'SELECT' && first === 'INSERT') return statement.some(({ word }) => word === 'VALUES');
  return true;
}

/** The statements of a batch; T-SQL asks for semicolons between them, but does not insist. */
export function splitBatch(sql: string): SqlToken[][] {
  const tokens = tokenizeSql(sql);
  const levels = depths(tokens);
  const statements: SqlToken[][] = [];
  let statement: SqlToken[] = [];
  function end(): void {
    if (statement.length) statements.push(statement);
    statement = [];
  }
  for (const [index, token] of tokens.entries()) {
    if (token.text === ';') {
      end();
      continue;
    }
    if (levels[index] === 0 && statement.length && begins(statement, token)) end();
    statement.push(token);
  }
  end();
  return statements;
}
