import type { UpstreamTls } from '../contract/upstream-tls.ts';

export interface UpstreamRequest {
  /** On whose behalf: `exec_…`. */
  execution?: string | undefined;
  method: string;
  /** As WHATWG URL spells it: `https://example.test:8443`, no path, no credentials. */
  origin: string;
  /** The request target as it goes on the wire: path and query. */
  path: string;
  /** Raw name, value, name, value. */
  headers: string[];
  body: Uint8Array | undefined;
  /** Each distinct set gets sockets of its own. */
  tls?: UpstreamTls | undefined;
}

/** Host and port of an origin; an IPv6 address without its brackets. */
export function placeOf(origin: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(origin);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}

/** Read once, by one reader: by iterating it, by `collect` or by `discard`. */
export interface UpstreamBody extends AsyncIterable<Uint8Array> {
  /** Whether it has arrived whole, as small bodies do together with the head. */
  readonly complete: boolean;
  /**
   * All of it, in its chunks. Rejects with BodyTooLarge as soon as it is longer than `maxBytes`, and with what
   * `onBytes`, which is told of each chunk, throws.
   */
  collect(maxBytes: number, onBytes?: (bytes: number) => void): Promise<Uint8Array[]>;
  /** Nobody will read it; ends the connection if more of it is on its way. */
  discard(): void;
}

export interface UpstreamResponse {
  status: number;
  statusText: string;
  /** Raw name, value, name, value. */
  headers: string[];
  /** As it came, not decompressed. */
  body: UpstreamBody;
}

/** Makes the HTTP requests of one isolate. Rejects with errors that read like those of node:http. */
export interface Upstream {
  request(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse>;
  close(): void;
}

export class BodyTooLarge extends Error {
  readonly code = 'ERR_HTTP_BODY_TOO_LARGE';
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`The body is larger than ${maxBytes} bytes`);
    this.name = 'Error';
    this.maxBytes = maxBytes;
  }
}
