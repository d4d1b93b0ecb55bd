import { Buffer } from 'buffer';
import { http } from './http.ts';
import { Agent, HttpsAgent } from './http-agent.ts';
import { https } from './https.ts';
import { hasTlsOptions } from './tls-options.ts';

/** The parts of axios that the fast adapter is made of. */
export interface AxiosStatic {
  defaults: { adapter: unknown };
  VERSION: string;
  Axios: new (defaults: object) => { getUri(config: object): string };
  AxiosError: AxiosErrorClass;
  CanceledError: new (message: null, config: unknown, request: unknown) => Error;
  AxiosHeaders: { from(headers: unknown): AxiosHeaders; new (headers?: unknown): AxiosHeaders };
  getAdapter(name: string): (config: AxiosConfig) => Promise<unknown>;
}

export interface AxiosErrorClass {
  new (message: string, code?: string, config?: unknown, request?: unknown, response?: unknown): Error;
  from(error: Error, code: string | null, config: unknown, request: unknown, response?: unknown): Error;
}

export interface AxiosHeaders {
  normalize(): AxiosHeaders;
  set(name: string, value: unknown, rewrite?: boolean): AxiosHeaders;
  get(name: string): unknown;
  has(name: string): boolean;
  delete(name: string): boolean;
  toJSON(): Record<string, unknown>;
}

export interface SignalLike {
  aborted: boolean;
  addEventListener(type: 'abort', listener: (event: unknown) => void): void;
  removeEventListener(type: 'abort', listener: (event: unknown) => void): void;
}

export interface AxiosConfig {
  url?: unknown;
  baseURL?: unknown;
  allowAbsoluteUrls?: unknown;
  method?: unknown;
  headers?: unknown;
  params?: unknown;
  data?: unknown;
  auth?: { username?: unknown; password?: unknown } | null;
  timeout?: unknown;
  timeoutErrorMessage?: unknown;
  transitional?: { clarifyTimeoutError?: boolean; advertiseZstdAcceptEncoding?: boolean } | null;
  responseType?: unknown;
  responseEncoding?: unknown;
  decompress?: unknown;
  maxRedirects?: unknown;
  maxContentLength?: unknown;
  maxBodyLength?: unknown;
  validateStatus?: ((status: number) => boolean) | null;
  signal?: SignalLike | null;
  cancelToken?: {
    subscribe(listener: (reason: unknown) => void): void;
    unsubscribe(listener: unknown): void;
  } | null;
  httpAgent?: unknown;
  httpsAgent?: unknown;
  [option: string]: unknown;
}

/** Options that only axios' own adapter knows what to do with. */
const notForTheFastOne = [
  ...[
    'transport',
    'socketPath',
    'lookup',
    'family',
    'insecureHTTPParser',
    'http2Options',
    'maxRate',
    'proxy',
  ],
  ...['onUploadProgress', 'onDownloadProgress', 'beforeRedirect', 'sensitiveHeaders', 'paramsSerializer'],
];
const textTypes = new Set<unknown>([undefined, null, '', 'text', 'json', 'arraybuffer']);

/**
 * Whether the fast adapter may take a request: what it does not do exactly as axios' http adapter would, it leaves to
 * that. `data` is what axios' transformRequest has made of the script's.
 */
export function isPlain(config: AxiosConfig): boolean {
  for (const option of notForTheFastOne) if (config[option] != null && config[option] !== false) return false;
  const { data, responseType, timeout, httpVersion, transitional } = config;
  return (
    textTypes.has(responseType) &&
    (httpVersion === undefined || httpVersion === 1) &&
    (timeout === undefined || timeout === null || (typeof timeout === 'number' && timeout >= 0)) &&
    (data === undefined || data === null || data === '' || typeof data === 'string' || isBytes(data)) &&
    typeof config.method === 'string' &&
    isOptionalLimit(config.maxRedirects) &&
    isOptionalLimit(config.maxBodyLength) &&
    isOptionalLimit(config.maxContentLength) &&
    transitional?.advertiseZstdAcceptEncoding !== true &&
    isOrdinaryAgent(config.httpAgent ?? http.globalAgent) &&
    isOrdinaryAgent(config.httpsAgent ?? https.globalAgent)
  );
}

export function isBytes(data: unknown): data is Uint8Array | ArrayBuffer {
  return Buffer.isBuffer(data) || data instanceof ArrayBuffer;
}

function isOptionalLimit(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && !Number.isNaN(value));
}

const ordinaryPrototypes = new Set<unknown>([Agent.prototype, HttpsAgent.prototype]);

/** Keep-alive and the like are the host's business; TLS settings and time-outs are not lost, they go the other way. */
function isOrdinaryAgent(agent: unknown): boolean {
  if (!ordinaryPrototypes.has(Object.getPrototypeOf(agent))) return false;
  const { options, maxSockets } = agent as Agent;
  return options.timeout === undefined && maxSockets === Number.POSITIVE_INFINITY && !hasTlsOptions(options);
}

const absolute = /^https?:\/\/[^/?#\\@\s]+(?:[/?#]|$)/i;

/**
 * The absolute URL of a request without its params, or undefined where axios' own code must say what it is: no
 * credentials, nothing to repair.
 */
export function plainUrl({ url, baseURL, allowAbsoluteUrls }: AxiosConfig): string | undefined {
  if (typeof url !== 'string' && !(url === undefined && baseURL)) return undefined;
  const relative = url ?? '';
  const isAbsolute = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i.test(relative);
  if (!baseURL || (isAbsolute && allowAbsoluteUrls !== false)) {
    return hasNoCredentials(relative) ? relative : undefined;
  }
  if (typeof baseURL !== 'string' || /^\s*https?:(?!\/\/)/i.test(relative)) return undefined;
  const combined = relative ? `${baseURL.replace(/\/+$/, '')}/${relative.replace(/^\/+/, '')}` : baseURL;
  return hasNoCredentials(combined) ? combined : undefined;
}

function hasNoCredentials(url: string): boolean {
  return absolute.test(url);
}
