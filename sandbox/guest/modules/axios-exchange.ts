import { Buffer } from 'buffer';
import { type Operation, startOperation, toArrayBuffer } from '../bridge.ts';
import type { AxiosConfig, AxiosHeaders, AxiosStatic } from './axios-config.ts';
import { bareHeaders, rawHeaders } from './axios-headers.ts';
import { type Hop, redirected, redirectFailure } from './axios-redirect.ts';
import { type HttpAnswer, SentRequest } from './axios-sent-request.ts';
import { coded, mergeHeaders } from './http-headers.ts';
import { parseUrl } from './http-url.ts';
import { tlsOptionsOf } from './tls-options.ts';

declare const performance: { now(): number };

type Payload = string | ArrayBuffer | undefined;

/** What follow-redirects follows when it is not told. */
const DEFAULT_MAX_REDIRECTS = 21;

/** One call of axios: a request and the redirects after it. */
export class AxiosExchange {
  readonly #axios: AxiosStatic;
  readonly #config: AxiosConfig;
  readonly #slow: (config: AxiosConfig) => Promise<unknown>;
  readonly #body: string | Uint8Array | undefined;
  readonly #auth: { origin: string; header: string; credentials: string } | undefined;
  readonly #timeout: number;
  readonly #maxRedirects: number;
  readonly #startedAt: number;
  #hop: Hop;
  #redirects = 0;
  #operation: Operation | undefined;
  #settled = false;
  #resolve: (response: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(
    axios: AxiosStatic,
    config: AxiosConfig,
    url: string,
    headers: AxiosHeaders,
    slow: (config: AxiosConfig) => Promise<unknown>,
  ) {
    this.#axios = axios;
    this.#config = config;
    this.#slow = slow;
    this.#timeout = Math.trunc(Number(config.timeout ?? 0));
    this.#maxRedirects =
      config.maxRedirects === undefined ? DEFAULT_MAX_REDIRECTS : Number(config.maxRedirects);
    this.#startedAt = this.#timeout > 0 ? performance.now() : 0;
    headers.set('User-Agent', `axios/${axios.VERSION}`, false);
    this.#body = bodyOf(config.data);
    if (this.#body !== undefined) headers.set('Content-Length', byteLength(this.#body), false);
    const { auth } = config;
    if (auth) {
      headers.delete('authorization');
      const credentials = `${auth.username || ''}:${auth.password || ''}`;
      const header = `Basic ${Buffer.from(credentials).toString('base64')}`;
      this.#auth = { header, credentials, origin: parseUrl(url).origin };
    }
    headers.set('Accept-Encoding', 'gzip, compress, deflate, br', false);
    const sent = bareHeaders(headers.toJSON());
    if (this.#auth) sent.Authorization = this.#auth.header;
    const method = (config.method as string).toUpperCase();
    this.#hop = { url, method, headers: sent, withBody: this.#body !== undefined };
  }

  start(resolve: (response: unknown) => void, reject: (error: unknown) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    const { maxBodyLength, signal, cancelToken } = this.#config;
    const { AxiosError } = this.#axios;
    if (this.#body !== undefined && limit(maxBodyLength) < byteLength(this.#body)) {
      const message = 'Request body larger than maxBodyLength limit';
      return this.#fail(new AxiosError(message, 'ERR_BAD_REQUEST', this.#config));
    }
    if (cancelToken) cancelToken.subscribe(this.#cancel);
    if (signal) {
      if (signal.aborted) return this.#cancel(undefined);
      signal.addEventListener('abort', this.#cancel);
    }
    this.#send();
  }

  #send(): void {
    const { decompress, responseType, responseEncoding, maxContentLength } = this.#config;
    const { url, method, headers, withBody } = this.#hop;
    const body = withBody ? this.#body : undefined;
    const left = this.#timeLeft();
    if (left !== undefined && left <= 0) return this.#failByTimeout();
    const asText = responseType !== 'arraybuffer' && isUtf8(responseEncoding);
    const params = {
      method,
      url,
      headers: rawHeaders(headers),
      text: typeof body === 'string' ? body : undefined,
      decompress: decompress !== false,
      as: asText ? 'text' : 'bytes',
      stream: false,
      maxBytes: limit(maxContentLength) === Number.POSITIVE_INFINITY ? undefined : maxContentLength,
      timeoutMs: left,
      idleMs: this.#timeout > 0 ? this.#timeout : undefined,
      skipRedirectBody: this.#maxRedirects > 0 || undefined,
      tls: isHttps(url) ? tlsOptionsOf() : undefined,
    };
    const bytes = typeof body === 'object' ? toArrayBuffer(body) : undefined;
    this.#operation = startOperation('http', params, bytes, ({ type, value, payload }) => {
      if (type === 'done') this.#receive(value, payload);
      else if (type === 'failed') this.#failed(value);
    });
  }

  #receive(answer: HttpAnswer, payload: Payload): void {
    const headers = mergeHeaders(answer.headers);
    const { status } = answer;
    if (this.#maxRedirects > 0 && status >= 300 && status < 400 && headers.location) {
      return this.#redirect(status, headers.location as string);
    }
    const compressed = this.#takeOffEncoding(headers, status);
    const response: Record<string, unknown> = {
      status,
      statusText: answer.statusText,
      headers: new this.#axios.AxiosHeaders(headers),
      config: this.#config,
      request: this.#request(answer),
    };
    if (answer.broken) return this.#failInBody(answer.broken, response, compressed);
    response.data = this.#dataOf(payload);
    this.#settle(response);
  }

  #settle(response: Record<string, unknown>): void {
    const { validateStatus } = this.#config;
    const status = response.status as number;
    if (!status || !validateStatus || validateStatus(status)) return this.#end(() => this.#resolve(response));
    const code = status >= 400 && status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
    const message = `Request failed with status code ${status}`;
    this.#fail(new this.#axios.AxiosError(message, code, this.#config, response.request, response));
  }

  #redirect(status: number, location: string): void {
    try {
      if (++this.#redirects > this.#maxRedirects) {
        throw redirectFailure('ERR_FR_TOO_MANY_REDIRECTS', 'Maximum number of redirects exceeded');
      }
      this.#hop = redirected(this.#hop, status, location, this.#auth);
    } catch (error) {
      return this.#fail(this.#axios.AxiosError.from(error as Error, null, this.#config, this.#request()));
    }
    this.#send();
  }

  #failed(error: Error & { code?: string; reason?: string; maxBytes?: number }): void {
    if (error.reason === 'deadline') return this.#failByTimeout();
    if (error.code === 'ERR_INVALID_URL' && this.#redirects === 0) {
      return this.#end(() => this.#slow(this.#config).then(this.#resolve, this.#reject));
    }
    this.#fail(this.#axios.AxiosError.from(error, null, this.#config, this.#request()));
  }

  #failInBody(
    broken: NonNullable<HttpAnswer['broken']>,
    response: Record<string, unknown>,
    compressed: boolean,
  ): void {
    const { AxiosError } = this.#axios;
    const { request } = response;
    if (broken.maxBytes !== undefined) {
      const message = `maxContentLength size of ${broken.maxBytes} exceeded`;
      return this.#fail(new AxiosError(message, 'ERR_BAD_RESPONSE', this.#config, request));
    }
    // Without follow-redirects it is axios' own timer that goes off, with it the socket's.
    if (broken.timedOut && this.#maxRedirects === 0) return this.#failByTimeout();
    const cutOff = broken.timedOut || broken.code === 'ECONNRESET';
    if (cutOff && !compressed) {
      const message = 'stream has been aborted';
      return this.#fail(new AxiosError(message, 'ERR_BAD_RESPONSE', this.#config, request, response));
    }
    const error = cutOff
      ? coded('ECONNRESET', 'aborted', Error)
      : Object.assign(new Error(broken.message), broken.code === undefined ? {} : { code: broken.code });
    this.#fail(AxiosError.from(error, null, this.#config, request, response));
  }

  #failByTimeout(): void {
    const { timeout, timeoutErrorMessage, transitional } = this.#config;
    const message = (timeoutErrorMessage as string) || `timeout of ${timeout}ms exceeded`;
    const code = transitional?.clarifyTimeoutError ? 'ETIMEDOUT' : 'ECONNABORTED';
    this.#fail(new this.#axios.AxiosError(message, code, this.#config, this.#request()));
  }

  #cancel = (reason: unknown): void => {
    const isEvent = !reason || (reason as { type?: unknown }).type;
    const error = isEvent ? new this.#axios.CanceledError(null, this.#config, this.#request()) : reason;
    this.#fail(error);
  };

  #fail(error: unknown): void {
    this.#end(() => this.#reject(error));
  }

  #end(settle: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#operation?.cancel();
    this.#config.cancelToken?.unsubscribe(this.#cancel);
    this.#config.signal?.removeEventListener('abort', this.#cancel);
    settle();
  }

  #timeLeft(): number | undefined {
    if (this.#timeout <= 0) return undefined;
    return this.#timeout - (performance.now() - this.#startedAt);
  }

  /** The headers as they read after decompression; whether there was any. */
  #takeOffEncoding(headers: ReturnType<typeof mergeHeaders>, status: number): boolean {
    const encoding = headers['content-encoding'];
    if (this.#config.decompress === false || encoding === undefined) return false;
    const bodiless = this.#hop.method === 'HEAD' || status === 204;
    const known = /^(?:x-)?(?:gzip|compress)$|^deflate$|^br$|^zstd$/i.test(String(encoding));
    if (bodiless || known) delete headers['content-encoding'];
    return known && !bodiless;
  }

  #dataOf(payload: Payload): unknown {
    const { responseType, responseEncoding } = this.#config;
    if (responseType === 'arraybuffer')
      return Buffer.from((payload as ArrayBuffer | undefined) ?? new ArrayBuffer(0));
    if (payload === undefined) return '';
    if (typeof payload === 'string') return payload.charCodeAt(0) === 0xfeff ? payload.slice(1) : payload;
    return Buffer.from(payload).toString(responseEncoding as 'latin1');
  }

  /** What axios gives as `request`: read by few, so made late. */
  #request(answer?: HttpAnswer): object {
    const redirects = this.#maxRedirects > 0 ? this.#redirects : undefined;
    return new SentRequest(this.#hop, { redirects, credentials: this.#auth?.credentials, answer });
  }
}

function bodyOf(data: unknown): string | Uint8Array | undefined {
  if (!data) return undefined;
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer ? new Uint8Array(data) : (data as Uint8Array);
}

function byteLength(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}

function isHttps(url: string): boolean {
  return /^https:/i.test(url);
}

function limit(value: unknown): number {
  return typeof value === 'number' && value > -1 ? value : Number.POSITIVE_INFINITY;
}

function isUtf8(encoding: unknown): boolean {
  return encoding === undefined || encoding === null || encoding === 'utf8' || encoding === 'utf-8';
}
