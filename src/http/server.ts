import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Draining } from './draining.ts';
import { refuseNoHttp } from './refuse-no-http.ts';

/** The port cannot be had; the message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface HttpServer {
  /** Resolves when connections are accepted. Throws ListenError. */
  listen(at: { host: string; port: number }): Promise<{ port: number }>;
  /** Answers what is under way, refuses the rest, then ends; whatever is left after `graceMs` is cut off. */
  drain(graceMs: number): Promise<void>;
}

const reasons: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `port ${port} of ${host} is taken; stop what listens there or choose another with --port (0 takes any free one)`,
  EACCES: (_host, port) =>
    `port ${port} needs privileges this user does not have; choose one above 1023 with --port`,
  EADDRNOTAVAIL: (host) => `${host} is no address of this machine; choose another with --host`,
  ENOTFOUND: (host) => `the host name ${host} cannot be resolved; choose another with --host`,
};

export function createHttpServer(app: Express, draining: Draining): HttpServer {
  const server = createServer(
    {
      // Longer than what load balancers keep idle connections for, so that it is never us who close first.
      keepAliveTimeout: 65_000,
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      // The app refuses it, with problem details.
      requireHostHeader: false,
    },
    app,
  );
  server.on('clientError', refuseNoHttp);
  // An expectation that Node does not know is none that the app has to meet.
  server.on('checkExpectation', app);

  return {
    async listen({ host, port }) {
      server.listen(port, host);
      try {
        await once(server, 'listening');
      } catch (error) {
        const { code = '', message } = error as NodeJS.ErrnoException;
        throw new ListenError(reasons[code]?.(host, port) ?? message, { cause: error });
      }
      return { port: (server.address() as AddressInfo).port };
    },
    async drain(graceMs) {
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      const grace = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
      try {
        // Connections stay open meanwhile: a new request is told to go elsewhere instead of being reset.
        await Promise.race([draining.start(), grace]);
        if (!server.listening) return;
        const closed = once(server, 'close');
        server.close();
        server.closeIdleConnections();
        await closed;
      } finally {
        clearTimeout(cut);
      }
    },
  };
}
