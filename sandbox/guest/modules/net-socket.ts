import { Buffer } from 'buffer';
import { Duplex } from 'readable-stream';
import { isIP } from './net-address.ts';
import { resolveTarget } from './net-lookup.ts';
import {
  type Listener,
  milliseconds,
  type Options,
  readConnectArguments,
  readTarget,
  type Target,
} from './net-options.ts';
import { destroyOnAbort } from './socket-abort.ts';
import { closedBeforeConnection, endedByPeer, socketClosed } from './socket-errors.ts';
import { type Endpoints, type HandleOwner, type Secured, SocketHandle } from './socket-handle.ts';
import { createIdleness } from './socket-idleness.ts';
import { createSocketReads, REPORT_BYTES } from './socket-reads.ts';
import { createSocketWrites, type Done } from './socket-writes.ts';

declare function queueMicrotask(callback: () => void): void;

interface Chunk {
  chunk: Uint8Array;
}

/** A TCP socket of the host's, as node:net's class of the name. */
export class Socket extends Duplex implements HandleOwner {
  connecting = false;
  timeout: number | undefined;
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  remoteFamily: string | undefined;
  localAddress: string | undefined;
  localPort: number | undefined;
  autoSelectFamilyAttemptedAddresses: string[] = [];
  /** Libraries look whether there is one. */
  _handle: SocketHandle | null = null;
  _host: string | null = null;
  readonly #settings: { noDelay?: boolean; keepAliveMs?: number } = {};
  readonly #idleness = createIdleness(() => this.emit('timeout'));
  #reads = createSocketReads();
  #writes = createSocketWrites();
  /** Whether there is, or was, a connection or an attempt at one. */
  #hasBegun = false;
  #hasConnected = false;

  constructor(options: Options = {}) {
    super({
      allowHalfOpen: options.allowHalfOpen === true,
      autoDestroy: true,
      emitClose: false,
      highWaterMark: REPORT_BYTES,
    });
    if (options.fd !== undefined) throw new TypeError('A socket of a file descriptor cannot be had here');
    this.on('end', () => {
      if (!this.allowHalfOpen) this.write = this.#writeAfterEnd;
    });
    this.#takeSettings(options);
    destroyOnAbort(this, options.signal);
  }

  connect(...args: unknown[]): this {
    const { options, listener } = readConnectArguments(args);
    const target = readTarget(options);
    if (listener) this.once('connect', listener);
    this.#begin();
    this._host = isIP(target.host) === 0 ? target.host : null;
    this.#takeSettings(options);
    if (typeof options.timeout === 'number') this.setTimeout(options.timeout);
    resolveTarget(target, options, (error, found) => {
      if (!this.connecting) return;
      if (error) this.destroy(error);
      else this.#open(found, options);
    });
    return this;
  }

