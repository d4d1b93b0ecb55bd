import { Buffer } from 'buffer';
import { Writable } from 'readable-stream';
import { type Operation, type OperationEvent, startOperation, toArrayBuffer } from '../bridge.ts';
import { Agent } from './http-agent.ts';
import { coded, validateHeaderName, validateHeaderValue } from './http-headers.ts';
import { type Head, IncomingMessage } from './http-message.ts';
import { type RequestOptions, type RequestTarget, readTarget } from './http-options.ts';
import { takePlace } from './http-places.ts';
import { RequestSocket } from './http-socket.ts';

declare function queueMicrotask(callback: () => void): void;

type Done = (error?: Error | null) => void;
type HeaderValue = string | number | readonly string[];

/** A request, as node:http's class of the name. Its body is gathered and goes out whole when it is ended. */
export class ClientRequest extends Writable {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  readonly agent: unknown;
  readonly socket: RequestSocket;
  readonly connection: RequestSocket;
  readonly reusedSocket = false;
  aborted = false;
  finished = false;
  headersSent = false;
  timeout: number | undefined;
  res: IncomingMessage | undefined;
  maxHeadersCount: number | null = null;
  shouldKeepAlive = true;
  #target: RequestTarget;
  /** Lower-case name to the name as it was given and its value. */
  #headers = new Map<string, { name: string; value: HeaderValue }>();
  #chunks: Uint8Array[] = [];
  #operation: Operation | undefined;
  #over = false;
  #stopListening: (() => void) | undefined;
  #leave: (() => void) | undefined;

  constructor(options: RequestOptions, protocol: 'http:' | 'https:', callback?: (response: unknown) => void) {
    super({ autoDestroy: false, emitClose: false, decodeStrings: true });
    const target = readTarget(options, protocol);
    this.#target = target;
    this.method = target.method;
    this.path = target.path;
    this.host = target.host;
    this.protocol = target.protocol;
    this.agent = options.agent;
    this.socket = new RequestSocket(protocol === 'https:', target.port, (error) => this.destroy(error));
    this.connection = this.socket;
    this.socket.on('timeout', () => this.emit('timeout'));
    this.#takeHeaders(options.headers);
    if (!this.hasHeader('host') && options.setHost !== false) this.setHeader('Host', target.hostHeader);
    if (target.authorization && !this.hasHeader('authorization')) {
      this.setHeader('Authorization', target.authorization);
    }
    if (callback) this.once('response', callback);
    const agentTimeout = (options.agent as { options?: { timeout?: number } } | undefined)?.options?.timeout;
    const timeout = Number(options.timeout ?? agentTimeout ?? 0);
    if (timeout > 0) this.setTimeout(timeout);
    this.#listenTo(options.signal as SignalLike | undefined);
    queueMicrotask(() => {
      if (this.destroyed) return;
      this.emit('socket', this.socket);
      this.socket.emit('connect');
      if (this.socket.encrypted) this.socket.emit('secureConnect');
    });
  }

  get writableCorked(): number {
    return 0;
  }

