import { Body, type BodySource, extractBody } from './fetch-body.ts';
import { Headers, type HeadersInit } from './headers.ts';
import { parseUrl, type UrlLike } from './http-url.ts';

export interface SignalLike {
  aborted: boolean;
  reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare const AbortController: new () => { signal: SignalLike };

export interface RequestInit {
  method?: string;
  headers?: HeadersInit | null;
  body?: unknown;
  redirect?: 'follow' | 'error' | 'manual';
  signal?: SignalLike | null;
  [option: string]: unknown;
}

/** Methods that are written in capitals whatever the script writes (Fetch standard, §2.2.1). */
const normalized = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Request of the Fetch standard, §5.4. */
export class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly redirect: 'follow' | 'error' | 'manual';
  readonly signal: SignalLike;
  readonly cache = 'default';
  readonly credentials = 'same-origin';
  readonly mode = 'cors';
  readonly referrer = 'about:client';
  readonly referrerPolicy = '';
  readonly integrity = '';
  readonly keepalive = false;
  readonly duplex = 'half';
  readonly destination = '';

  constructor(input: unknown, init: RequestInit = {}) {
    const base = input instanceof Request ? input : undefined;
    const given = extractBody(init.body);
    const inherits = base && (init.body === undefined || init.body === null) && base.hasBody();
    const source: BodySource = inherits ? base.surrender() : given.source;
    super(source);
    this.url = base ? base.url : parsed(String(input));
    this.method = methodOf(init.method ?? base?.method ?? 'GET');
    this.headers = new Headers(init.headers ?? base?.headers);
    this.redirect = redirectOf(init.redirect ?? base?.redirect ?? 'follow');
    this.signal = init.signal ?? base?.signal ?? new AbortController().signal;
    if (this.hasBody() && (this.method === 'GET' || this.method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body.');
    }
    if (given.type && !this.headers.has('content-type')) this.headers.set('content-type', given.type);
  }

  clone(): Request {
    const { method, headers, redirect, signal } = this;
    const copy = this.fork();
    const body = copy.kind === 'none' ? undefined : new Carrier(copy).body;
    return new Request(this.url, { method, headers, redirect, signal, body });
  }

  /** What is to be sent: text, bytes or nothing. */
  async payload(): Promise<string | Uint8Array | undefined> {
    return this.hasBody() ? this.take() : undefined;
  }

  get [Symbol.toStringTag](): string {
    return 'Request';
  }
}

/** Makes a stream of a source. */
class Carrier extends Body {
  readonly headers = new Headers();
}

function parsed(input: string): string {
  let url: UrlLike;
  try {
    url = parseUrl(input);
  } catch (cause) {
    throw Object.assign(new TypeError(`Failed to parse URL from ${input}`), { cause });
  }
  if (url.username || url.password) {
    throw new TypeError('Request cannot be constructed from a URL that includes credentials');
  }
  return url.href;
}

function methodOf(method: unknown): string {
  const text = String(method);
  const upper = text.toUpperCase();
  if (!token.test(text)) throw new TypeError(`'${text}' is not a valid HTTP method.`);
  if (upper === 'CONNECT' || upper === 'TRACE' || upper === 'TRACK') {
    throw new TypeError(`'${text}' HTTP method is unsupported.`);
  }
  return normalized.has(upper) ? upper : text;
}

function redirectOf(redirect: string): 'follow' | 'error' | 'manual' {
  if (redirect === 'follow' || redirect === 'error' || redirect === 'manual') return redirect;
  throw new TypeError(
    `Request constructor: ${redirect} is not an accepted type. Expected one of follow, error, manual.`,
  );
}
