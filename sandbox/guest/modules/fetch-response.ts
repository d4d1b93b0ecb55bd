import { Body, type BodySource, extractBody } from './fetch-body.ts';
import { Headers, type HeadersInit } from './headers.ts';
import { parseUrl } from './http-url.ts';

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit | null;
}

const bodiless = new Set([101, 103, 204, 205, 304]);
const redirects = new Set([301, 302, 303, 307, 308]);

/** What only fetch itself may say about a response. */
interface Arrived {
  source: BodySource;
  status: number;
  statusText: string;
  headers: Headers;
  url: string;
  redirected: boolean;
  type?: string;
}

let arriving: Arrived | undefined;

/** Response of the Fetch standard, §5.5. */
export class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly url: string;
  readonly redirected: boolean;
  readonly type: string;

  constructor(body?: unknown, init: ResponseInit = {}) {
    const arrived = arriving;
    arriving = undefined;
    const given = arrived ? { source: arrived.source } : extractBody(body);
    super(given.source);
    this.status = arrived?.status ?? statusOf(init.status);
    this.statusText = arrived?.statusText ?? String(init.statusText ?? '');
    this.headers = arrived?.headers ?? new Headers(init.headers);
    this.url = arrived?.url ?? '';
    this.redirected = arrived?.redirected ?? false;
    this.type = arrived?.type ?? (arrived ? 'basic' : 'default');
    if (arrived) return;
    if (this.hasBody() && bodiless.has(this.status)) {
      throw new TypeError(`Response constructor: Invalid response status code ${this.status}`);
    }
    const { type } = given as { type?: string };
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  clone(): Response {
    const { status, statusText, headers, url, redirected, type } = this;
    const source = this.fork();
    return arrivedResponse({
      source,
      status,
      statusText,
      headers: new Headers(headers),
      url,
      redirected,
      type,
    });
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Value is not JSON serializable');
    const response = new Response(text, init);
    if (!new Headers(init.headers).has('content-type'))
      response.headers.set('content-type', 'application/json');
    return response;
  }

  static error(): Response {
    const headers = new Headers();
    const source: BodySource = { kind: 'none' };
    return arrivedResponse({
      source,
      status: 0,
      statusText: '',
      headers,
      url: '',
      redirected: false,
      type: 'error',
    });
  }

  static redirect(url: unknown, status = 302): Response {
    const { href } = parseUrl(String(url));
    if (!redirects.has(status)) throw new RangeError(`Invalid status code ${status}`);
    return new Response(null, { status, headers: { location: href } });
  }
}

/** A response that came from somewhere, as opposed to one that a script has made. */
export function arrivedResponse(arrived: Arrived): Response {
  arriving = arrived;
  return new Response();
}

/** 204 and its like have no body, whatever was sent. */
export function mayHaveBody(status: number): boolean {
  return !bodiless.has(status);
}

export function isRedirectStatus(status: number): boolean {
  return redirects.has(status);
}

function statusOf(status: unknown): number {
  if (status === undefined) return 200;
  const number = Number(status);
  if (Number.isInteger(number) && number >= 200 && number <= 599) return number;
  throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
}
