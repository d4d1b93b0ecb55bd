/** Pieces of a message in TDS' formats: little-endian, texts in UTF-16. */

function filled(length: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  fill(bytes);
  return bytes;
}

export const u8 = (value: number) => Buffer.of(value);
export const u16 = (value: number) => filled(2, (bytes) => bytes.writeUInt16LE(value));
export const u16be = (value: number) => filled(2, (bytes) => bytes.writeUInt16BE(value));
export const u32 = (value: number) => filled(4, (bytes) => bytes.writeUInt32LE(value));
export const u32be = (value: number) => filled(4, (bytes) => bytes.writeUInt32BE(value));
export const i32 = (value: number) => filled(4, (bytes) => bytes.writeInt32LE(value));
export const u64 = (value: bigint | number) => filled(8, (bytes) => bytes.writeBigUInt64LE(BigInt(value)));

export const utf16 = (text: string) => Buffer.from(text, 'utf16le');

/** A text after its length in characters, in one byte or in two. */
export const bVarchar = (text: string) => Buffer.concat([u8(text.length), utf16(text)]);
export const usVarchar = (text: string) => Buffer.concat([u16(text.length), utf16(text)]);

/** Any whole number in so many bytes, little-endian. */
export function unsigned(value: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, rest = value; at < length; at += 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}

export function readUnsigned(bytes: Buffer): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
