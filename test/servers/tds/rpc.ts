import { type ByteReader, readBytes } from './byte-reader.ts';
import type { Parameters } from './database.ts';
import { readTypedValue, type TypedValue } from './read-value.ts';
import { SqlError, unsupported } from './sql-error.ts';

export interface RpcParameter extends TypedValue {
  name: string;
  isOutput: boolean;
}

export interface RpcCall {
  procedure: string;
  parameters: RpcParameter[];
}

const procedures: Record<number, string> = {
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  13: 'sp_prepexec',
  15: 'sp_unprepare',
};

const byNumber = 0xffff;

function readProcedure(reader: ByteReader): string {
  const length = reader.u16();
  if (length !== byNumber) return reader.text(length).toLowerCase();
  const id = reader.u16();
  const name = procedures[id];
  if (!name) throw unsupported(`the procedure with the number ${id}`);
  return name;
}

/** An RPC request after its headers (MS-TDS §2.2.6.6); one call each, as the drivers send them. */
export function readRpc(body: Buffer): RpcCall {
  const reader = readBytes(body);
  const procedure = readProcedure(reader);
  reader.u16();
  const parameters: RpcParameter[] = [];
  while (reader.rest > 0) {
    const name = reader.bVarchar();
    const isOutput = (reader.u8() & 1) !== 0;
    parameters.push({ name, isOutput, ...readTypedValue(reader) });
  }
  return { procedure, parameters };
}

/** What a statement's parameters are bound by. */
export const parametersOf = (parameters: RpcParameter[]): Parameters =>
  new Map(parameters.map(({ name, type, value }) => [name.toLowerCase(), { type, value }]));

/** The statements that a session has prepared. */
export interface Prepared {
  add(sql: string, declarations: string): number;
  get(handle: unknown): { sql: string; names: string[] };
  remove(handle: unknown): void;
}

export function createPrepared(): Prepared {
  const statements = new Map<number, { sql: string; names: string[] }>();
  let last = 0;
  function get(handle: unknown) {
    const statement = statements.get(Number(handle));
    if (!statement) throw new SqlError(8179, `Could not find prepared statement with handle ${handle}.`);
    return statement;
  }
  return {
    get,
    add(sql, declarations) {
      last += 1;
      statements.set(last, { sql, names: declarations.match(/@\w+/g) ?? [] });
      return last;
    },
    remove(handle) {
      get(handle);
      statements.delete(Number(handle));
    },
  };
}
