import http from 'node:http';
import https from 'node:https';

export interface UpstreamRequest {
  method: string;
  /** Absolute; http or https. */
  url: string;
  /** Raw: name, value, name, value. */
  headers: readonly string[];
  body: Uint8Array;
}

export interface UpstreamAnswer {
  status: number;
  statusText: string;
  /** Raw: name, value, name, value. */
  headers: string[];
  body: Uint8Array;
}

/**
 * Makes a script's HTTP call in this process, where interceptors of node:http and node:https (nock, MSW) see it.
 * Follows no redirect and unpacks nothing: the script's own client does. Rejects with the error of node:http or of
 * the interceptor, its `code` kept, and with the signal's reason when it is aborted.
 */
export function performUpstream(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(request.url);
    // Read from the module object at each call: that is what interceptors replace.
    const client = url.protocol === 'https:' ? https : http;
    const outgoing = client.request(url, {
      method: request.method,
      headers: grouped(request.headers),
      signal,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          statusText: incoming.statusMessage ?? '',
          headers: incoming.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.end(request.body);
  });
}

/** As an object: node:http adds Host and Content-Length only then. Repeated names become lists. */
function grouped(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
