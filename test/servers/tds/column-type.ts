import { unsupported } from './sql-error.ts';

export type TypeName =
  | 'int'
  | 'bit'
  | 'float'
  | 'decimal'
  | 'nvarchar'
  | 'varchar'
  | 'varbinary'
  | 'uniqueidentifier'
  | 'datetime'
  | 'datetime2'
  | 'date';

export interface ColumnType {
  name: TypeName;
  /** In bytes for int and float, in characters or bytes for texts and binaries; `max` for values of any length. */
  length: number | 'max';
  precision: number;
  scale: number;
}

const maxLength = { nvarchar: 4000, varchar: 8000, varbinary: 8000 };

const type = (name: TypeName, length: number | 'max' = 0, precision = 0, scale = 0): ColumnType => ({
  name,
  length,
  precision,
  scale,
});

export const nvarchar = (length: number | 'max' = 4000) => type('nvarchar', length);
export const intType = type('int', 4);
export const bigintType = type('int', 8);
export const floatType = type('float', 8);
export const bitType = type('bit');
export const datetime2Type = type('datetime2', 0, 0, 7);
export const uniqueidentifierType = type('uniqueidentifier');

function sized(name: keyof typeof maxLength, size: string | undefined, fallback: number): ColumnType {
  if (size === undefined) return type(name, fallback);
  return type(name, size.toUpperCase() === 'MAX' || Number(size) > maxLength[name] ? 'max' : Number(size));
}

/** A type as it is declared, such as `NVARCHAR(50)`. Throws for those that the double does not have. */
export function parseType(declared: string): ColumnType {
  const [, word = '', size, scale] =
    /^\s*\[?(\w+?)\]?\s*(?:\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/.exec(declared) ?? [];
  switch (word.toUpperCase()) {
    case 'INT':
    case 'INTEGER':
      return intType;
    case 'BIGINT':
      return bigintType;
    case 'SMALLINT':
      return type('int', 2);
    case 'TINYINT':
      return type('int', 1);
    case 'BIT':
      return bitType;
    case 'FLOAT':
      return floatType;
    case 'REAL':
      return type('float', 4);
    case 'DECIMAL':
    case 'NUMERIC':
      return type('decimal', 0, Number(size ?? 18), Number(scale ?? 0));
    case 'NVARCHAR':
    case 'NCHAR':
    case 'SYSNAME':
      return sized('nvarchar', size, word.toUpperCase() === 'SYSNAME' ? 128 : 1);
    case 'VARCHAR':
    case 'CHAR':
      return sized('varchar', size, 1);
    case 'VARBINARY':
    case 'BINARY':
      return sized('varbinary', size, 1);
    case 'UNIQUEIDENTIFIER':
      return uniqueidentifierType;
    case 'DATETIME':
    case 'SMALLDATETIME':
      return type('datetime');
    case 'DATETIME2':
      return type('datetime2', 0, 0, Number(size ?? 7));
    case 'DATE':
      return type('date');
    default:
      throw unsupported(`the type ${declared}`);
  }
}

/** What a column without a declared type gets, from its first value. */
export function inferType(value: unknown): ColumnType {
  if (typeof value === 'bigint') return BigInt.asIntN(32, value) === value ? intType : bigintType;
  if (typeof value === 'number') return floatType;
  if (value instanceof Uint8Array) return type('varbinary', 'max');
  if (typeof value !== 'string') return value === null || value === undefined ? intType : nvarchar();
  if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/.test(value)) return datetime2Type;
  if (/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(value)) return uniqueidentifierType;
  return nvarchar(value.length > 4000 ? 'max' : 4000);
}
