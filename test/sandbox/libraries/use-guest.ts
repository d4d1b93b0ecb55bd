import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { afterAll, beforeAll } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createCertificates } from '../../servers/certificates.ts';
import { listenOnLoopback } from '../../servers/listen.ts';
import { createTestPool, resultOf } from '../sandbox-pool.ts';

interface Guest {
  // biome-ignore lint/suspicious/noExplicitAny: whatever a library is
  require(request: string): any;
  configuration: Record<string, string>;
}

/** A function's source is run in an isolate: it sees nothing of the test around it. Answers its result as JSON. */
export type InGuest = <T>(
  work: (guest: Guest) => T | Promise<T>,
  configuration?: Record<string, string>,
) => Promise<T>;

/** Real sandbox processes for the tests of a file. */
export function useGuest(): InGuest {
  let pool: Pool;
  beforeAll(async () => {
    pool = await createTestPool({ limits: { wallMs: 10_000, cpuMs: 5_000, memoryMb: 128 } });
  });
  afterAll(() => pool?.close());
  return async (work, configuration = {}) => {
    const source = `const work = ${work.toString()};
function getUser(id, context, callback) {
  Promise.resolve().then(() => work({ require, configuration })).then((result) => callback(null, result), callback);
}`;
    return (await resultOf(pool, source, { isolation: 'execution', configuration })) as never;
  };
}

export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface HttpAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
}

/** An HTTP server on the loopback that keeps what it was asked; with `tls`, one whose certificate nobody trusts. */
export async function startHttpServer(answer: (request: Received) => HttpAnswer, { tls = false } = {}) {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', () => {
        const { method = '', url = '', headers } = request;
        const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
        received.push(one);
        const { status = 200, headers: answered = {}, body = '' } = answer(one);
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        response.writeHead(status, answered).end(text);
      });
  };
  const { port, close } = await listenOnLoopback(
    tls ? createHttpsServer(createCertificates().server, listener) : createServer(listener),
  );
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, received, close };
}
