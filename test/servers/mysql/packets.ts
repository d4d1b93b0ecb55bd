/** Packets of MySQL's client/server protocol: three bytes of length, one of sequence, then what they say. */

export const packetLength = (bytes: Buffer) => (bytes.length < 4 ? undefined : bytes.readUIntLE(0, 3) + 4);

export const u8 = (value: number) => Buffer.of(value);
export function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}
export const zeroEnded = (text: string) => Buffer.from(`${text}\0`, 'utf8');

/** A whole number in as few bytes as it takes. */
export function lengthEncoded(value: number): Buffer {
  if (value < 0xfb) return u8(value);
  return value < 0x1_0000
    ? Buffer.concat([u8(0xfc), uint(value, 2)])
    : Buffer.concat([u8(0xfe), uint(value, 6), u8(0), u8(0)]);
}

export function lengthEncodedText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([lengthEncoded(bytes.length), bytes]);
}

export const capability = {
  longPassword: 1 << 0,
  foundRows: 1 << 1,
  longFlag: 1 << 2,
  connectWithDatabase: 1 << 3,
  protocol41: 1 << 9,
  tls: 1 << 11,
  transactions: 1 << 13,
  secureConnection: 1 << 15,
  multiResults: 1 << 17,
  pluginAuth: 1 << 19,
  pluginAuthLength: 1 << 21,
} as const;

const autocommit = 2;
const utf8mb4 = 45;

export const plugin = 'caching_sha2_password';

export interface ClientHello {
  capabilities: number;
  user: string;
  token: Buffer;
  plugin: string;
}

export function handshake(connectionId: number, nonce: Buffer, capabilities: number): Buffer {
  return Buffer.concat([
    u8(10),
    zeroEnded('8.0.99-double'),
    uint(connectionId, 4),
    nonce.subarray(0, 8),
    u8(0),
    uint(capabilities & 0xffff, 2),
    u8(utf8mb4),
    uint(autocommit, 2),
    uint(capabilities >>> 16, 2),
    u8(nonce.length + 1),
    Buffer.alloc(10),
    nonce.subarray(8),
    u8(0),
    zeroEnded(plugin),
  ]);
}

/** A client asks for TLS with the beginning of its hello alone. */
export const isTlsRequest = (payload: Buffer) =>
  payload.length === 32 && (payload.readUInt32LE(0) & capability.tls) !== 0;

export function readHello(payload: Buffer): ClientHello {
  const capabilities = payload.readUInt32LE(0);
  let offset = 32;
  function text(): string {
    const end = payload.indexOf(0, offset);
    const start = offset;
    offset = (end < 0 ? payload.length : end) + 1;
    return payload.toString('utf8', start, offset - 1);
  }
  const user = text();
  const length = payload[offset] ?? 0;
  const token = payload.subarray(offset + 1, offset + 1 + length);
  offset += 1 + length;
  if (capabilities & capability.connectWithDatabase) text();
  return { capabilities, user, token, plugin: capabilities & capability.pluginAuth ? text() : '' };
}

export function ok(affectedRows = 0, insertId = 0): Buffer {
  return Buffer.concat([
    u8(0),
    lengthEncoded(affectedRows),
    lengthEncoded(insertId),
    uint(autocommit, 2),
    uint(0, 2),
  ]);
}

export const endOfFile = () => Buffer.concat([u8(0xfe), uint(0, 2), uint(autocommit, 2)]);

export function failure(code: number, sqlState: string, message: string): Buffer {
  return Buffer.concat([u8(0xff), uint(code, 2), Buffer.from(`#${sqlState}${message}`, 'utf8')]);
}

export const authMoreData = (data: Buffer) => Buffer.concat([u8(1), data]);
export const authSwitch = (nonce: Buffer) => Buffer.concat([u8(0xfe), zeroEnded(plugin), nonce, u8(0)]);

const columnType = { number: 5, bigint: 8, text: 253 };

function columnDefinition(name: string, value: unknown): Buffer {
  const type =
    typeof value === 'bigint'
      ? columnType.bigint
      : typeof value === 'number'
        ? columnType.number
        : columnType.text;
  const texts = ['def', '', '', '', name, name].map(lengthEncodedText);
  return Buffer.concat([
    ...texts,
    u8(0x0c),
    uint(utf8mb4, 2),
    uint(1024, 4),
    u8(type),
    uint(0, 2),
    u8(0),
    uint(0, 2),
  ]);
}

/** The packets of a result with rows, in their texts' form. */
export function resultSet(names: string[], rows: unknown[][]): Buffer[] {
  const firstOf = (index: number) => rows.map((row) => row[index]).find((value) => value !== null);
  const nullValue = u8(0xfb);
  return [
    lengthEncoded(names.length),
    ...names.map((name, index) => columnDefinition(name, firstOf(index))),
    endOfFile(),
    ...rows.map((row) =>
      Buffer.concat(row.map((value) => (value === null ? nullValue : lengthEncodedText(String(value))))),
    ),
    endOfFile(),
  ];
}
