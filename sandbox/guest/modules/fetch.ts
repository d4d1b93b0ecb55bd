import { ReadableStream } from 'web-streams-polyfill';
import { type Operation, type OperationEvent, startOperation, toArrayBuffer } from '../bridge.ts';
import type { BodySource } from './fetch-body.ts';
import { Request, type RequestInit, type SignalLike } from './fetch-request.ts';
import { arrivedResponse, isRedirectStatus, mayHaveBody, Response } from './fetch-response.ts';
import { Headers } from './headers.ts';
import { parseUrl, type UrlLike } from './http-url.ts';
import { tlsOptionsOf } from './tls-options.ts';

export { FormData } from './fetch-form-data.ts';
export { Headers, Request, Response };

interface Head {
  status: number;
  statusText: string;
  headers: string[];
}

/** One answer of the host: the head, and the body that is there already or a stream of it. */
interface Exchange {
  head: Head;
  source: BodySource;
}

/** Fetch standard, §4.4: a longer chain is a network error. */
const MAX_REDIRECTS = 20;

/** As the fetch of Node introduces itself. */
const defaults: [string, string][] = [
  ['accept', '*/*'],
  ['accept-language', '*'],
  ['sec-fetch-mode', 'cors'],
  ['user-agent', 'node'],
];

/** fetch of the Fetch standard, §5.6. A failure of the network is a TypeError whose `cause` has Node's code. */
export async function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { signal } = request;
  if (signal.aborted) throw signal.reason;
  let { method } = request;
  let payload = await request.payload();
  const headers = new Headers(request.headers);
  for (const [name, value] of defaults) if (!headers.has(name)) headers.set(name, value);
  let url = parseUrl(request.url);
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', encodingsFor(url));
  for (let redirects = 0; ; redirects++) {
    const { head, source } = await exchange(url, method, headers, payload, signal);
    const received = Headers.fromRaw(head.headers);
    const location = isRedirectStatus(head.status) ? received.get('location') : null;
    if (location === null || request.redirect === 'manual') {
      const body: BodySource = mayHaveBody(head.status) && method !== 'HEAD' ? source : { kind: 'none' };
      const { status, statusText } = head;
      const where = { url: url.href.slice(0, url.href.length - url.hash.length), redirected: redirects > 0 };
      return arrivedResponse({ source: body, status, statusText, headers: received, ...where });
    }
    if (source.kind === 'stream') source.stream.cancel().catch(() => {});
    if (request.redirect === 'error') throw failure(new Error('unexpected redirect'));
    if (redirects === MAX_REDIRECTS) throw failure(new Error('redirect count exceeded'));
    const next = resolved(location, url);
    const { status } = head;
    if (((status === 301 || status === 302) && method === 'POST') || (status === 303 && !isSafe(method))) {
      method = 'GET';
      payload = undefined;
      for (const name of [...headers.keys()]) if (name.startsWith('content-')) headers.delete(name);
    }
    // Fetch standard, §4.5, "HTTP-redirect fetch": credentials stay with their origin.
    if (next.origin !== url.origin) {
      for (const name of ['authorization', 'proxy-authorization', 'cookie', 'host']) headers.delete(name);
    }
    url = next;
  }
}

/** Node asks for br over TLS alone, where no proxy can mistake it. */
function encodingsFor({ protocol }: UrlLike): string {
  return protocol === 'https:' ? 'br, gzip, deflate' : 'gzip, deflate';
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function resolved(location: string, base: UrlLike): UrlLike {
  let url: UrlLike;
  try {
    url = parseUrl(location, base.href);
  } catch (cause) {
    throw failure(cause);
  }
  if (!url.hash && base.hash) url.hash = base.hash;
  return url;
}

function failure(cause: unknown): TypeError {
  const error = new TypeError('fetch failed');
  Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return error;
}

function exchange(
  url: UrlLike,
  method: string,
  headers: Headers,
  payload: string | Uint8Array | undefined,
  signal: SignalLike,
): Promise<Exchange> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return Promise.reject(failure(new Error(`unknown scheme ${url.protocol}`)));
  }
  const text = typeof payload === 'string' ? payload : undefined;
  const bytes = payload instanceof Uint8Array && payload.byteLength > 0 ? toArrayBuffer(payload) : undefined;
  const params = {
    method,
    url: url.href,
    headers: [...headers].flat(),
    text,
    decompress: true,
    as: 'auto',
    stream: true,
    tls: url.protocol === 'https:' ? tlsOptionsOf() : undefined,
  };
  return new Promise((resolve, reject) => {
    let stream: IncomingStream | undefined;
    const operation = startOperation('http', params, bytes, (event) => {
      switch (event.type) {
        case 'head':
          stream = new IncomingStream(operation);
          return resolve({ head: event.value, source: { kind: 'stream', stream: stream.readable } });
        case 'chunk':
          return stream?.receive(event);
        case 'done':
          release();
          return stream ? stream.end() : resolve(wholeExchange(event));
        case 'failed':
          release();
          return stream ? stream.fail(terminated(event.value)) : reject(failure(event.value));
      }
    });
    const onAbort = () => {
      release();
      operation.cancel();
      stream?.fail(signal.reason);
      reject(signal.reason);
    };
    const release = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort);
  });
}

function wholeExchange({ value, payload }: OperationEvent): Exchange {
  const { broken, ...head } = value as Head & { broken?: { message: string; code?: string } };
  if (broken) {
    const cause = Object.assign(
      new Error(broken.message),
      broken.code === undefined ? {} : { code: broken.code },
    );
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(terminated(cause)),
    });
    return { head, source: { kind: 'stream', stream } };
  }
  if (payload === undefined) return { head, source: { kind: 'text', text: '' } };
  if (typeof payload === 'string') return { head, source: { kind: 'text', text: payload } };
  return { head, source: { kind: 'bytes', bytes: new Uint8Array(payload) } };
}

/** What reading a body gives when the connection breaks under it. */
function terminated(cause: unknown): TypeError {
  return Object.assign(new TypeError('terminated'), { cause });
}

/** A body on its way. The host sends more as it is read. */
class IncomingStream {
  readonly readable: ReadableStream<Uint8Array>;
  #controller!: { enqueue(chunk: Uint8Array): void; close(): void; error(reason: unknown): void };
  #unreported = 0;
  #over = false;

  constructor(operation: Operation) {
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          if (this.#unreported > 0 && !this.#over) operation.send('more', this.#unreported);
          this.#unreported = 0;
        },
        cancel: () => {
          this.#over = true;
          operation.cancel();
        },
      },
      { highWaterMark: 1 },
    );
  }

  receive({ payload }: OperationEvent): void {
    if (this.#over || !(payload instanceof ArrayBuffer)) return;
    this.#unreported += payload.byteLength;
    this.#controller.enqueue(new Uint8Array(payload));
  }

  end(): void {
    if (!this.#over) this.#controller.close();
    this.#over = true;
  }

  fail(reason: unknown): void {
    if (!this.#over) this.#controller.error(reason);
    this.#over = true;
  }
}
