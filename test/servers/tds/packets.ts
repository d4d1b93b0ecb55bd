import { u16be } from './bytes.ts';

/** Types of messages (MS-TDS §2.2.3.1.1). */
export const packetType = {
  sqlBatch: 0x01,
  rpc: 0x03,
  answer: 0x04,
  attention: 0x06,
  transaction: 0x0e,
  login7: 0x10,
  prelogin: 0x12,
} as const;

export const headerLength = 8;
const endOfMessage = 0x01;

/** A whole message, put together of its packets. */
export interface Message {
  type: number;
  body: Buffer;
}

/** A message as packets of at most so many bytes each, headers included. */
export function toPackets(type: number, body: Buffer, packetSize: number): Buffer {
  const room = packetSize - headerLength;
  const packets: Buffer[] = [];
  let start = 0;
  do {
    const part = body.subarray(start, start + room);
    start += room;
    const status = start >= body.length ? endOfMessage : 0;
    const id = (packets.length + 1) & 0xff;
    packets.push(Buffer.of(type, status), u16be(part.length + headerLength), Buffer.of(0, 0, id, 0), part);
  } while (start < body.length);
  return Buffer.concat(packets);
}

/** Puts packets together again; calls back with each message that is complete. */
export function createAssembler(onMessage: (message: Message) => void): (packet: Buffer) => void {
  let parts: Buffer[] = [];
  return (packet) => {
    parts.push(packet.subarray(headerLength));
    if (!((packet[1] ?? 0) & endOfMessage)) return;
    const body = Buffer.concat(parts);
    parts = [];
    onMessage({ type: packet[0] ?? 0, body });
  };
}

export const packetLength = (bytes: Buffer) => (bytes.length < 4 ? undefined : bytes.readUInt16BE(2));
