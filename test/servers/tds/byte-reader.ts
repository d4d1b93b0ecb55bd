/** Reads a message from front to back in TDS' formats: little-endian, texts in UTF-16. */
export interface ByteReader {
  readonly rest: number;
  u8(): number;
  u16(): number;
  u32(): number;
  i32(): number;
  bytes(length: number): Buffer;
  /** A text of so many characters. */
  text(characters: number): string;
  /** A text after its length in characters, in one byte or in two. */
  bVarchar(): string;
  usVarchar(): string;
}

export function readBytes(source: Buffer): ByteReader {
  let offset = 0;
  function bytes(length: number): Buffer {
    if (offset + length > source.length) throw new RangeError('The message ends too early');
    offset += length;
    return source.subarray(offset - length, offset);
  }
  const u8 = () => bytes(1).readUInt8();
  const u16 = () => bytes(2).readUInt16LE();
  const text = (characters: number) => bytes(characters * 2).toString('utf16le');
  return {
    get rest() {
      return source.length - offset;
    },
    u8,
    u16,
    u32: () => bytes(4).readUInt32LE(),
    i32: () => bytes(4).readInt32LE(),
    bytes,
    text,
    bVarchar: () => text(u8()),
    usVarchar: () => text(u16()),
  };
}
