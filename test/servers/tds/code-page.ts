/** Windows-1252, the code page of SQL_Latin1_General_CP1_CI_AS, which VARCHAR columns have here. */

const characters = [
  ...new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
];
const bytes = new Map(characters.map((character, byte) => [character, byte]));

/** LCID, flags and sort id as they stand in type information. */
export const collation = Buffer.of(0x09, 0x04, 0xd0, 0x00, 0x34);

export const decodeText = (source: Buffer) => Array.from(source, (byte) => characters[byte]).join('');

/** Characters that it does not have become question marks, as they do in SQL Server. */
export const encodeText = (text: string) =>
  Buffer.from(Array.from(text, (character) => bytes.get(character) ?? 0x3f));
