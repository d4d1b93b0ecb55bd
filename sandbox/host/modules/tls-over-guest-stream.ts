import { Duplex } from 'node:stream';
import type { Answer, OperationScope } from '../operations.ts';
import { createSocketFlow } from './socket-flow.ts';
import { TlsParams } from './socket-params.ts';
import { connectTls, emitSecure } from './tls-connect.ts';

/** Bytes of the guest's stream taken after which it is told. */
const REPORT_BYTES = 64 * 1024;
/** The guest's own window is a quarter of it. More comes of a script that goes round it. */
const MAX_WIRE_BYTES = 1024 * 1024;

/**
 * The operation `tls`: what goes over the wire is handed to the guest, which has the stream (TDS packs a handshake into
 * its own packets). As the operation `socket` from an open connection on; `wire`, in both directions, carries the
 * bytes of the stream, `wireEnd` its end, `wireTaken` how many have been taken; `wireSync` is answered by `wireSynced`
 * after what the bytes before it came to.
 */
export async function tlsOverGuestStream(
  raw: unknown,
  _bytes: Uint8Array | undefined,
  scope: OperationScope,
): Promise<Answer> {
  const wire = createWire(scope);
  const tls = connectTls(TlsParams.parse(raw).tls, { socket: wire.stream });
  return new Promise((resolve, reject) => {
    let isOver = false;
    // The stream below may be a socket, whose bytes are counted already.
    const spendBytes = () => true;
    const flow = createSocketFlow({ scope, spendBytes, onEnd: () => end(), onError: end });

    function end(error?: Error): void {
      if (isOver) return;
      isOver = true;
      flow.close();
      tls.destroy();
      wire.stream.destroy();
      if (error) reject(error);
      else resolve({});
    }

    tls.once('secureConnect', () => {
      flow.opened();
      emitSecure(tls, scope);
    });
    tls.once('close', () => end());
    flow.bind(tls);
    scope.onMessage((type, value, bytes) => {
      if (type === 'wire') wire.receive(bytes);
      else if (type === 'wireSync') wire.whenTaken(() => scope.emit('wireSynced'));
      else flow.receive(type, value, bytes);
    });
  });
}

/** The guest's stream, seen from here. */
interface Wire {
  stream: Duplex;
  receive(bytes: Uint8Array | undefined): void;
  /** Calls when TLS has taken all that was received. */
  whenTaken(done: () => void): void;
}

function createWire(scope: OperationScope): Wire {
  let unreported = 0;
  const waiting: (() => void)[] = [];
  const look = () => {
    if (stream.readableLength === 0) for (const done of waiting.splice(0)) done();
  };
  const stream = new Duplex({
    read() {
      // It is called ahead of the bytes that are there.
      if (waiting.length > 0) setImmediate(look);
      if (unreported < REPORT_BYTES) return;
      scope.emit('wireTaken', unreported);
      unreported = 0;
    },
    write(chunk: Buffer, _encoding, callback) {
      scope.emit('wire', undefined, chunk);
      callback();
    },
    final(callback) {
      scope.emit('wireEnd');
      callback();
    },
  });
  return {
    stream,
    receive(bytes) {
      if (!bytes) return void stream.push(null);
      if (stream.readableLength > MAX_WIRE_BYTES) throw new Error('More bytes than the window lets through');
      unreported += bytes.byteLength;
      stream.push(bytes);
    },
    whenTaken(done) {
      waiting.push(done);
      setImmediate(look);
    },
  };
}
