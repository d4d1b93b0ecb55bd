import { Buffer } from 'buffer';
import type { Duplex } from 'readable-stream';
import { notImplemented } from '../not-implemented.ts';
import type { Options } from './net-options.ts';
import { Socket } from './net-socket.ts';
import { socketClosed } from './socket-errors.ts';
import { type Secured, SocketHandle } from './socket-handle.ts';
import { crossingOptions, expectedName, ownNameCheck } from './tls-connect-options.ts';

const WIRE_WINDOW_BYTES = 256 * 1024;

/**
 * TLS by the host, as node:tls's class of the name: over a connection of its own, over an open socket, or over any
 * other stream, whose bytes then go to the host and back.
 */
export class TLSSocket extends Socket {
  readonly encrypted = true;
  authorized = false;
  authorizationError: string | null = null;
  alpnProtocol: string | false | null = null;
  servername: string | false | null = null;
  secureConnecting = true;
  /** The drivers that judge the peer by themselves ask it. */
  readonly ssl = { verifyError: (): Error | null => this.#verifyError() };
  readonly #options: Options;
  /** Made by the constructor alone, which reports what it finds of the peer and refuses nobody. */
  readonly #reportOnly: boolean;
  #secured: Secured | undefined;
  #certificate: Record<string, unknown> = {};
  #under: Socket | Duplex | undefined;
  /** Bytes of the stream below that the host has not taken yet. */
  #untaken = 0;

  constructor(under?: Socket | Duplex, options: Options = {}, byConnect = false) {
    super({ ...options, allowHalfOpen: under ? under.allowHalfOpen : options.allowHalfOpen });
    if (options.isServer) throw notImplemented('a TLS server');
    this.#options = options;
    this.#reportOnly = !byConnect;
    this.#under = under;
    if (typeof options.servername === 'string') this.servername = options.servername;
    // Who makes a socket by itself listens to this one; an error that is told here is not uncaught.
    if (!byConnect) this.on('error', (error: Error) => this.emit('_tlsError', error));
    if (!under) return;
    under.on('error', (error: Error) => this.destroy(error));
    // A driver may wait for the close of the socket that it opened.
    this.once('close', () => under.destroy());
    if (under instanceof Socket && !(under instanceof TLSSocket)) this.#upgrade(under);
    else this.#wrap(under);
  }

  get _parent(): unknown {
    return this.#under;
  }

  override _openingTls(options: Options): object {
    return { tls: crossingOptions({ ...this.#options, ...options }, this._host, this.#reportOnly) };
  }

  /** The host's half of the open socket changes hands. */
  #upgrade(under: Socket): void {
    under.once('close', () => this.destroy());
    this.#take(under);
  }

  #take(under: Socket): void {
    if (under.pending && !under.destroyed) {
      this.connecting = true;
      under.once('connect', () => {
        this.#take(under);
        if (!this.destroyed) this.emit('connect');
      });
      return;
    }
    const handle = under._handle;
    if (!handle) {
      this.destroy(socketClosed());
      return;
    }
    const { remoteAddress, remotePort, remoteFamily, localAddress, localPort } = under;
    Object.assign(this, { remoteAddress, remotePort, remoteFamily, localAddress, localPort });
    this._host = under._host;
    handle.send('tls', crossingOptions(this.#options, under._host, this.#reportOnly));
    this._adopt(handle);
    this._connected();
    under._handle = null;
  }

  #wrap(under: Duplex): void {
    const tls = crossingOptions(this.#options, undefined, this.#reportOnly);
    const handle = new SocketHandle('tls', { tls }, this);
    this._adopt(handle);
    this._connected();
    under.on('data', (bytes: Uint8Array) => {
      this.#untaken += bytes.byteLength;
      if (this.#untaken > WIRE_WINDOW_BYTES) under.pause();
      handle.wire(bytes);
    });
    let hasEnded = false;
    under.on('end', () => {
      hasEnded = true;
      handle.wire(undefined);
    });
    // What came before the end is still with the host, which tells of the end after it.
    under.on('close', () => {
      if (!hasEnded || this.readableEnded) this.destroy();
      else this.once('end', () => this.destroy());
    });
  }

  onWire(bytes: ArrayBuffer): void {
    (this.#under as Duplex).write(Buffer.from(bytes));
  }

  onWireEnd(): void {
    (this.#under as Duplex).end();
  }

  onWireTaken(bytes: number): void {
    this.#untaken -= bytes;
    if (this.#untaken <= WIRE_WINDOW_BYTES && this.#under?.isPaused()) this.#under.resume();
  }

  /** What goes on here goes on with the socket below, whose own timeout may be running. */
  override _active(): void {
    super._active();
    if (this.#under instanceof Socket) this.#under._active();
  }

  override onSecure(secured: Secured, rawCertificate: ArrayBuffer | undefined): void {
    if (this.destroyed) return;
    this.#secured = secured;
    this.alpnProtocol = secured.alpnProtocol;
    this.#certificate = certificateOf(secured, rawCertificate);
    this.servername ??= false;
    // In Node's order: the first to hear of `secure` is who emits `secureConnect`.
    if (!this.#reportOnly) this.#judge(secured);
    this.emit('secure');
  }

  #judge(secured: Secured): void {
    const refusal = secured.authorized ? this.#checkName() : undefined;
    this.authorized = secured.authorized && !refusal;
    this.authorizationError = refusal
      ? (refusal.code ?? refusal.message)
      : (secured.authorizationError ?? null);
    if (refusal && this.#options.rejectUnauthorized !== false) return void this.destroy(refusal);
    this.secureConnecting = false;
    this.emit('secureConnect');
  }

  #checkName(): (Error & { code?: string }) | undefined {
    const check = ownNameCheck(this.#options);
    return check?.(expectedName(this.#options, this._host), this.#certificate);
  }

  #verifyError(): Error | null {
    const found = this.#secured?.verifyError;
    return found ? Object.assign(new Error(found.message), { code: found.code }) : null;
  }

  /** The handshake has begun already. */
  _start(): void {}

  getProtocol(): string | null {
    return this.#secured?.protocol ?? null;
  }

  getCipher(): object {
    return this.#secured?.cipher ?? {};
  }

  getPeerCertificate(): object {
    return this.#certificate;
  }

  getCertificate(): object {
    return {};
  }

  getEphemeralKeyInfo(): object {
    return {};
  }

  getSession(): undefined {}

  getTLSTicket(): undefined {}

  getFinished(): undefined {}

  getPeerFinished(): undefined {}

  isSessionReused(): boolean {
    return false;
  }

  setSession(): void {}

  setServername(name: string): void {
    this.servername = name;
  }

  setMaxSendFragment(): boolean {
    return true;
  }

  disableRenegotiation(): void {}

  enableTrace(): void {}

  renegotiate(): never {
    throw notImplemented('TLSSocket.renegotiate');
  }

  exportKeyingMaterial(): never {
    throw notImplemented('TLSSocket.exportKeyingMaterial');
  }
}

function certificateOf({ certificate }: Secured, raw: ArrayBuffer | undefined): Record<string, unknown> {
  if (!raw) return certificate;
  const { pubkey, ...fields } = certificate;
  return {
    ...fields,
    ...(typeof pubkey === 'string' ? { pubkey: Buffer.from(pubkey, 'base64') } : {}),
    raw: Buffer.from(raw),
  };
}
