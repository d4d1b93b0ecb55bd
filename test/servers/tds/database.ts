import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { inferType, parseType } from './column-type.ts';
import { dateText } from './dates.ts';
import type { StoredValue, TypedValue } from './read-value.ts';
import { readSelectList } from './select-list.ts';
import { SqlError } from './sql-error.ts';
import { type SqlToken, sqlOf } from './sql-tokens.ts';
import { readSqliteError } from './sqlite-errors.ts';
import type { Column } from './tokens.ts';
import { translateStatement } from './translate.ts';
import { translateSchemaChange } from './translate-schema.ts';

/** By names in lower case, with their `@`. */
export type Parameters = Map<string, TypedValue>;

export interface StatementResult {
  /** Undefined where the statement brings no rows. */
  columns: Column[] | undefined;
  rows: unknown[][];
  /** How many rows it brought or changed. */
  count: number;
}

export interface Database {
  /** A SELECT, INSERT, UPDATE or DELETE. Throws SqlError. */
  run(statement: SqlToken[], parameters: Parameters): StatementResult;
  /** A CREATE, ALTER or DROP. Throws SqlError. */
  change(statement: SqlToken[]): void;
  /** `BEGIN`, `COMMIT` or `ROLLBACK`, for the database as a whole. */
  transaction(step: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): void;
  /** The last row's number that an identity column was given. */
  lastIdentity(): bigint;
  close(): void;
}

/** 1 for an object or an array, 0 for anything else, NULL for NULL. */
function isJson(text: unknown): number | null {
  if (text === null) return null;
  try {
    return typeof JSON.parse(String(text)) === 'object' ? 1 : 0;
  } catch {
    return 0;
  }
}

function addFunctions(sqlite: DatabaseSync): void {
  const now = () => dateText(new Date());
  for (const name of ['GETDATE', 'GETUTCDATE', 'SYSDATETIME', 'SYSUTCDATETIME']) sqlite.function(name, now);
  sqlite.function('NEWID', () => randomUUID().toUpperCase());
  sqlite.function('ISJSON', isJson);
}

/** The parameters that a statement names, as SQLite binds them. Throws 137 for one that was not given. */
function bind(statement: SqlToken[], parameters: Parameters): Record<string, StoredValue> {
  const bound: Record<string, StoredValue> = {};
  for (const { text } of statement.filter((token) => token.text.startsWith('@'))) {
    const parameter = parameters.get(text);
    if (!parameter) throw new SqlError(137, `Must declare the scalar variable "${text}".`, 15, 2);
    bound[text] = parameter.value;
  }
  return bound;
}

/** A database in memory that takes T-SQL. */
export function createDatabase(): Database {
  const sqlite = new DatabaseSync(':memory:');
  const declared = new Map<string, Map<string, string>>();
  addFunctions(sqlite);

  function columnsOf(
    prepared: ReturnType<DatabaseSync['prepare']>,
    translated: SqlToken[],
    parameters: Parameters,
    rows: unknown[][],
  ): Column[] {
    const items = readSelectList(translated, parameters);
    return prepared.columns().map(({ name, column, table, type }, index) => {
      const item = items?.[index];
      const fromTable = declared.get(table?.toLowerCase() ?? '')?.get(column?.toLowerCase() ?? '') ?? type;
      const inferred = () => inferType(rows.map((row) => row[index]).find((value) => value !== null));
      const isUnnamed = column === null && item && !item.named;
      return {
        name: isUnnamed ? '' : name,
        type: fromTable ? parseType(fromTable) : (item?.type ?? inferred()),
      };
    });
  }

  function guarded<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw readSqliteError(error, sqlite);
    }
  }

  return {
    run: (statement, parameters) =>
      guarded(() => {
        const translated = translateStatement(statement).map((token) =>
          token.text.startsWith('@') ? { ...token, text: token.text.toLowerCase() } : token,
        );
        const prepared = sqlite.prepare(sqlOf(translated));
        prepared.setReadBigInts(true);
        prepared.setReturnArrays(true);
        const bound = bind(translated, parameters);
        if (prepared.columns().length === 0) {
          return { columns: undefined, rows: [], count: Number(prepared.run(bound).changes) };
        }
        const rows = prepared.all(bound) as unknown as unknown[][];
        return { columns: columnsOf(prepared, translated, parameters, rows), rows, count: rows.length };
      }),
    change: (statement) =>
      guarded(() => {
        const { sql, table } = translateSchemaChange(statement);
        sqlite.exec(sql);
        if (table) declared.set(table.name.toLowerCase(), table.columns);
      }),
    transaction: (step) => guarded(() => sqlite.exec(step)),
    lastIdentity: () => BigInt(sqlite.prepare('SELECT last_insert_rowid() AS id').get()?.id as number),
    close: () => sqlite.close(),
  };
}
