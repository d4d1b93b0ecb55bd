import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface SeenRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** Answers it; tests that hold a request back do so by not calling this yet. */
  answer(status: number, body: unknown, headers?: Record<string, string>): void;
}

/** What the tests' scripts call. */
export interface Upstream extends AsyncDisposable {
  url: string;
  /** `127.0.0.1:<port>`, as DRAWBRIDGE_EGRESS_ALLOW wants it. */
  address: string;
  seen: SeenRequest[];
  /** The next request that arrives from now on. */
  next(): Promise<SeenRequest>;
  close(): Promise<void>;
}

function answerer(response: ServerResponse): SeenRequest['answer'] {
  return (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** An HTTP server on a free port of the loopback; `handle` answers, now or later. */
export async function startUpstream(handle: (request: SeenRequest) => void): Promise<Upstream> {
  const seen: SeenRequest[] = [];
  let waiting: ((request: SeenRequest) => void)[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: await text(incoming), answer: answerer(response) };
    seen.push(request);
    const resolvers = waiting;
    waiting = [];
    for (const resolve of resolvers) resolve(request);
    handle(request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function close(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
  return {
    url: `http://${address}`,
    address,
    seen,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
