import { u8, u16be } from './bytes.ts';

/** The option by which both sides say what they want encrypted (MS-TDS §2.2.6.5). */
export const encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

const option = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, end: 0xff };

/** What is encrypted: nothing, the login alone, or everything. */
export type Encrypted = 'nothing' | 'login' | 'everything';

/** What a client's PRELOGIN asks for. */
export function readEncryption(body: Buffer): number {
  for (let at = 0; body[at] !== option.end && at < body.length; at += 5) {
    if (body[at] === option.encryption) return body[body.readUInt16BE(at + 1)] ?? encryption.notSupported;
  }
  return encryption.notSupported;
}

/**
 * What a server answers, and what is encrypted then. A server with a certificate encrypts the login of every client
 * that can; `force` is SQL Server's "Force Encryption".
 */
export function negotiate(
  asked: number,
  server: { hasCertificate: boolean; force: boolean },
): [answer: number, encrypted: Encrypted] {
  if (!server.hasCertificate) return [encryption.notSupported, 'nothing'];
  if (asked === encryption.on || asked === encryption.required) return [encryption.on, 'everything'];
  if (server.force) return [encryption.required, 'everything'];
  return asked === encryption.off ? [encryption.off, 'login'] : [encryption.notSupported, 'nothing'];
}

export function preloginAnswer(answer: number): Buffer {
  const values: [number, Buffer][] = [
    [option.version, Buffer.of(16, 0, 0x03, 0xe8, 0, 0)],
    [option.encryption, u8(answer)],
    [option.instance, u8(0)],
    [option.thread, Buffer.alloc(0)],
    [option.mars, u8(0)],
  ];
  let offset = values.length * 5 + 1;
  const heads = values.map(([id, value]) => {
    const head = Buffer.concat([u8(id), u16be(offset), u16be(value.length)]);
    offset += value.length;
    return head;
  });
  return Buffer.concat([...heads, u8(option.end), ...values.map(([, value]) => value)]);
}
