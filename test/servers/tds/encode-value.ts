import { i32, u8, u16, u32, u64, unsigned, utf16 } from './bytes.ts';
import { collation, encodeText } from './code-page.ts';
import type { ColumnType } from './column-type.ts';
import { dateMs, splitDate, splitDatetime } from './dates.ts';
import { encodeGuid } from './guid.ts';
import { SqlError } from './sql-error.ts';

const decimalBytes = (precision: number) => [9, 19, 28, 38].findIndex((most) => precision <= most) * 4 + 4;
const timeBytes = (scale: number) => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);

/** The length field of a type whose values carry theirs in two bytes; 0xFFFF says that they come in chunks. */
const longLength = (length: number | 'max', bytesEach: number) =>
  u16(length === 'max' ? 0xffff : length * bytesEach);

/** A type as COLMETADATA and RETURNVALUE name it (MS-TDS §2.2.5.4). DATETIME2 and DATE exist from 7.3 on. */
export function typeInfo(type: ColumnType): Buffer {
  switch (type.name) {
    case 'int':
      return Buffer.of(0x26, Number(type.length));
    case 'bit':
      return Buffer.of(0x68, 1);
    case 'float':
      return Buffer.of(0x6d, Number(type.length));
    case 'decimal':
      return Buffer.of(0x6a, 1 + decimalBytes(type.precision), type.precision, type.scale);
    case 'nvarchar':
      return Buffer.concat([u8(0xe7), longLength(type.length, 2), collation]);
    case 'varchar':
      return Buffer.concat([u8(0xa7), longLength(type.length, 1), collation]);
    case 'varbinary':
      return Buffer.concat([u8(0xa5), longLength(type.length, 1)]);
    case 'uniqueidentifier':
      return Buffer.of(0x24, 16);
    case 'datetime':
      return Buffer.of(0x6f, 8);
    case 'datetime2':
      return Buffer.of(0x2a, type.scale);
    case 'date':
      return Buffer.of(0x28);
    default:
      return type.name satisfies never;
  }
}

const short = (bytes: Buffer) => Buffer.concat([u8(bytes.length), bytes]);

function long(bytes: Buffer, length: number | 'max'): Buffer {
  if (length !== 'max') return Buffer.concat([u16(bytes.length), bytes]);
  const chunk = bytes.length ? [u32(bytes.length), bytes] : [];
  return Buffer.concat([u64(bytes.length), ...chunk, u32(0)]);
}

export const isLong = (type: ColumnType) => ['nvarchar', 'varchar', 'varbinary'].includes(type.name);

/** The null of a type, where a row says it in place. */
export function nullValue(type: ColumnType): Buffer {
  if (!isLong(type)) return u8(0);
  return type.length === 'max' ? Buffer.alloc(8, 0xff) : u16(0xffff);
}

const conversionFailed = (to: string) => new SqlError(8114, `Error converting data type nvarchar to ${to}.`);

function encodeInt(value: bigint, bytes: number): Buffer {
  if (BigInt.asIntN(bytes * 8, value) !== value && bytes > 1) {
    throw new SqlError(8115, 'Arithmetic overflow error converting expression to data type int.');
  }
  return short(unsigned(BigInt.asUintN(bytes * 8, value), bytes));
}

function encodeFloat(value: number, bytes: number): Buffer {
  const encoded = Buffer.alloc(bytes);
  if (bytes === 8) encoded.writeDoubleLE(value);
  else encoded.writeFloatLE(value);
  return short(encoded);
}

function encodeDecimal(value: unknown, { precision, scale }: ColumnType): Buffer {
  const digits = BigInt(Number(value).toFixed(scale).replace('.', '').replace('-', ''));
  return short(Buffer.concat([u8(Number(value) < 0 ? 0 : 1), unsigned(digits, decimalBytes(precision))]));
}

function encodeDate(value: unknown, type: ColumnType): Buffer {
  const ms = dateMs(String(value));
  if (ms === undefined) throw conversionFailed(type.name);
  if (type.name === 'datetime') {
    const { days, ticks } = splitDatetime(ms);
    return short(Buffer.concat([i32(days), u32(ticks)]));
  }
  const { days, rest } = splitDate(ms);
  const day = unsigned(BigInt(days), 3);
  if (type.name === 'date') return short(day);
  const time = BigInt(Math.floor(rest * 10 ** (type.scale - 3)));
  return short(Buffer.concat([unsigned(time, timeBytes(type.scale)), day]));
}

/** A value, as the database keeps it, in the wire's form for its column. */
export function encodeValue(value: unknown, type: ColumnType): Buffer {
  if (value === null || value === undefined) return nullValue(type);
  switch (type.name) {
    case 'int':
      return encodeInt(BigInt(value as bigint), Number(type.length));
    case 'bit':
      return Buffer.of(1, Number(value) ? 1 : 0);
    case 'float':
      return encodeFloat(Number(value), Number(type.length));
    case 'decimal':
      return encodeDecimal(value, type);
    case 'nvarchar':
      return long(utf16(String(value)), type.length);
    case 'varchar':
      return long(encodeText(String(value)), type.length);
    case 'varbinary':
      return long(Buffer.from(value as Uint8Array), type.length);
    case 'uniqueidentifier': {
      const bytes = encodeGuid(String(value));
      if (!bytes) throw conversionFailed('uniqueidentifier');
      return short(bytes);
    }
    case 'datetime':
    case 'datetime2':
    case 'date':
      return encodeDate(value, type);
    default:
      return type.name satisfies never;
  }
}