  setHeader(name: string, value: HeaderValue): this {
    if (this.headersSent) {
      throw coded('ERR_HTTP_HEADERS_SENT', 'Cannot set headers after they are sent to the client', Error);
    }
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one);
    this.#headers.set(name.toLowerCase(), { name, value });
    return this;
  }

  appendHeader(name: string, value: HeaderValue): this {
    const before = this.getHeader(name);
    const both = before === undefined ? value : [before, value].flat().map(String);
    return this.setHeader(name, both as HeaderValue);
  }

  setHeaders(headers: Iterable<[string, HeaderValue]>): this {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(String(name).toLowerCase())?.value;
  }

  getHeaders(): Record<string, HeaderValue> {
    return Object.fromEntries([...this.#headers].map(([name, { value }]) => [name, value]));
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  getRawHeaderNames(): string[] {
    return [...this.#headers.values()].map(({ name }) => name);
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(String(name).toLowerCase());
  }

  removeHeader(name: string): void {
    if (this.headersSent) {
      throw coded('ERR_HTTP_HEADERS_SENT', 'Cannot remove headers after they are sent to the client', Error);
    }
    this.#headers.delete(String(name).toLowerCase());
  }

  /** They go out with the body. */
  flushHeaders(): void {}

  setNoDelay(): this {
    return this;
  }

  setSocketKeepAlive(): this {
    return this;
  }

  /** Milliseconds without anything happening until `timeout` is emitted. */
  setTimeout(ms: number, listener?: () => void): this {
    this.timeout = ms;
    if (listener) this.once('timeout', listener);
    this.socket.setTimeout(ms);
    return this;
  }

  override end(...args: unknown[]): this {
    this.finished = true;
    return super.end(...args);
  }

  override _write(chunk: unknown, _encoding: string, callback: Done): void {
    this.#chunks.push(chunk as Uint8Array);
    this.socket.active();
    callback();
  }

  override _final(callback: Done): void {
    callback();
    if (this.destroyed) return;
    const { agent } = this;
    if (agent instanceof Agent) this.#leave = takePlace(agent, this.#target.url, () => this.#send());
    else this.#send();
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    queueMicrotask(() => this.emit('abort'));
    this.destroy();
  }

  override destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.#operation?.cancel();
    const { res } = this;
    if (res) res.cutOff(error ?? coded('ECONNRESET', 'aborted', Error));
    this.#end(res ? undefined : (error ?? coded('ECONNRESET', 'socket hang up', Error)));
    return this;
  }

  #send(): void {
    this.headersSent = true;
    const { method, url, path, tls } = this.#target;
    const body = this.#chunks.length > 0 ? Buffer.concat(this.#chunks) : undefined;
    this.#chunks = [];
    const headers: string[] = [];
    for (const { name, value } of this.#headers.values()) {
      if (!Array.isArray(value)) headers.push(name, String(value));
      else if (name.toLowerCase() === 'cookie') headers.push(name, value.join('; '));
      else for (const one of value) headers.push(name, String(one));
    }
    const params = { method, url, path, headers, decompress: false, as: 'bytes', stream: true, tls };
    const bytes = body && body.length > 0 ? toArrayBuffer(body) : undefined;
    this.#operation = startOperation('http', params, bytes, (event) => this.#receive(event));
  }

  #receive({ type, value, payload }: OperationEvent): void {
    this.socket.active();
    switch (type) {
      case 'head':
        this.#respond(value);
        return;
      case 'chunk':
        return this.#chunk(payload);
      case 'done':
        return this.res ? this.#complete(this.res) : this.#wholeResponse(value, payload);
      case 'failed':
        this.destroyed = true;
        if (this.res) {
          this.res.cutOff(value);
          return this.#end();
        }
        return this.#end(value);
    }
  }

  #wholeResponse(value: Head & { broken?: { message: string; code?: string } }, payload: unknown): void {
    const response = this.#respond(value);
    this.#chunk(payload);
    if (!value.broken) return this.#complete(response);
    response.cutOff(coded(value.broken.code ?? 'ECONNRESET', value.broken.message, Error));
    this.#end();
  }

  #complete(response: IncomingMessage): void {
    response.finish();
    this.socket.complete();
    this.#end();
  }

  #chunk(payload: unknown): void {
    const bytes = payload instanceof ArrayBuffer ? payload.byteLength : 0;
    if (bytes > 0) this.res?.receive(Buffer.from(payload as ArrayBuffer), bytes);
  }

  #respond(head: Head): IncomingMessage {
    const response = new IncomingMessage(head, this.socket, {
      reportRead: (bytes) => this.#operation?.send('more', bytes),
      cancel: () => {
        this.#operation?.cancel();
        this.#end();
      },
    });
    this.res = response;
    response.req = this;
    // Nobody who would read it: let it run out, as node:http does.
    if (!this.emit('response', response)) response.resume();
    return response;
  }

  #end(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopListening?.();
    this.#leave?.();
    this.socket.close();
    queueMicrotask(() => {
      if (error) this.emit('error', error);
      this.socket.emit('close', Boolean(error));
      this.emit('close');
    });
  }

  #takeHeaders(headers: unknown): void {
    if (!headers || typeof headers !== 'object') return;
    if (!Array.isArray(headers)) {
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) this.setHeader(name, value as HeaderValue);
      }
      return;
    }
    if (headers.every((entry) => Array.isArray(entry))) {
      for (const [name, value] of headers) this.appendHeader(name, value);
    } else {
      for (let index = 0; index + 1 < headers.length; index += 2)
        this.appendHeader(headers[index], headers[index + 1]);
    }
  }

  #listenTo(signal: SignalLike | undefined): void {
    if (!signal) return;
    const onAbort = () => {
      const error = coded('ABORT_ERR', 'The operation was aborted', Error);
      error.name = 'AbortError';
      this.destroy(Object.assign(error, { cause: signal.reason }));
    };
    if (signal.aborted) return queueMicrotask(onAbort);
    signal.addEventListener('abort', onAbort);
    this.#stopListening = () => signal.removeEventListener('abort', onAbort);
  }
}

interface SignalLike {
  aborted: boolean;
  reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
