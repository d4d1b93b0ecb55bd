import { Buffer } from 'buffer';
import { Duplex } from 'readable-stream';
import { isIP } from './net-address.ts';
import { type Listener, type Options, readConnectArguments, readTarget, type Target } from './net-options.ts';
import { type Endpoints, type HandleOwner, type Secured, SocketHandle } from './socket-handle.ts';

declare function queueMicrotask(callback: () => void): void;
declare function setTimeout(callback: () => void, ms: number): { unref(): void };
declare function clearTimeout(timer: unknown): void;

type Done = (error?: Error | null) => void;
interface Chunk {
  chunk: Uint8Array;
}
interface SignalLike {
  aborted: boolean;
  reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
}

/** Bytes read after which the host is told that it may send more. */
const REPORT_BYTES = 64 * 1024;
/** Bytes that may be on their way to the network before a write waits. */
const WRITE_WINDOW_BYTES = 512 * 1024;

/** A TCP socket of the host's, as node:net's class of the name. */
export class Socket extends Duplex implements HandleOwner {
  connecting = false;
  bytesRead = 0;
  bytesWritten = 0;
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
  #settings: { noDelay?: boolean; keepAliveMs?: number } = {};
  #hasConnected = false;
  #unreported = 0;
  #unwritten = 0;
  #afterWritten: Done | undefined;
  #activeAt = 0;
  #idleTimer: unknown;

  constructor(options: Options = {}) {
    super({
      allowHalfOpen: options.allowHalfOpen === true,
      autoDestroy: true,
      emitClose: false,
      highWaterMark: REPORT_BYTES,
    });
    if (options.fd !== undefined) throw new TypeError('A socket of a file descriptor cannot be had here');
    const signal = options.signal as SignalLike | undefined;
    if (signal?.aborted) queueMicrotask(() => this.destroy(aborted(signal)));
    else signal?.addEventListener('abort', () => this.destroy(aborted(signal)));
  }

  connect(...args: unknown[]): this {
    const { options, listener } = readConnectArguments(args);
    const target = readTarget(options);
    if (listener) this.once('connect', listener);
    if (this.destroyed) this._undestroy();
    this.connecting = true;
    this._host = isIP(target.host) === 0 ? target.host : null;
    this.#take(options);
    const { lookup } = options;
    if (typeof lookup !== 'function' || isIP(target.host) !== 0 || isSystemLookup(lookup)) {
      this._open(target, options);
      return this;
    }
    lookup(target.host, { family: target.family }, (error: Error | null, found: unknown) => {
      if (!this.connecting) return;
      if (error) return this.destroy(error);
      const address = Array.isArray(found) ? (found[0] as { address: string })?.address : String(found);
      this._open({ ...target, host: address }, options);
    });
    return this;
  }

  #take(options: Options): void {
    if (options.noDelay) this.#settings.noDelay = true;
    if (options.keepAlive) this.#settings.keepAliveMs = Number(options.keepAliveInitialDelay ?? 0);
    if (typeof options.timeout === 'number') this.setTimeout(options.timeout);
  }

  /** TlsSocket has its own. */
  _open(target: Target, _options: Options): void {
    this._adopt(new SocketHandle('socket', { ...target, ...this.#settings }, this));
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
    this.#hasConnected = true;
    this._active();
  }

  onSecure(_secured: Secured, _rawCertificate: ArrayBuffer | undefined): void {}

  onData(bytes: Uint8Array): void {
    if (this.destroyed) return;
    this._active();
    this.bytesRead += bytes.byteLength;
    this.#unreported += bytes.byteLength;
    if (this.push(bytes)) this.#report(REPORT_BYTES);
  }

  onEnd(): void {
    if (this.destroyed) return;
    this.push(null);
    this.read(0);
  }

  onWritten(bytes: number): void {
    this.#unwritten -= bytes;
    if (this.#unwritten > WRITE_WINDOW_BYTES) return;
    const done = this.#afterWritten;
    this.#afterWritten = undefined;
    done?.();
  }

  onClose(error?: Error): void {
    this._handle = null;
    if (error) this.destroy(error);
    else if (this.readableLength === 0 || this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  override _read(): void {
    this.#report(1);
  }

  #report(fromBytes: number): void {
    if (this.#unreported < fromBytes) return;
    this._handle?.read(this.#unreported);
    this.#unreported = 0;
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    if (this.connecting) {
      this.#whenConnected(() => this._write(chunk, '', done), done);
      return;
    }
    if (!this._handle) return done(broken());
    this._active();
    this.bytesWritten += chunk.byteLength;
    this.#unwritten += chunk.byteLength;
    this._handle.write(chunk);
    if (this.#unwritten > WRITE_WINDOW_BYTES) this.#afterWritten = done;
    else done();
  }

  override _writev(chunks: Chunk[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: Done): void {
    if (this.connecting) return this.#whenConnected(() => this._final(done), done);
    this._handle?.end();
    done();
  }

  #whenConnected(run: () => void, done: Done): void {
    const onClose = () => done(broken());
    this.once('connect', () => {
      this.off('close', onClose);
      run();
    });
    this.once('close', onClose);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.connecting = false;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    this._handle?.close();
    this._handle = null;
    done(error);
    // After the error, which is told in a turn of its own, too.
    queueMicrotask(() => this.emit('close', error !== null && error !== undefined));
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  setNoDelay(enable = true): this {
    this.#settings.noDelay = enable;
    this._handle?.send('noDelay', enable);
    return this;
  }

  setKeepAlive(enable = false, delayMs = 0): this {
    if (enable) this.#settings.keepAliveMs = delayMs;
    else delete this.#settings.keepAliveMs;
    this._handle?.send('keepAlive', { enable, delayMs: Math.max(0, Number(delayMs) || 0) });
    return this;
  }

  /** Milliseconds without anything happening until `timeout` is emitted; 0 for never. */
  setTimeout(ms: number, listener?: Listener): this {
    this.timeout = ms;
    if (listener) {
      if (ms === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    if (ms > 0 && !this.destroyed) {
      this._active();
      this.#awaitIdleness(ms);
    }
    return this;
  }

  _active(): void {
    if (this.timeout) this.#activeAt = Date.now();
  }

  /** One timer that looks again, instead of one for each piece of data. */
  #awaitIdleness(ms: number): void {
    const timer = setTimeout(() => {
      if (this.destroyed || !this.timeout) return;
      const leftMs = this.#activeAt + this.timeout - Date.now();
      if (leftMs > 0) return this.#awaitIdleness(leftMs);
      this.#idleTimer = undefined;
      this.emit('timeout');
    }, ms);
    timer.unref();
    this.#idleTimer = timer;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** `dns.lookup` given as the option is what the host does by itself. */
const systemLookups = new WeakSet<object>();

export function markSystemLookup(lookup: object): void {
  systemLookups.add(lookup);
}

function isSystemLookup(lookup: object): boolean {
  return systemLookups.has(lookup);
}

function broken(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE', errno: -32, syscall: 'write' });
}

function aborted({ reason }: SignalLike): Error {
  return Object.assign(new Error('The operation was aborted', { cause: reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}
