import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';
import { readFrames } from './frames.ts';
import { headerLength, packetLength, packetType, toPackets } from './tds/packets.ts';
import { encryption, preloginAnswer, readEncryption } from './tds/prelogin.ts';
import { startTdsServer } from './tds-server.ts';

const certificates = createCertificates();

/** A LOGIN7 for TDS 7.1: a fixed part that points into the texts behind it. */
function login7(user: string, password: string): Buffer {
  const fixed = Buffer.alloc(86);
  fixed.writeUInt32LE(0x71000001, 4);
  fixed.writeUInt32LE(4096, 8);
  const obfuscated = Buffer.from(password, 'utf16le').map(
    (byte) => (((byte << 4) | (byte >> 4)) & 0xff) ^ 0xa5,
  );
  const texts = Buffer.concat([Buffer.from(user, 'utf16le'), obfuscated]);
  for (const at of [36, 48, 52, 60, 64, 68]) fixed.writeUInt16LE(fixed.length, at);
  fixed.writeUInt16LE(fixed.length, 40);
  fixed.writeUInt16LE(user.length, 42);
  fixed.writeUInt16LE(fixed.length + user.length * 2, 44);
  fixed.writeUInt16LE(password.length, 46);
  return Buffer.concat([fixed, texts]);
}

/** The client's end of a TLS handshake in PRELOGIN packets; what comes in bare packets is told to `onClear`. */
function wrapTls(
  socket: Socket,
  onClear: (packet: Buffer) => void,
): { secure: tls.TLSSocket; unwrap(): void } {
  let wrapped = true;
  const wire = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) =>
      void socket.write(wrapped ? toPackets(packetType.prelogin, chunk, 4096) : chunk, done),
  });
  readFrames(socket, packetLength, (packet) => {
    if (packet[0] === packetType.prelogin) wire.push(packet.subarray(headerLength));
    else onClear(packet);
  });
  const secure = tls.connect({ socket: wire, ca: certificates.ca, servername: 'localhost' });
  return {
    secure,
    unwrap() {
      wrapped = false;
    },
  };
}

it('encrypts the login alone for a client that asks for no encryption and can do it', async () => {
  await using server = await startTdsServer({ user: 'app', password: 'secret', tls: certificates.server });
  const socket = connect(server.port, '127.0.0.1');
  const clear: Buffer[] = [];
  const arrivals: (() => void)[] = [];
  const arrival = () => new Promise<void>((resolve) => arrivals.push(resolve));

  socket.write(toPackets(packetType.prelogin, preloginAnswer(encryption.off), 4096));
  const [prelogin] = (await once(socket, 'data')) as [Buffer];
  expect(readEncryption(prelogin.subarray(headerLength))).toBe(encryption.off);

  const { secure, unwrap } = wrapTls(socket, (packet) => {
    clear.push(packet);
    arrivals.shift()?.();
  });
  await once(secure, 'secureConnect');
  unwrap();
  const answered = arrival();
  secure.write(toPackets(packetType.login7, login7('app', 'secret'), 4096));
  await answered;
  expect(clear[0]?.[0]).toBe(packetType.answer);
  expect(clear[0]?.includes(Buffer.from('store', 'utf16le'))).toBe(true);
  expect(server.logins).toMatchObject([{ user: 'app', encrypted: 'login' }]);

  const selected = arrival();
  socket.write(toPackets(packetType.sqlBatch, Buffer.from("SELECT 'in clear' AS text", 'utf16le'), 4096));
  await selected;
  expect(clear[1]?.includes(Buffer.from('in clear', 'utf16le'))).toBe(true);
  socket.destroy();
});
