import { Buffer } from 'buffer';
import { type Operation, startOperation, toArrayBuffer } from '../bridge.ts';

/** Where a socket's connection stands: what node:net and node:tls tell of it. */
export interface Endpoints {
  remoteAddress?: string;
  remotePort?: number;
  remoteFamily?: string;
  localAddress?: string;
  localPort?: number;
}

export interface Secured {
  authorized: boolean;
  authorizationError?: string;
  /** What OpenSSL has against the chain, whoever judges it. */
  verifyError?: { message: string; code: string };
  protocol: string | null;
  cipher: object;
  alpnProtocol: string | false | null;
  certificate: Record<string, unknown>;
}

/** Who hears of a handle: a socket at first, after an upgrade the TLS socket over it. */
export interface HandleOwner {
  onConnect(endpoints: Endpoints): void;
  onSecure(secured: Secured, rawCertificate: ArrayBuffer | undefined): void;
  onData(bytes: Uint8Array): void;
  onEnd(): void;
  /** The host has written so many bytes. */
  onWritten(bytes: number): void;
  /** All that was written has left, and the end after it. */
  onFinished(): void;
  /** The last of all. */
  onClose(error?: Error): void;
  /** TLS over a stream of the guest's: what is to go over that stream. */
  onWire?(bytes: ArrayBuffer): void;
  onWireEnd?(): void;
  /** So many bytes of that stream have been taken. */
  onWireTaken?(bytes: number): void;
}

/** Buffers as npm buffer makes them, without its detours. */
const bytesOver = (bytes: ArrayBuffer): Buffer => Reflect.construct(Uint8Array, [bytes], Buffer);

function fromLatin1(text: string): Buffer {
  const bytes: Buffer = Reflect.construct(Uint8Array, [text.length], Buffer);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Those of TLS over streams of the guest's own. */
const wires = new Set<SocketHandle>();

/**
 * In Node what has come over a stream is decrypted before anything else is told of it. Here it goes to the host and
 * back, and a driver that listens to the socket below must not hear of its end before it has the last bytes.
 */
function afterWires(tell: () => void): void {
  let left = wires.size;
  if (left === 0) return tell();
  for (const wire of wires) {
    wire.sync(() => {
      left -= 1;
      if (left === 0) tell();
    });
  }
}

/** The host's half of a socket. Its events go to the owner of the moment. */
export class SocketHandle {
  owner: HandleOwner;
  readonly #operation: Operation;
  /** Wait for the host to have taken what went over the wire before them. */
  readonly #syncs: (() => void)[] = [];

  constructor(op: 'socket' | 'tls', params: object, owner: HandleOwner) {
    this.owner = owner;
    const inTurn = op === 'socket' ? afterWires : (tell: () => void) => tell();
    if (op === 'tls') wires.add(this);
    this.#operation = startOperation(op, params, undefined, ({ type, value, payload }) => {
      switch (type) {
        case 'data':
          return this.owner.onData(typeof payload === 'string' ? fromLatin1(payload) : bytesOver(payload!));
        case 'written':
          return this.owner.onWritten(value as number);
        case 'connect':
          return this.owner.onConnect(value as Endpoints);
        case 'finished':
          return this.owner.onFinished();
        case 'secure':
          return this.owner.onSecure(value as Secured, payload as ArrayBuffer | undefined);
        case 'end':
          return inTurn(() => this.owner.onEnd());
        case 'wire':
          return this.owner.onWire?.(payload as ArrayBuffer);
        case 'wireEnd':
          return this.owner.onWireEnd?.();
        case 'wireTaken':
          return this.owner.onWireTaken?.(value as number);
        case 'wireSynced':
          return this.#syncs.shift()?.();
        case 'done':
          this.#unwire();
          return inTurn(() => this.owner.onClose());
        case 'failed':
          this.#unwire();
          return inTurn(() => this.owner.onClose(value as Error));
      }
    });
  }

  write(bytes: Uint8Array): void {
    this.#operation.send('write', undefined, toArrayBuffer(bytes));
  }

  end(): void {
    this.#operation.send('end');
  }

  /** The guest has read so many bytes: the host may send more. */
  read(bytes: number): void {
    this.#operation.send('read', bytes);
  }

  send(type: 'noDelay' | 'keepAlive' | 'tls', value: unknown): void {
    this.#operation.send(type, value);
  }

  /** What has come over the guest's own stream; nothing: its end. */
  wire(bytes: Uint8Array | undefined): void {
    this.#operation.send('wire', undefined, bytes && toArrayBuffer(bytes));
  }

  sync(done: () => void): void {
    this.#syncs.push(done);
    this.#operation.send('wireSync');
  }

  close(): void {
    this.#operation.cancel();
    this.#unwire();
  }

  #unwire(): void {
    wires.delete(this);
    for (const done of this.#syncs.splice(0)) done();
  }
}
