import * as z from 'zod';
import { strings } from '../../contract/strings.ts';
import { UpstreamTls } from '../../contract/upstream-tls.ts';
import type { UpstreamRequest } from '../upstream.ts';

const MAX_HEADER_BYTES = 64 * 1024;

/** What a guest asks of the operation `http`. */
export const HttpParams = z.object({
  method: z.string(),
  /** Absolute; its fragment and its credentials are not sent. */
  url: z.string(),
  /** Path and query as they are to go on the wire, where they are not the URL's own. */
  path: z.string().optional(),
  /** Raw name, value, name, value. */
  headers: strings(MAX_HEADER_BYTES),
  /** The request body, where it is text; bytes come beside the params. */
  text: z.string().optional(),
  /** Take the response's content-encoding off. */
  decompress: z.boolean(),
  /** How the body crosses: `auto` is text where that loses nothing, else bytes. */
  as: z.enum(['text', 'bytes', 'auto']),
  /** Whether head and body may come apart; otherwise everything is in the one answer. */
  stream: z.boolean(),
  /** Bytes of the response body, decompressed. The host's own limit holds too. */
  maxBytes: z.number().min(0).optional(),
  /** Milliseconds until the head. */
  timeoutMs: z.number().positive().optional(),
  /** Milliseconds between two pieces of the body. */
  idleMs: z.number().positive().optional(),
  /** The guest follows redirects: their bodies are not wanted. */
  skipRedirectBody: z.boolean().optional(),
  tls: UpstreamTls.optional(),
});
export type HttpParams = z.infer<typeof HttpParams>;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// As node:_http_common checks them: what could end a header line or a request line is refused.
const badInValue = /[^\t\x20-\x7e\x80-\xff]/;
const badInPath = /[^\x21-\xff]/;

/** Headers that say how this hop is framed. The transport writes them itself, so that they fit the body. */
const framing = new Set([
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);

const KEPT_ORIGINS = 64;
const origins = new Map<string, string>();

/** Throws errors with the codes of node:http for what must not go on the wire. */
export function toUpstreamRequest(params: HttpParams, bytes: Uint8Array | undefined): UpstreamRequest {
  if (!token.test(params.method)) {
    throw invalid('ERR_INVALID_HTTP_TOKEN', `Method must be a valid HTTP token ["${params.method}"]`);
  }
  if (params.method.toUpperCase() === 'CONNECT')
    throw invalid('ERR_METHOD_NOT_IMPLEMENTED', 'CONNECT is not available');
  const { origin, path } = target(params);
  if (path[0] !== '/' && !(path === '*' && params.method === 'OPTIONS')) {
    throw invalid('ERR_INVALID_URL', 'The request path must begin with a slash');
  }
  if (badInPath.test(path)) {
    throw invalid('ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters');
  }
  const body = params.text === undefined ? bytes : Buffer.from(params.text);
  return {
    method: params.method,
    origin,
    path,
    headers: checkedHeaders(params.headers),
    body,
    tls: params.tls,
  };
}

function target({ url, path }: HttpParams): { origin: string; path: string } {
  if (path !== undefined) return { origin: knownOrigin(url), path };
  const parsed = new URL(url);
  return { origin: originOf(parsed), path: parsed.pathname + parsed.search };
}

function knownOrigin(url: string): string {
  const known = origins.get(url);
  if (known) return known;
  const origin = originOf(new URL(url));
  if (origins.size >= KEPT_ORIGINS) origins.clear();
  origins.set(url, origin);
  return origin;
}

function originOf({ protocol, origin }: URL): string {
  if (protocol === 'http:' || protocol === 'https:') return origin;
  throw invalid('ERR_INVALID_PROTOCOL', `Protocol "${protocol}" not supported. Expected "http:" or "https:"`);
}

function checkedHeaders(headers: string[]): string[] {
  if (headers.length % 2 !== 0) throw invalid('ERR_INVALID_ARG_VALUE', 'A header has no value');
  const checked: string[] = [];
  let bytes = 0;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!;
    const value = headers[index + 1]!;
    if (!token.test(name)) {
      throw invalid('ERR_INVALID_HTTP_TOKEN', `Header name must be a valid HTTP token ["${name}"]`);
    }
    if (badInValue.test(value)) {
      throw invalid('ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
    }
    bytes += name.length + value.length + 4;
    if (!framing.has(name.toLowerCase())) checked.push(name, value);
  }
  if (bytes > MAX_HEADER_BYTES) {
    throw invalid('ERR_HTTP_HEADERS_TOO_LARGE', `The headers are larger than ${MAX_HEADER_BYTES} bytes`);
  }
  return checked;
}

function invalid(code: string, message: string): Error {
  return Object.assign(new TypeError(message), { code });
}
