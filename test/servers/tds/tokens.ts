import { bVarchar, i32, u8, u16, u32, u32be, u64, usVarchar } from './bytes.ts';
import { collation } from './code-page.ts';
import { type ColumnType, nvarchar } from './column-type.ts';
import { encodeValue, typeInfo } from './encode-value.ts';
import { tdsVersion } from './login7.ts';
import type { SqlError } from './sql-error.ts';

const serverName = 'drawbridge-double';

export interface Column {
  name: string;
  type: ColumnType;
}

export const doneStatus = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;

/** The tokens of an answer (MS-TDS §2.2.7) as a version of TDS has them. */
export interface Tokens {
  loginAck(): Buffer;
  databaseChanged(name: string): Buffer;
  packetSizeChanged(size: number): Buffer;
  collationChanged(): Buffer;
  transactionChanged(event: 'begun' | 'committed' | 'rolledBack', descriptor: Buffer): Buffer;
  error(error: SqlError): Buffer;
  columns(columns: Column[]): Buffer;
  row(values: unknown[], columns: Column[]): Buffer;
  returnStatus(): Buffer;
  returnValue(name: string, type: ColumnType, value: unknown): Buffer;
  done(kind: 'batch' | 'inProcedure' | 'procedure', status: number, command: number, count: number): Buffer;
}

const token = {
  columns: 0x81,
  returnStatus: 0x79,
  error: 0xaa,
  returnValue: 0xac,
  loginAck: 0xad,
  row: 0xd1,
  rowWithNulls: 0xd2,
  environment: 0xe3,
  done: 0xfd,
  procedureDone: 0xfe,
  inProcedureDone: 0xff,
};
const transactionEvent = { begun: 8, committed: 9, rolledBack: 10 };

const sized = (id: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u8(id), u16(body.length), body]);
};
const environment = (type: number, to: Buffer, from: Buffer) => sized(token.environment, u8(type), to, from);

export function createTokens(version: number): Tokens {
  const since72 = version >= tdsVersion.v72;
  const since73 = version >= tdsVersion.v73;
  const userType = since72 ? u32(0) : u16(0);
  const nullable = 0x0001;

  /** What an older client is sent in place of types that it does not know. */
  function known(type: ColumnType): ColumnType {
    if (!since73 && (type.name === 'datetime2' || type.name === 'date')) return { ...type, name: 'datetime' };
    if (!since72 && type.length === 'max')
      return type.name === 'nvarchar' ? nvarchar() : { ...type, length: 8000 };
    return type;
  }

  return {
    loginAck: () =>
      sized(
        token.loginAck,
        u8(1),
        u32be(version),
        bVarchar('Microsoft SQL Server'),
        Buffer.of(16, 0, 3, 0xe8),
      ),
    databaseChanged: (name) => environment(1, bVarchar(name), bVarchar('master')),
    packetSizeChanged: (size) => environment(4, bVarchar(String(size)), bVarchar('4096')),
    collationChanged: () => environment(7, Buffer.concat([u8(collation.length), collation]), u8(0)),
    transactionChanged(event, descriptor) {
      const named = Buffer.concat([u8(descriptor.length), descriptor]);
      const type = transactionEvent[event];
      return event === 'begun' ? environment(type, named, u8(0)) : environment(type, u8(0), named);
    },
    error: (error) =>
      sized(
        token.error,
        i32(error.number),
        u8(error.state),
        u8(error.class),
        usVarchar(error.message),
        bVarchar(serverName),
        bVarchar(''),
        since72 ? i32(1) : u16(1),
      ),
    columns(columns) {
      const each = columns.map(({ name, type }) =>
        Buffer.concat([userType, u16(nullable), typeInfo(known(type)), bVarchar(name)]),
      );
      return Buffer.concat([u8(token.columns), u16(columns.length), ...each]);
    },
    row(values, columns) {
      const isNull = (value: unknown) => value === null || value === undefined;
      const encoded = (value: unknown, index: number) => encodeValue(value, known(columns[index]!.type));
      if (!since73 || !values.some(isNull)) return Buffer.concat([u8(token.row), ...values.map(encoded)]);
      const bitmap = Buffer.alloc(Math.ceil(values.length / 8));
      for (const [index, value] of values.entries())
        if (isNull(value)) bitmap[index >> 3]! |= 1 << (index & 7);
      const present = values.map((value, index) => (isNull(value) ? Buffer.alloc(0) : encoded(value, index)));
      return Buffer.concat([u8(token.rowWithNulls), bitmap, ...present]);
    },
    returnStatus: () => Buffer.concat([u8(token.returnStatus), i32(0)]),
    returnValue(name, type, value) {
      const ordinal = u16(0);
      const isOutput = u8(1);
      return Buffer.concat([
        u8(token.returnValue),
        ordinal,
        bVarchar(name),
        isOutput,
        userType,
        u16(nullable),
        typeInfo(known(type)),
        encodeValue(value, known(type)),
      ]);
    },
    done(kind, status, command, count) {
      const id = { batch: token.done, inProcedure: token.inProcedureDone, procedure: token.procedureDone }[
        kind
      ];
      return Buffer.concat([u8(id), u16(status), u16(command), since72 ? u64(count) : u32(count)]);
    },
  };
}
