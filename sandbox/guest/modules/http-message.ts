import { Readable } from 'readable-stream';
import { headersDistinct, type MergedHeaders, mergeHeaders } from './http-headers.ts';
import type { RequestSocket } from './http-socket.ts';

export interface Head {
  status: number;
  statusText: string;
  /** Raw name, value, name, value. */
  headers: string[];
}

declare function queueMicrotask(callback: () => void): void;

/** Bytes read after which the host is told that it may send more. */
const REPORT_BYTES = 64 * 1024;

/** A response, as node:http's class of the name. */
export class IncomingMessage extends Readable {
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly rawHeaders: string[];
  readonly rawTrailers: string[] = [];
  readonly trailers = {};
  readonly method = null;
  readonly url = '';
  readonly socket: RequestSocket;
  readonly connection: RequestSocket;
  /** The request, once it has one. */
  req: unknown;
  complete = false;
  aborted = false;
  headers: MergedHeaders;
  #unreported = 0;
  #reportRead: (bytes: number) => void;
  #cancel: () => void;

  constructor(head: Head, socket: RequestSocket, wire: { reportRead(bytes: number): void; cancel(): void }) {
    super({ autoDestroy: true, highWaterMark: REPORT_BYTES });
    this.statusCode = head.status;
    this.statusMessage = head.statusText;
    this.rawHeaders = head.headers;
    this.headers = mergeHeaders(head.headers);
    this.socket = socket;
    this.connection = socket;
    this.#reportRead = wire.reportRead;
    this.#cancel = wire.cancel;
  }

  get headersDistinct(): Record<string, string[]> {
    return headersDistinct(this.rawHeaders);
  }

  setTimeout(ms: number, listener?: () => void): this {
    if (listener) this.on('timeout', listener);
    this.socket.setTimeout(ms, () => this.emit('timeout'));
    return this;
  }

  receive(chunk: unknown, bytes: number): void {
    if (this.destroyed) return;
    this.#unreported += bytes;
    if (this.push(chunk)) this.#report();
  }

  finish(): void {
    if (this.destroyed) return;
    this.complete = true;
    this.push(null);
  }

  /** The connection broke before the end. */
  cutOff(error: Error): void {
    if (!this.complete) this.destroy(error);
  }

  override _read(): void {
    this.#report();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.readableEnded || !this.complete) {
      this.aborted = true;
      this.emit('aborted');
      this.#cancel();
    }
    // As in Node, the error is for those who listen (lib/_http_incoming.js, `_destroy`).
    queueMicrotask(() => callback(this.listenerCount('error') > 0 ? error : null));
  }

  #report(): void {
    if (this.#unreported === 0 || this.complete) return;
    if (this.#unreported < REPORT_BYTES && this.readableLength > 0) return;
    this.#reportRead(this.#unreported);
    this.#unreported = 0;
  }
}
