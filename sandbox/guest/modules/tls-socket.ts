import { Buffer } from 'buffer';
import type { Duplex } from 'readable-stream';
import { notImplemented } from '../not-implemented.ts';
import type { Options, Target } from './net-options.ts';
import { Socket } from './net-socket.ts';
import { type Secured, SocketHandle } from './socket-handle.ts';
import { crossingOptions, expectedName, ownNameCheck } from './tls-options.ts';

/**
 * TLS by the host, as node:tls's class of the name: over a connection of its own, over an open socket, or over any
 * other stream, whose bytes then go to the host and back.
 */
export class TLSSocket extends Socket {
  readonly encrypted = true;
  authorized = false;
  authorizationError: string | Error | null = null;
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

  constructor(under?: Socket | Duplex, options: Options = {}, byConnect = false) {
    super({ allowHalfOpen: options.allowHalfOpen });
    if (options.isServer) throw notImplemented('a TLS server');
    this.#options = options;
    this.#reportOnly = !byConnect;
    this.#under = under;
    if (typeof options.servername === 'string') this.servername = options.servername;
    if (!under) return;
    if (under instanceof Socket && !(under instanceof TLSSocket)) this.#upgrade(under);
    else this.#wrap(under);
  }

  get _parent(): unknown {
    return this.#under;
  }

  override _open(target: Target, options: Options): void {
    const tls = crossingOptions({ ...this.#options, ...options }, this.#reportOnly);
    this._adopt(new SocketHandle('socket', { ...target, tls }, this));
  }

  /** The host's half of the open socket changes hands. */
  #upgrade(under: Socket): void {
    if (under.connecting) {
      this.connecting = true;
      under.once('connect', () => this.#upgrade(under));
      under.once('error', (error: Error) => this.destroy(error));
      return;
    }
    const handle = under._handle;
    if (!handle) {
      this.destroy(Object.assign(new Error('The socket is closed'), { code: 'ERR_SOCKET_CLOSED' }));
      return;
    }
    const { remoteAddress, remotePort, remoteFamily, localAddress, localPort } = under;
    Object.assign(this, { remoteAddress, remotePort, remoteFamily, localAddress, localPort });
    this._host = under._host;
    handle.send('tls', crossingOptions(this.#options, this.#reportOnly));
    this._adopt(handle);
    this._connected();
    under._handle = null;
    // A driver may wait for the close of the socket that it opened.
    this.once('close', () => under.destroy());
    under.once('close', () => this.destroy());
  }

  #wrap(under: Duplex): void {
    const handle = new SocketHandle('tls', { tls: crossingOptions(this.#options, this.#reportOnly) }, this);
    this._adopt(handle);
    this._connected();
    under.on('data', (bytes: Uint8Array) => handle.wire(bytes));
    under.on('end', () => handle.wire(undefined));
    under.on('error', (error: Error) => this.destroy(error));
    under.on('close', () => this.destroy());
    this.once('close', () => under.destroy());
  }

  onWire(bytes: ArrayBuffer): void {
    (this.#under as Duplex).write(Buffer.from(bytes));
  }

  onWireEnd(): void {
    (this.#under as Duplex).end();
  }

  override onSecure(secured: Secured, rawCertificate: ArrayBuffer | undefined): void {
    if (this.destroyed) return;
    this.#secured = secured;
    this.secureConnecting = false;
    this.alpnProtocol = secured.alpnProtocol;
    this.authorized = secured.authorized;
    this.authorizationError = secured.authorizationError ?? null;
    this.#certificate = rawCertificate
      ? { ...secured.certificate, raw: Buffer.from(rawCertificate) }
      : secured.certificate;
    const refusal = this.#checkName();
    if (refusal && this.#options.rejectUnauthorized !== false) return void this.destroy(refusal);
    if (refusal) {
      this.authorized = false;
      this.authorizationError = refusal;
    }
    this.emit('secure');
    this.emit('secureConnect');
  }

  #checkName(): Error | undefined {
    const check = ownNameCheck(this.#options);
    if (!check || this.#reportOnly) return undefined;
    return check(expectedName(this.#options, this._host), this.#certificate);
  }

  override onClose(error?: Error): void {
    if (error && this.#reportOnly && this.secureConnecting) {
      this.emit('_tlsError', error);
      super.onClose();
      return;
    }
    super.onClose(error);
  }

  #verifyError(): Error | null {
    const code = this.#secured?.authorizationError;
    return code === undefined ? null : Object.assign(new Error(code), { code });
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
