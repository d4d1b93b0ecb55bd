import { Buffer } from 'buffer';
import { notImplemented } from '../not-implemented.ts';
import { type Agent, refuseForeignAgent } from './http-agent.ts';
import { coded, validateHeaderName } from './http-headers.ts';
import { parseUrl, type UrlLike } from './http-url.ts';
import { type TlsOptions, tlsOptionsOf } from './tls-options.ts';

export type RequestOptions = Record<string, unknown>;

/** What a request is to be, read out of everything that `http.request` takes. */
export interface RequestTarget {
  protocol: string;
  host: string;
  port: number;
  path: string;
  method: string;
  /** `http://host:port`, as the host reads it. */
  url: string;
  hostHeader: string;
  authorization: string | undefined;
  tls: TlsOptions | undefined;
}

/** `(url)`, `(url, options)`, `(options)`, each with a callback after it. */
export function readArguments(
  input: unknown,
  options: unknown,
  callback: unknown,
): { options: RequestOptions; callback: ((response: unknown) => void) | undefined } {
  let given: RequestOptions = {};
  let rest = options;
  let last = callback;
  if (typeof input === 'string') given = urlToHttpOptions(parseUrl(input));
  else if (isUrl(input)) given = urlToHttpOptions(input);
  else {
    last = rest;
    rest = input;
  }
  if (typeof rest === 'function') {
    last = rest;
    rest = {};
  }
  return {
    options: Object.assign(given, rest),
    callback: typeof last === 'function' ? (last as (response: unknown) => void) : undefined,
  };
}

function isUrl(value: unknown): value is UrlLike {
  const url = value as Partial<UrlLike> | null;
  return (
    typeof url === 'object' &&
    url !== null &&
    typeof url.href === 'string' &&
    url.pathname !== undefined &&
    url.username !== undefined
  );
}

/** As `url.urlToHttpOptions`. */
export function urlToHttpOptions(url: UrlLike): RequestOptions {
  const { protocol, hostname, pathname, search, port, username, password, href } = url;
  return {
    protocol,
    hostname: bare(hostname),
    search,
    pathname,
    path: `${pathname}${search}`,
    href,
    ...(port !== '' ? { port: Number(port) } : {}),
    ...(username || password
      ? { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }
      : {}),
  };
}

/** Throws the errors of node:http for what cannot be requested, and by name what the sandbox does not do. */
export function readTarget(options: RequestOptions, expectedProtocol: 'http:' | 'https:'): RequestTarget {
  const agent = options.agent as Agent | undefined;
  refuseForeignAgent(agent);
  if (options.socketPath) throw notImplemented('the option socketPath');
  if (typeof options.createConnection === 'function') throw notImplemented('the option createConnection');
  const protocol = String(options.protocol || expectedProtocol);
  if (protocol !== expectedProtocol) {
    throw coded(
      'ERR_INVALID_PROTOCOL',
      `Protocol "${protocol}" not supported. Expected "${expectedProtocol}"`,
    );
  }
  const defaultPort = protocol === 'https:' ? 443 : 80;
  const port = Number(options.port || options.defaultPort || defaultPort);
  const host = bare(String(options.hostname || options.host || 'localhost'));
  const path = String(options.path || '/');
  if (/[^\x21-\xff]/.test(path)) {
    throw coded('ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters');
  }
  const method = options.method == null ? 'GET' : String(options.method).toUpperCase();
  validateHeaderName(method, 'Method');
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    protocol,
    host,
    port,
    path,
    method,
    url: `${protocol}//${shown}:${port}`,
    hostHeader: port === defaultPort ? shown : `${shown}:${port}`,
    authorization:
      typeof options.auth === 'string' && options.auth !== ''
        ? `Basic ${Buffer.from(options.auth).toString('base64')}`
        : undefined,
    tls: protocol === 'https:' ? tlsOptionsOf(options, agent?.options) : undefined,
  };
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
