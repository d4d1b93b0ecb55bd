import type { DatabaseSync } from 'node:sqlite';
import { SqlError } from './sql-error.ts';

interface UniqueIndex {
  name: string;
  origin: string;
}

function uniqueIndexOf(database: DatabaseSync, table: string, columns: string[]): UniqueIndex | undefined {
  const indexes = database.prepare('SELECT name, origin FROM pragma_index_list(?) WHERE "unique"').all(table);
  return (indexes as unknown as UniqueIndex[]).find(({ name }) => {
    const covered = database.prepare('SELECT name FROM pragma_index_info(?)').all(name);
    return covered.map((column) => column.name).join() === columns.join();
  });
}

/** 2627 for a constraint, 2601 for an index that was created. */
function duplicateKey(database: DatabaseSync, places: string): SqlError {
  const [first = ''] = places.split(', ');
  const table = first.slice(0, first.indexOf('.'));
  const columns = places.split(', ').map((place) => place.slice(place.indexOf('.') + 1));
  const index = uniqueIndexOf(database, table, columns);
  if (index?.origin === 'c') {
    return new SqlError(
      2601,
      `Cannot insert duplicate key row in object 'dbo.${table}' with unique index '${index.name}'.`,
      14,
    );
  }
  const [kind, name] = index?.origin === 'u' ? ['UNIQUE', 'UQ'] : ['PRIMARY', 'PK'];
  return new SqlError(
    2627,
    `Violation of ${kind} KEY constraint '${name}__${table}__${columns.join('_')}'. Cannot insert duplicate key in object 'dbo.${table}'.`,
    14,
  );
}

type Reading = [pattern: RegExp, read: (found: string[], database: DatabaseSync) => SqlError];

const readings: Reading[] = [
  [/^UNIQUE constraint failed: (.+)$/, ([, places = ''], database) => duplicateKey(database, places)],
  [
    /^NOT NULL constraint failed: (.+)\.(.+)$/,
    ([, table, column]) =>
      new SqlError(
        515,
        `Cannot insert the value NULL into column '${column}', table 'dbo.${table}'; column does not allow nulls. INSERT fails.`,
        16,
        2,
      ),
  ],
  [
    /^(?:FOREIGN KEY|CHECK) constraint failed/,
    ([message]) => new SqlError(547, `The statement conflicted with a constraint. ${message}.`),
  ],
  [/^no such table: (?:main\.)?(.+)$/, ([, name]) => new SqlError(208, `Invalid object name '${name}'.`)],
  [
    /^(?:no such column: |.*has no column named )(?:.*\.)?(.+)$/,
    ([, name]) => new SqlError(207, `Invalid column name '${name}'.`),
  ],
  [
    /^no such function: (.+)$/,
    ([, name]) => new SqlError(195, `'${name}' is not a recognized built-in function name.`, 15),
  ],
  [
    /^table "?(\w+)"? already exists/,
    ([, name]) => new SqlError(2714, `There is already an object named '${name}' in the database.`, 16, 6),
  ],
  [/^near "(.*)": syntax error/, ([, near]) => new SqlError(102, `Incorrect syntax near '${near}'.`, 15)],
  [/^incomplete input/, () => new SqlError(102, 'Incorrect syntax near the end.', 15)],
];

/** What SQL Server would say where SQLite said this. */
export function readSqliteError(error: unknown, database: DatabaseSync): SqlError {
  if (error instanceof SqlError) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const [pattern, read] of readings) {
    const found = pattern.exec(message);
    if (found) return read(found, database);
  }
  return new SqlError(50000, `The double's database failed: ${message}`);
}
