import type { Database, Parameters, StatementResult } from './database.ts';
import { splitBatch } from './split-batch.ts';
import { SqlError, unsupported } from './sql-error.ts';
import { nameOf, plainToken, type SqlToken } from './sql-tokens.ts';

/** What a session remembers from one statement to the next. */
export interface SessionState {
  database: string;
  rowCount: number;
  identity: bigint | undefined;
  noCount: boolean;
  inTransaction: boolean;
}

export const newSessionState = (database: string): SessionState => ({
  database,
  rowCount: 0,
  identity: undefined,
  noCount: false,
  inTransaction: false,
});

export type BatchEvent =
  /** `command` is what DONE names it by; without `counted` it tells no number of rows. */
  | ({ kind: 'result'; command: number; counted: boolean } & StatementResult)
  | { kind: 'transaction'; change: 'begun' | 'committed' | 'rolledBack' }
  | { kind: 'wait'; ms: number };

const commands: Record<string, number> = {
  SELECT: 0xc1,
  WITH: 0xc1,
  INSERT: 0xc3,
  DELETE: 0xc4,
  UPDATE: 0xc5,
};
const nothing: StatementResult = { columns: undefined, rows: [], count: 0 };
const done: BatchEvent = { kind: 'result', command: 0, counted: false, ...nothing };

const quoted = (text: string) => plainToken(`'${text.replaceAll("'", "''")}'`);

/** Puts the session's values in place of the words that ask for them. */
function fillIn(statement: SqlToken[], state: SessionState): SqlToken[] {
  const identity = () => plainToken(String(state.identity ?? 'NULL'));
  const values: Record<string, () => SqlToken> = {
    '@@ROWCOUNT': () => plainToken(String(state.rowCount)),
    '@@IDENTITY': identity,
    '@@TRANCOUNT': () => plainToken(state.inTransaction ? '1' : '0'),
    '@@VERSION': () => quoted('Microsoft SQL Server, as a double for tests'),
    SCOPE_IDENTITY: identity,
    DB_NAME: () => quoted(state.database),
  };
  const filled: SqlToken[] = [];
  for (let index = 0; index < statement.length; index += 1) {
    const { text, word } = statement[index]!;
    const value = values[word];
    const isCall = !text.startsWith('@');
    const calls = statement[index + 1]?.text === '(' && statement[index + 2]?.text === ')';
    if (value && (!isCall || calls)) {
      filled.push(value());
      if (isCall) index += 2;
    } else if (text.startsWith('@@')) {
      throw unsupported(text);
    } else filled.push(statement[index]!);
  }
  return filled;
}

function waitMs([, delay, time]: SqlToken[]): number {
  const [, hours, minutes, seconds] = /^'(\d+):(\d+):(\d+(?:\.\d+)?)'$/.exec(time?.text ?? '') ?? [];
  if (delay?.word !== 'DELAY' || seconds === undefined) throw unsupported('WAITFOR but for DELAY');
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

function changeTransaction(word: string, database: Database, state: SessionState): BatchEvent {
  if ((word === 'BEGIN') === state.inTransaction) {
    if (state.inTransaction) throw unsupported('transactions within transactions');
    throw new SqlError(3902, `The ${word} TRANSACTION request has no corresponding BEGIN TRANSACTION.`);
  }
  database.transaction(word as 'BEGIN' | 'COMMIT' | 'ROLLBACK');
  state.inTransaction = word === 'BEGIN';
  const change = ({ BEGIN: 'begun', COMMIT: 'committed' } as const)[word] ?? 'rolledBack';
  return { kind: 'transaction', change };
}

function runStatement(
  statement: SqlToken[],
  parameters: Parameters,
  database: Database,
  state: SessionState,
): BatchEvent {
  const [{ word = '', text = '' } = {}, second] = statement;
  switch (word) {
    case 'SELECT':
    case 'WITH':
    case 'INSERT':
    case 'UPDATE':
    case 'DELETE': {
      const result = database.run(fillIn(statement, state), parameters);
      state.rowCount = result.count;
      if (word === 'INSERT') state.identity = database.lastIdentity();
      return { kind: 'result', command: commands[word]!, counted: !state.noCount, ...result };
    }
    case 'CREATE':
    case 'ALTER':
    case 'DROP':
      database.change(statement);
      return done;
    case 'SET':
      if (second?.text.startsWith('@')) throw unsupported('variables');
      if (second?.word === 'NOCOUNT') state.noCount = statement[2]?.word === 'ON';
      return done;
    case 'USE':
      if (nameOf(second?.text ?? '').toLowerCase() === state.database.toLowerCase()) return done;
      throw new SqlError(911, `Database '${nameOf(second?.text ?? '')}' does not exist.`);
    case 'WAITFOR':
      return { kind: 'wait', ms: waitMs(statement) };
    case 'BEGIN':
      if (!/^TRAN(SACTION)?$/.test(second?.word ?? '')) throw unsupported('blocks');
      return changeTransaction(word, database, state);
    case 'COMMIT':
    case 'ROLLBACK':
      return changeTransaction(word, database, state);
    case 'EXEC':
    case 'EXECUTE':
      throw new SqlError(2812, `Could not find stored procedure '${second?.text ?? ''}'.`, 16, 62);
    case 'DECLARE':
    case 'IF':
    case 'MERGE':
    case 'TRUNCATE':
    case 'PRINT':
      throw unsupported(word);
    default:
      throw new SqlError(102, `Incorrect syntax near '${text}'.`, 15);
  }
}

/** Runs a batch statement by statement, as far as it is asked on. Throws SqlError at the statement that fails. */
export function* runBatch(
  sql: string,
  parameters: Parameters,
  database: Database,
  state: SessionState,
): Generator<BatchEvent> {
  for (const statement of splitBatch(sql)) yield runStatement(statement, parameters, database, state);
}
