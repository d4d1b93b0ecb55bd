import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { readFrames } from '../frames.ts';
import {
  createAssembler,
  headerLength,
  type Message,
  packetLength,
  packetType,
  toPackets,
} from './packets.ts';

export interface Transport {
  send(body: Buffer): void;
  /** Closes the connection after what was sent. */
  end(): void;
  /** What a packet may hold from now on. */
  setPacketSize(bytes: number): void;
  /** The client's next bytes are a TLS handshake, wrapped in PRELOGIN packets. */
  startTls(identity: { key: string; cert: string }): void;
  /** Answers from now on are in clear, and so is what the client sends. */
  stopTls(): void;
}

const firstPacketSize = 4096;

/** No packet of TDS has a type as TLS numbers its records. */
const isTlsRecord = (bytes: Buffer) => bytes.length > 0 && bytes[0]! >= 0x14 && bytes[0]! <= 0x17;

const tlsRecordLength = (bytes: Buffer) => (bytes.length < 5 ? undefined : 5 + bytes.readUInt16BE(3));

/**
 * Messages over a socket, with TLS as SQL Server does it (MS-TDS §3.2.5.1): the handshake in PRELOGIN packets, what
 * follows in bare TLS records with packets inside, and, where only the login is encrypted, bare packets again.
 */
export function createTransport(socket: Socket, onMessage: (message: Message) => void): Transport {
  const takePacket = createAssembler(onMessage);
  let packetSize = firstPacketSize;
  let handshaking = false;
  let secure: tls.TLSSocket | undefined;
  let wire: Duplex | undefined;

  function createWire(): Duplex {
    return new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        socket.write(handshaking ? toPackets(packetType.prelogin, chunk, packetSize) : chunk, done);
      },
      final(done) {
        socket.end(done);
      },
    });
  }

  readFrames(
    socket,
    (bytes) => (isTlsRecord(bytes) ? tlsRecordLength(bytes) : packetLength(bytes)),
    (frame) => {
      if (isTlsRecord(frame)) {
        handshaking = false;
        wire?.push(frame);
      } else if (handshaking && frame[0] === packetType.prelogin) {
        wire?.push(frame.subarray(headerLength));
      } else {
        takePacket(frame);
      }
    },
  );
  socket.on('close', () => wire?.push(null));

  return {
    send(body) {
      const packets = toPackets(packetType.answer, body, packetSize);
      if (!socket.destroyed) (secure ?? socket).write(packets);
    },
    end() {
      (secure ?? socket).end();
    },
    setPacketSize(bytes) {
      packetSize = bytes;
    },
    startTls(identity) {
      handshaking = true;
      wire = createWire();
      // Session tickets of TLS 1.3 would come after the handshake, where a client no longer unwraps packets.
      secure = new tls.TLSSocket(wire, { isServer: true, maxVersion: 'TLSv1.2', ...identity });
      secure.on('error', () => socket.destroy());
      readFrames(secure, packetLength, takePacket);
    },
    stopTls() {
      secure = undefined;
    },
  };
}