  /** The same socket may be connected again and again. */
  #begin(): void {
    if (this.write !== Socket.prototype.write) Reflect.deleteProperty(this, 'write');
    if (this.destroyed) this._undestroy();
    this.connecting = true;
    this.#hasBegun = true;
    this.#reads = createSocketReads();
    this.#writes = createSocketWrites();
  }

  #takeSettings(options: Options): void {
    if (options.noDelay) this.#settings.noDelay = true;
    if (options.keepAlive) this.#settings.keepAliveMs = milliseconds(options.keepAliveInitialDelay);
  }

  #open(target: Target, options: Options): void {
    const params = { ...target, ...this.#settings, ...this._openingTls(options) };
    this._adopt(new SocketHandle('socket', params, this));
  }

  /** A TLS socket has more to say. */
  _openingTls(_options: Options): object {
    return {};
  }

  _adopt(handle: SocketHandle): void {
    this._handle = handle;
    handle.owner = this;
  }

  get pending(): boolean {
    return !this._handle || this.connecting;
  }

  get readyState(): string {
    if (this.connecting) return 'opening';
    if (!this.#hasConnected || this.destroyed) return 'closed';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get bufferSize(): number {
    return this.writableLength;
  }

  get localFamily(): string | undefined {
    return this.remoteFamily;
  }

  address(): object {
    if (this.localAddress === undefined) return {};
    return { address: this.localAddress, port: this.localPort, family: this.remoteFamily };
  }

  get bytesRead(): number {
    return this.#reads.bytes;
  }

  /** What waits to be handed over counts, as in Node. */
  get bytesWritten(): number {
    return this.#writes.bytes - this.#writes.bytesOfChunk + this.writableLength;
  }

  onConnect(endpoints: Endpoints): void {
    Object.assign(this, endpoints);
    this._connected();
    if (this._host !== null) {
      this.emit('lookup', null, this.remoteAddress, this.remoteFamily === 'IPv6' ? 6 : 4, this._host);
    }
    this.emit('connect');
    this.emit('ready');
  }

  _connected(): void {
    this.connecting = false;
    this.#hasBegun = true;
    this.#hasConnected = true;
    this._active();
  }

  onSecure(_secured: Secured, _rawCertificate: ArrayBuffer | undefined): void {}

  onData(bytes: Uint8Array): void {
    if (this.destroyed) return;
    this._active();
    this.#reads.came(bytes.byteLength);
    this.#reads.taken(this.push(bytes), this._handle);
  }

  onEnd(): void {
    if (this.destroyed) return;
    this.push(null);
    this.read(0);
  }

  onWritten(bytes: number): void {
    this._active();
    this.#writes.written(bytes);
  }

  onFinished(): void {
    this.#writes.finished();
  }

  onClose(error?: Error & { syscall?: string }): void {
    this._handle = null;
    if (this.connecting && error?.syscall === 'getaddrinfo') {
      this.emit('lookup', error, undefined, undefined, this._host);
    }
    if (error) this.destroy(error);
    else if (this.readableLength === 0 || this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  override _read(): void {
    this.#reads.wanted(this._handle);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    if (this.connecting) return this.#whenConnected(() => this._write(chunk, '', done), done);
    if (!this._handle) return done(socketClosed());
    this._active();
    this.#writes.write(this._handle, chunk, done);
  }

  override _writev(chunks: Chunk[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: Done): void {
    if (this.connecting) return this.#whenConnected(() => this._final(done), done);
    if (this._handle) this.#writes.end(this._handle, done);
    else done();
  }

  #whenConnected(run: () => void, done: Done): void {
    const onClose = () => {
      this.off('connect', onConnect);
      done(closedBeforeConnection());
    };
    const onConnect = () => {
      this.off('close', onClose);
      run();
    };
    this.once('connect', onConnect);
    this.once('close', onClose);
  }

  /** Says who ended it, where a stream would say that it has been ended. */
  #writeAfterEnd(...args: unknown[]): boolean {
    if (!this.writableEnded) return super.write(...args);
    const error = endedByPeer();
    const done = args.find((arg) => typeof arg === 'function') as Done | undefined;
    if (done) queueMicrotask(() => done(error));
    this.destroy(error);
    return false;
  }

  override _destroy(error: Error | null, done: Done): void {
    this.connecting = false;
    this.#idleness.stop();
    this._handle?.close();
    this._handle = null;
    done(error);
    this.#writes.abandon(error);
    // After the error, which is told in a turn of its own, too.
    const hadError = this.#hasBegun ? [Boolean(error)] : [];
    this.#hasBegun = false;
    queueMicrotask(() => this.emit('close', ...hadError));
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    return this.destroy(this._handle ? undefined : socketClosed());
  }

  setNoDelay(enable: unknown = true): this {
    this.#settings.noDelay = Boolean(enable);
    this._handle?.send('noDelay', this.#settings.noDelay);
    return this;
  }

  /** `(enable, delay)` or `({ enable, initialDelay })` */
  setKeepAlive(enable: unknown = false, delay: unknown = 0): this {
    const given =
      typeof enable === 'object' && enable !== null
        ? (enable as { enable?: unknown; initialDelay?: unknown })
        : { enable, initialDelay: delay };
    const delayMs = milliseconds(given.initialDelay);
    if (given.enable) this.#settings.keepAliveMs = delayMs;
    else delete this.#settings.keepAliveMs;
    this._handle?.send('keepAlive', { enable: Boolean(given.enable), delayMs });
    return this;
  }

  /** Milliseconds without anything happening until `timeout` is emitted; 0 for never. */
  setTimeout(ms: number, listener?: Listener): this {
    if (this.destroyed) return this;
    this.timeout = ms;
    if (listener) {
      if (ms === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    this.#idleness.set(ms);
    return this;
  }

  _active(): void {
    this.#idleness.active();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
