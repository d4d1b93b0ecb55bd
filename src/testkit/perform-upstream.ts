import http from 'node:http';
import https from 'node:https';
import type { PerformUpstream } from '../pool/upstream-requests.ts';
import { tlsOptions } from './tls-options.ts';

/**
 * Makes a script's HTTP call in this process, where interceptors of node:http and node:https (nock, MSW) see it.
 * Follows no redirect and unpacks nothing: the script's own client does. Rejects with the error of node:http or of
 * the interceptor, its `code` kept, and with the signal's reason when it is aborted.
 */
export const performUpstream: PerformUpstream = (request, signal) =>
  new Promise((resolve, reject) => {
    const url = new URL(request.url);
    // Read from the module object at each call: that is what interceptors replace.
    const client = url.protocol === 'https:' ? https : http;
    const outgoing = client.request(url, {
      method: request.method,
      headers: grouped(request.headers),
      signal,
      ...tlsOptions(request.tls),
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
