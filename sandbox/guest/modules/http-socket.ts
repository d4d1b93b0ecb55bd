import { EventEmitter } from 'events';

declare function setTimeout(callback: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

function ignore(): void {}

/** What libraries look for on a request's socket. The real one is the host's; this one keeps the idle time. */
export class RequestSocket extends EventEmitter {
  readonly connecting = false;
  readonly pending = false;
  readonly encrypted: boolean;
  readonly authorized: boolean;
  readonly remotePort: number;
  readonly remoteFamily = 'IPv4';
  readonly readyState = 'open';
  writable = true;
  readable = true;
  destroyed = false;
  timeout = 0;
  #timer: unknown;
  #onDestroy: (error?: Error) => void;

  constructor(secure: boolean, port: number, onDestroy: (error?: Error) => void) {
    super();
    this.encrypted = secure;
    this.authorized = secure;
    this.remotePort = port;
    this.#onDestroy = onDestroy;
    this.on('data', ignore);
  }

  /** Milliseconds without anything happening until `timeout` is emitted; 0 for never. */
  setTimeout(ms: number, listener?: () => void): this {
    this.timeout = ms;
    if (listener) {
      if (ms === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    this.active();
    return this;
  }

  /** Something happened: the idle time begins again. */
  active(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.timeout > 0 && !this.destroyed) {
      this.#timer = setTimeout(() => this.emit('timeout'), this.timeout);
    }
  }

  /** The exchange is over; a timer that is left would keep the execution from coming to rest. */
  release(): void {
    clearTimeout(this.#timer);
    this.timeout = 0;
  }

  /** All of the response has come. As long as it has not, node-fetch looks for a listener, node:http's parser. */
  complete(): void {
    this.removeListener('data', ignore);
    this.close();
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.close();
    this.#onDestroy(error);
    return this;
  }

  close(): void {
    this.release();
    this.destroyed = true;
    this.writable = false;
    this.readable = false;
  }

  end(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  getPeerCertificate(): object {
    return {};
  }
  address(): object {
    return {};
  }
}
