/** What a client says of itself in LOGIN7 (MS-TDS §2.2.6.4). */
export interface Login {
  version: number;
  packetSize: number;
  user: string;
  password: string;
  application: string;
  database: string;
}

/** Versions as LOGIN7 numbers them. */
export const tdsVersion = { v71: 0x71000001, v72: 0x72090002, v73: 0x730a0003, v74: 0x74000004 } as const;

/** Each byte XORed, then its halves swapped: MS-TDS calls it obfuscation, and it is no more. */
const clearPassword = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.map((byte) => (((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)) & 0xff));

export function readLogin(body: Buffer): Login {
  function field(at: number): Buffer {
    const start = body.readUInt16LE(at);
    return body.subarray(start, start + body.readUInt16LE(at + 2) * 2);
  }
  const text = (at: number) => field(at).toString('utf16le');
  return {
    version: body.readUInt32LE(4),
    packetSize: body.readUInt32LE(8),
    user: text(40),
    password: clearPassword(field(44)).toString('utf16le'),
    application: text(48),
    database: text(68),
  };
}
