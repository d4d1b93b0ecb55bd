import type { ByteReader } from './byte-reader.ts';
import { readUnsigned } from './bytes.ts';
import { decodeText } from './code-page.ts';
import { bigintType, bitType, type ColumnType, intType, nvarchar, parseType } from './column-type.ts';
import { dateText, joinDate, joinDatetime } from './dates.ts';
import { decodeGuid } from './guid.ts';
import { unsupported } from './sql-error.ts';

/** What the database takes. */
export type StoredValue = string | number | bigint | Uint8Array | null;

export interface TypedValue {
  type: ColumnType;
  value: StoredValue;
}

/** A value of chunks (MS-TDS §2.2.5.2.3). */
function readChunks(reader: ByteReader): Buffer | null {
  const total = readUnsigned(reader.bytes(8));
  if (total === 0xffff_ffff_ffff_ffffn) return null;
  const chunks: Buffer[] = [];
  for (let length = reader.u32(); length > 0; length = reader.u32()) chunks.push(reader.bytes(length));
  return Buffer.concat(chunks);
}

function readLong(reader: ByteReader, maxLength: number): Buffer | null {
  if (maxLength === 0xffff) return readChunks(reader);
  const length = reader.u16();
  return length === 0xffff ? null : reader.bytes(length);
}

function readShort(reader: ByteReader): Buffer | null {
  const length = reader.u8();
  return length === 0 ? null : reader.bytes(length);
}

const lengthOf = (maxLength: number, bytesEach: number) =>
  maxLength === 0xffff ? 'max' : maxLength / bytesEach;

function typed<Raw>(type: ColumnType, raw: Raw | null, convert: (raw: Raw) => StoredValue): TypedValue {
  return { type, value: raw === null ? null : convert(raw) };
}

const signed = (bytes: Buffer) =>
  bytes.length === 1 ? BigInt(bytes[0]!) : BigInt.asIntN(bytes.length * 8, readUnsigned(bytes));
const dayOf = (bytes: Buffer) => Number(readUnsigned(bytes));

function readTime(bytes: Buffer, scale: number): number {
  return Number(readUnsigned(bytes)) / 10 ** (scale - 3);
}

function decimal(bytes: Buffer, scale: number): number {
  const amount = Number(readUnsigned(bytes.subarray(1))) / 10 ** scale;
  return bytes[0] === 0 ? -amount : amount;
}

/** A parameter's type information and value. Throws for types that the double does not have. */
export function readTypedValue(reader: ByteReader): TypedValue {
  const id = reader.u8();
  switch (id) {
    case 0x1f:
      return { type: intType, value: null };
    case 0x26: {
      const size = reader.u8();
      return typed({ ...(size === 8 ? bigintType : intType), length: size }, readShort(reader), signed);
    }
    case 0x32:
      return { type: bitType, value: reader.u8() };
    case 0x38:
      return { type: intType, value: reader.i32() };
    case 0x68:
      reader.u8();
      return typed(bitType, readShort(reader), (bytes) => bytes[0]!);
    case 0x6d: {
      const type = parseType(reader.u8() === 4 ? 'REAL' : 'FLOAT');
      return typed(type, readShort(reader), (bytes) =>
        bytes.length === 4 ? bytes.readFloatLE() : bytes.readDoubleLE(),
      );
    }
    case 0x6a:
    case 0x6c: {
      reader.u8();
      const [precision, scale] = [reader.u8(), reader.u8()];
      return typed(parseType(`DECIMAL(${precision},${scale})`), readShort(reader), (bytes) =>
        decimal(bytes, scale),
      );
    }
    case 0x24:
      reader.u8();
      return typed(parseType('UNIQUEIDENTIFIER'), readShort(reader), decodeGuid);
    case 0x6f:
      reader.u8();
      return typed(parseType('DATETIME'), readShort(reader), (bytes) =>
        dateText(joinDatetime(bytes.readInt32LE(), bytes.readUInt32LE(4))),
      );
    case 0x28:
      return typed(parseType('DATE'), readShort(reader), (bytes) =>
        dateText(joinDate(dayOf(bytes), 0)).slice(0, 10),
      );
    case 0x2a:
    case 0x2b: {
      const scale = reader.u8();
      // DATETIMEOFFSET is kept by its moment; its offset stands in the last two bytes.
      const dayEnd = id === 0x2b ? -2 : undefined;
      return typed(parseType(`DATETIME2(${scale})`), readShort(reader), (bytes) => {
        const point = bytes.subarray(0, dayEnd);
        return dateText(joinDate(dayOf(point.subarray(-3)), readTime(point.subarray(0, -3), scale)));
      });
    }
    case 0xe7:
    case 0xef: {
      const max = reader.u16();
      reader.bytes(5);
      return typed(nvarchar(lengthOf(max, 2)), readLong(reader, max), (bytes) => bytes.toString('utf16le'));
    }
    case 0xa7:
    case 0xaf: {
      const max = reader.u16();
      reader.bytes(5);
      return typed(parseType(`VARCHAR(${lengthOf(max, 1)})`), readLong(reader, max), decodeText);
    }
    case 0xa5:
    case 0xad: {
      const max = reader.u16();
      return typed(parseType(`VARBINARY(${lengthOf(max, 1)})`), readLong(reader, max), (bytes) =>
        Uint8Array.from(bytes),
      );
    }
    default:
      throw unsupported(`parameters of the type 0x${id.toString(16)}`);
  }
}
